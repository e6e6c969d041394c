"""What the leaves of a query find in the fields that they look into: nothing, everything, or too little."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import partial

from language.concepts import ANY, Concept
from language.gazetteer import gazetteer
from language.languages import scripts
from language.placenames import named
from language.scripts import fold_word, script_of
from rules.findings import Draft, Finding, children, spell
from rules.lint_words import EXAMPLES, Ideas, faults_of, is_grammar
from rules.probing import Probe, Text, samples_of
from rules.query import NAME_FIELDS, TEXT_FIELDS, And, ConceptRef, InField, Node, Not, Or, Phrase, Regex, Word

_WIDEST_EXPRESSION = 0.5  # of the neutral sentences
# What any expression that asks for something leaves alone; written for this purpose.
NEUTRAL = (
    "The old bridge near the market was painted green on Tuesday.",
    "Sie brachte ihrer Tante zwei Gläser Honig mit.",
    "Le chat dort sous la table depuis midi.",
    "El tren salió tarde por culpa de la niebla.",
    "Adik membeli tiga ekor ayam di pasar.",
    "Çocuklar bahçede top oynuyor.",
    "وضعت الجدة الخبز على المائدة قرب النافذة",
    "بچه‌ها در باغ سیب می‌چینند",
    "منداڵەکان لە باخچەکە یاری دەکەن",
    "Zarok li ber deriyê malê dilîzin.",
    "Дети играют во дворе у реки.",
    "הילדה קראה ספר ליד החלון",
)  # fmt: skip


def leaf_findings(draft: Draft, probe: Probe, ideas: Ideas) -> Iterator[Finding]:
    """What each leaf of the query will meet."""
    for leaf, field in _leaves(draft.tree, None):
        if field == "place":
            yield from _place(draft, leaf, probe)
            continue
        never = _never(draft, leaf, field, probe)
        yield from never
        if never or field in NAME_FIELDS:
            continue
        for fault in faults_of(leaf, draft.languages, known=ideas):
            yield draft.found(fault.code, fault.says, fault.remedy, leaf)
        if isinstance(leaf, Regex):
            yield from _wide(draft, leaf, probe)


def ideas_of(concepts: Mapping[str, Concept]) -> dict[str, list[str]]:
    """Each word and phrase that concepts list, folded, with their names: the one called so, then the narrowest."""
    found: dict[str, list[str]] = {}
    sizes = {name: sum(map(len, concept.terms.values())) for name, concept in concepts.items()}
    for name, concept in concepts.items():
        items = {fold_word(item.strip("*=")) for row in concept.terms.values() for item in row}
        for item in items | {name.replace("-", " ")}:
            found.setdefault(item, []).append(name)
    for item, names in found.items():
        names.sort(key=partial(_fitness, item, sizes))
    return found


def _fitness(item: str, sizes: Mapping[str, int], name: str) -> tuple[bool, int, str]:
    return name.replace("-", " ") != item, sizes[name], name


def _leaves(node: Node, field: str | None) -> Iterator[tuple[Node, str | None]]:
    """The leaves with the field that each looks into."""
    inner = node.field if isinstance(node, InField) else field
    for part in children(node):
        yield from _leaves(part, inner)
    if not children(node):
        yield node, field


def _never(draft: Draft, leaf: Node, field: str | None, probe: Probe) -> list[Finding]:
    """A word that no article of these languages holds, or that is not met even by itself."""
    samples = samples_of(leaf)
    if not samples:
        return []
    if field == "url" and not samples[0].isascii():
        return [
            draft.found(
                "never-matches",
                f"url:{spell(leaf)}: addresses write such letters as %D8%A8, which no word meets",
                "look into title or tag, or write the Latin letters that the address has", leaf,
            )
        ]  # fmt: skip
    if field in NAME_FIELDS:
        return []
    script = script_of(samples[0])
    if draft.rule.languages and not _reads(draft.rule.languages, script):
        where = (
            f"the rule reads {', '.join(draft.languages)} only, and {spell(leaf)} is written in other letters"
        )
        return [draft.found("never-matches", where, "add its language to languages, or take it out", leaf)]
    if is_grammar(leaf, draft.languages) or probe.meets_itself(
        leaf, (*draft.languages, "und"), field or "body"
    ):
        return []
    says = f"{spell(leaf)} is not met even by a text that says just that"
    return [draft.found("never-matches", says, "write it as articles do", leaf)]


def _reads(languages: Iterable[str], script: str) -> bool:
    """Whether one of the languages is written in these letters; Latin names stand in texts of every script."""
    return script in ("Latn", "Zyyy") or any(script in scripts().get(lang, (script,)) for lang in languages)


def _wide(draft: Draft, leaf: Regex, probe: Probe) -> Iterator[Finding]:
    """An expression that meets sentences about nothing."""
    met = sum(leaf in probe.held(Text(sentence, "und")) for sentence in NEUTRAL)
    if met >= _WIDEST_EXPRESSION * len(NEUTRAL):
        yield draft.found(
            "regex-wide",
            f"/{leaf.pattern}/ meets {met} of {len(NEUTRAL)} sentences about nothing in many languages",
            "make it ask for words", leaf,
        )  # fmt: skip


def _place(draft: Draft, leaf: Node, probe: Probe) -> Iterator[Finding]:
    """place: takes a name, of a place or a concept; other names are met as mere words."""
    if not isinstance(leaf, Word | Phrase):
        if not isinstance(leaf, ConceptRef):
            yield draft.found(
                "place-takes-names", f"place:{spell(leaf)} is looked for as words, and not as a place",
                "write a name, like place:basra", leaf,
            )  # fmt: skip
        return
    if named(leaf.text) or probe.has_concept("-".join(fold_word(leaf.text).split())):
        return
    near = get_close_matches(fold_word(leaf.text), _place_names(), n=EXAMPLES, cutoff=0.75)
    said = (
        f"did you mean {' or '.join(f'place:{name}' for name in near)}?" if near else "see marsad place list"
    )
    yield draft.found(
        "unknown-place",
        f"place:{leaf.text} is no place that we know, and is met as a mere word",
        said, leaf,
    )  # fmt: skip


def _place_names() -> list[str]:
    names = (name for place in gazetteer().values() for row in place.names.values() for name in row)
    return list(dict.fromkeys((*gazetteer(), *map(fold_word, names))))


def unnamed_ideas(
    draft: Draft, ideas: Ideas, concepts: Mapping[str, Concept], *, said: Collection[int | None]
) -> Iterator[Finding]:
    """Words for which there is a concept that knows them in every language and spelling."""
    met: dict[str, list[Node]] = {}
    for leaf, field in _leaves(_wanted(draft.tree), None):
        column = draft.column(leaf)
        if (
            field in (None, *TEXT_FIELDS)
            and isinstance(leaf, Word | Phrase)
            and (column is None or column not in said)
        ):
            for name in ideas.get(fold_word(leaf.text), ())[:1]:
                met.setdefault(name, []).append(leaf)
    for name, found in met.items():
        concept = concepts[name]
        spellings = len({fold_word(item) for row in concept.terms.values() for item in row})
        langs = sum(lang != ANY for lang in concept.terms)
        words = ", ".join(dict.fromkeys(spell(leaf) for leaf in found))
        says = f"{words}: @{name} knows {_counted(spellings, 'spelling')} in {_counted(langs, 'language')}"
        yield draft.found("concept-exists", says, f"write @{name}", found[0])


def _wanted(node: Node) -> Node:
    """The tree without what stands under a NOT, where a missing spelling is no miss."""
    parts = tuple(part for part in children(node) if not isinstance(part, Not))
    match node:
        case And():
            return And(tuple(_wanted(part) for part in parts))
        case Or():
            return Or(tuple(_wanted(part) for part in parts))
        case _:
            return node


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
