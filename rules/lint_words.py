"""What a single word, wildcard or misspelling of a rule or concept will meet besides what it is written for."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from language.everyday import holds_sentences_together, is_everyday, known_words, stands_everywhere
from language.forms import term_keys, token_keys
from language.languages import scripts
from language.scripts import fold_word, script_of
from language.words import parts, words_in
from rules.distance import within
from rules.findings import Fault
from rules.patterns import wildcard_pattern
from rules.probing import PLAIN_EXPRESSION
from rules.query import Fuzzy, Node, Regex, Wildcard, Word

SHORT_WORD = 2  # letters
SHORT_WILDCARD = 3  # letters before the *
MANY_WORDS = 4  # of different origin, that a wildcard covers
EXAMPLES = 3
_TELLING = 2  # letters behind the wildcard's own, that make an example a word that people know
_LONGEST_CAPITALS = 5

Ideas = Mapping[str, Sequence[str]]  # a folded word or phrase -> the concepts that list it


def faults_of(leaf: Node, langs: Sequence[str], *, known: Ideas | None = None) -> Iterator[Fault]:
    """What speaks against a word of a rule or concept for `langs`."""
    match leaf:
        case Word(text):
            yield from _word(text, langs)
        case Wildcard(pattern):
            yield from _wildcard(pattern, langs)
        case Fuzzy(text, distance):
            yield from _fuzzy(text, distance, langs, known or {})
        case Regex(pattern):
            yield from _regex(pattern)
        case _:
            return


def is_grammar(node: Node, langs: Sequence[str]) -> bool:
    """Whether the node is a word that only holds sentences together in one of the languages."""
    return isinstance(node, Word) and bool(_where(node.text, langs, holds_sentences_together))


def _where(text: str, langs: Sequence[str], judge: Callable[[str, str], bool]) -> list[str]:
    folded = fold_word(text)
    return [lang for lang in langs if script_of(folded) in scripts().get(lang, ()) and judge(folded, lang)]


def _word(text: str, langs: Sequence[str]) -> Iterator[Fault]:
    folded = fold_word(text)
    grammar = _where(text, langs, holds_sentences_together)
    if _is_abbreviation(text) and (grammar or is_everyday(folded, "en")):
        yield Fault(
            "capitals-ignored",
            f"{text} is read in any capitals, and so meets the word {folded}",
            f"write ={text}",
        )
    elif grammar:
        yield Fault(
            "grammar-word",
            f"{text} only holds sentences together in {', '.join(grammar)}: it stands in every article, "
            "and meets none by itself",
            f'leave it out, or put it into a phrase like "{text} …"',
        )
    elif len(folded) <= SHORT_WORD and words_in(parts(text)) == 1 and script_of(folded) in ("Latn", "Arab"):
        yield Fault(
            "short-word",
            f"{text} has {len(folded)} letter{'s' if len(folded) > 1 else ''}, and means many things in many languages",
            f"write ={text.upper() if text.isascii() else text} for the abbreviation, or a phrase",
        )


def _is_abbreviation(text: str) -> bool:
    return text.isascii() and text.isalpha() and text.isupper() and 1 < len(text) <= _LONGEST_CAPITALS


def only_common(node: Node, langs: Sequence[str]) -> list[str]:
    """The languages in which the whole query is one word that stands in very many articles."""
    return _where(node.text, langs, stands_everywhere) if isinstance(node, Word) else []


def _wildcard(pattern: str, langs: Sequence[str]) -> Iterator[Fault]:
    folded = fold_word(pattern)
    head = folded.split("*")[0].split("?")[0]
    families = _families(wildcard_pattern(folded).fullmatch, head, langs) if "*" in folded else []
    examples = ", ".join(families[:EXAMPLES])
    fewest = SHORT_WILDCARD if script_of(head) == "Latn" else SHORT_WILDCARD - 1
    if len(families) >= MANY_WORDS:
        is_word = len(head) > SHORT_WILDCARD and any(head in known_words(lang) for lang in langs)
        yield Fault(
            "wildcard-wide",
            f"{pattern} also covers {examples} and more: {len(families)} different words that we know",
            f"write {head}, which meets its own forms" if is_word else "write more letters before the *",
        )
    elif "*" in folded and len(head) <= fewest and families:
        yield Fault(
            "wildcard-short",
            f"{pattern} has {len(head)} letters before the *, with which many words begin: {examples}",
            "write more letters before the *",
        )


def _families(fits: Callable[[str], object], head: str, langs: Sequence[str]) -> list[str]:
    """Words that the pattern covers, one for each set of words that begin with another; well-known ones first."""
    script = script_of(head)
    fitting = [lang for lang in langs if script in scripts().get(lang, ())]
    covered = sorted({w for lang in fitting for w in known_words(lang) if fits(w)}, key=lambda w: (len(w), w))
    roots: list[str] = []
    for word in covered:
        absorbs = len(head) > SHORT_WILDCARD + 1
        if not any(word.startswith(root) for root in roots if absorbs or len(root) > len(head)):
            roots.append(word)
    others = [root for root in roots if root != head]
    return sorted(others, key=lambda word: (len(word) < len(head) + _TELLING, not _is_plain(word, fitting)))


def _is_plain(word: str, langs: Sequence[str]) -> bool:
    return any(is_everyday(word, lang) for lang in langs)


def _fuzzy(text: str, distance: int, langs: Sequence[str], ideas: Ideas) -> Iterator[Fault]:
    folded = fold_word(text)
    script, same = script_of(folded), set(ideas.get(folded, ()))
    others = sorted(
        word
        for lang in langs
        if script in scripts().get(lang, ())
        for word in known_words(lang)
        if abs(len(word) - len(folded)) <= distance
        and word != folded
        and within(folded, word, distance)
        and same.isdisjoint(ideas.get(word, ()))
        and token_keys(word, lang).isdisjoint(term_keys(folded, lang))
    )
    if others:
        yield Fault(
            "fuzzy-meets-words",
            f"{text}~{distance} also meets {', '.join(dict.fromkeys(others[:EXAMPLES]))}",
            f"write the spellings that you mean, joined by OR{', or ' + text + '~1' if distance > 1 else ''}",
        )


def _regex(pattern: str) -> Iterator[Fault]:
    plain = PLAIN_EXPRESSION.fullmatch(pattern)
    if plain:
        words = " OR ".join(f'"{one}"' if " " in one else one for one in plain[1].split("|"))
        yield Fault(
            "regex-plain",
            f"/{pattern}/ meets only these letters; a word also meets its plurals, endings and spellings",
            f"write {words}",
        )
