"""What will surprise the author of a concept: items that never count, count twice, or count too much."""

from collections.abc import Iterator, Mapping, Sequence

from language.concepts import ANY, Concept
from language.languages import UNKNOWN, scripts
from language.scripts import fold_word, script_of
from rules.atoms import parse_item
from rules.document import Document
from rules.engine import Engine
from rules.findings import READ_MOST, Fault, Finding
from rules.lint_words import faults_of
from rules.probing import samples_of
from rules.query import ConceptRef, Literal, Node, Wildcard
from rules.rule import Rule


def concept_findings(own: Sequence[Concept], concepts: Mapping[str, Concept]) -> Iterator[Finding]:
    """What is odd about each item of these concepts, in order."""
    engine = Engine([Rule(name=one.name, tree=ConceptRef(one.name)) for one in own], concepts)
    for concept in own:
        for lang, items in concept.terms.items():
            for item in items:
                for fault in _faults(item, lang, concept, engine):
                    yield Finding(code=fault.code, says=fault.says, remedy=fault.remedy, concept=concept.name)


def _faults(item: str, lang: str, concept: Concept, engine: Engine) -> Iterator[Fault]:
    node = parse_item(item)
    if isinstance(node, ConceptRef):
        return
    langs = READ_MOST if lang == ANY else (lang,)
    wrong = _in_other_letters(item, lang, node)
    if wrong:
        yield wrong
        return
    if not isinstance(node, Literal):
        yield from faults_of(node, langs)
    yield from _covered(item, node, lang, concept.terms[lang])
    if not _counts(node, langs, concept.name, engine):
        yield Fault(
            "never-matches",
            f"{item} under {lang} is met by no text: what stands under not takes it back, or it is a word of grammar",
            "take it out, or make the exclusion narrower",
        )


def _in_other_letters(item: str, lang: str, node: Node) -> Fault | None:
    """An item in letters that its language is not written in: its forms are not looked for."""
    sample = next(iter(samples_of(node)), item)
    script = script_of(sample)
    if lang == ANY or isinstance(node, Literal) or script in ("Zyyy", *scripts().get(lang, (script,))):
        return None
    return Fault(
        "wrong-language",
        f"{item} stands under {lang}, which is written in other letters: none of its forms is looked for",
        "move it to its own language, or to any",
    )


def _covered(item: str, node: Node, lang: str, items: tuple[str, ...]) -> Iterator[Fault]:
    """A word beside word*, and a word that differs in nothing that counts."""
    if isinstance(node, Literal | Wildcard):
        return
    folded = fold_word(item)
    wider = next(
        (other for other in items if _is_open(other) and folded.startswith(fold_word(other[:-1]))), None
    )
    if wider and " " not in item:
        yield Fault("covered", f"{item} under {lang} adds nothing: {wider} meets it", f"take {item} out")
    elif folded in map(fold_word, items[: items.index(item)]):
        says = f"{item} stands twice under {lang}, in other capitals or marks"
        yield Fault("twice", says, "take one of them out")


def _is_open(item: str) -> bool:
    """word*, and nothing else"""
    return item.endswith("*") and item.count("*") == 1 and " " not in item and "?" not in item


def _counts(node: Node, langs: tuple[str, ...], name: str, engine: Engine) -> bool:
    """Whether the concept is met by the item written as a text."""
    texts = ((sample, lang) for sample in samples_of(node)[:1] for lang in (*langs, UNKNOWN))
    hits = (engine.match(Document(title="", body=sample, lang=lang)) for sample, lang in texts)
    return not samples_of(node) or any(hit.rule == name for found in hits for hit in found)
