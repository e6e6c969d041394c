"""Passages: which stretches of a text are in which language, cut at lines and sentences."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from language.detect import detect, words_of
from language.languages import UNKNOWN, normal, scripts
from language.malay import words_of_one

# A shorter stretch inherits the language of its surroundings: its letters tell too little.
_FEWEST_LETTERS = 40
# In another script than the page's fewer letters are enough: they cannot be in the page's language.
_FEWEST_FOREIGN = 12
# A stretch whose small words are for this part the page's language, and no other's, is in the page's language.
_OWN_SHARE = 0.05
_FEWEST_OWN = 2
# A page's language has this many small words for each of another's; with fewer, a quotation may stand among them.
_PER_RIVAL = 2
# Two words that only the sister language writes are no slip of the pen.
_FEWEST_OF_SISTER = 2
_SISTERS = {"id": "ms", "ms": "id"}
# How much of a text shows which script it is in.
_SAMPLE = 1000
_LINE_END = re.compile(r"\n\s*")
_SENTENCE_END = re.compile(r"[.!?؟۔…]+[\"'”’»)\]]*\s+")
_LETTERS = re.compile(r"[^\W\d_]+")
# The letters of each script, as inside of a character class.
_CLASSES = {
    "Latn": "A-Za-z\u00aa-\u02af\u1e00-\u1eff\ufb00-\ufb06\uff21-\uff5a",
    "Arab": "\u0621-\u064a\u0671-\u06d3\u06d5\u0750-\u077f\u08a0-\u08ff\ufb50-\ufdfb\ufe70-\ufefc",
    "Cyrl": "\u0400-\u052f",
    "Grek": "\u0370-\u03ff\u1f00-\u1fff",
    "Hebr": "\u05d0-\u05f2",
    "Armn": "\u0531-\u0587",
    "Geor": "\u10a0-\u10ff",
    "Deva": "\u0904-\u0939",
    "Hang": "\u1100-\u11ff\uac00-\ud7a3",
    "Hani": "\u3040-\u30ff\u3400-\u9fff",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A stretch of a text, in code points, and the language that it is in."""

    start: int
    end: int
    lang: str


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch before its surroundings are known; `lang` is None where they decide. It may go on with a line."""

    end: int
    lang: str | None
    goes_on: bool = False


@dataclass(frozen=True, slots=True)
class _Page:
    """The language of the whole, and the script that the whole is written in (none where the language is unknown)."""

    lang: str
    script: str


def passages(text: str, lang: str) -> tuple[Passage, ...]:
    """The text from its first to its last character, in order, each stretch with its language.

    `lang` is the language of the whole. Cuts stand between lines and between sentences only; what is too short to
    tell belongs to what surrounds it, and neighbours of one language are one passage. An empty text has none.
    """
    code = normal(lang)
    page = _Page(code, _script(text, scripts().get(code, ())))
    return tuple(_merged(_settled(list(_pieces(text, page)), page)))


def _script(text: str, written_in: Sequence[str]) -> str:
    """Which of the scripts of its language the text is in."""
    if len(written_in) < 2:
        return written_in[0] if written_in else ""
    sample = text[:_SAMPLE]
    return max(written_in, key=lambda script: sum(map(len, _letters(script).findall(sample))))


def _pieces(text: str, page: _Page) -> Iterator[_Piece]:
    start = 0
    while start < len(text):
        found = _LINE_END.search(text, start)
        end = found.end() if found else len(text)
        yield from _of_line(text[start:end], start, page)
        start = end


def _of_line(line: str, start: int, page: _Page) -> Iterator[_Piece]:
    """A line in one piece, or its sentences where it holds two scripts or two languages."""
    if len(line) < _FEWEST_FOREIGN:
        yield _Piece(start + len(line), None)
        return
    foreign = _foreign_letters(line, page)
    if foreign < _FEWEST_FOREIGN and (len(line) < _FEWEST_LETTERS or _reads_as(line, page)):
        yield _Piece(start + len(line), page.lang if len(line) >= _FEWEST_LETTERS else None)
        return
    cut = 0
    for end in (*(match.end() for match in _SENTENCE_END.finditer(line)), len(line)):
        if end > cut:
            yield _Piece(start + end, _of_sentence(line[cut:end], page), goes_on=cut > 0)
            cut = end


def _of_sentence(sentence: str, page: _Page) -> str | None:
    foreign = _foreign_letters(sentence, page)
    own = sum(map(len, _LETTERS.findall(sentence))) - foreign
    if foreign >= _FEWEST_FOREIGN and foreign > own:
        return _detected(sentence, UNKNOWN, page)
    if own < _FEWEST_LETTERS:
        return page.lang if foreign else None
    if _reads_as(sentence, page):
        return page.lang
    return _detected(sentence, page.lang, page)


def _detected(sentence: str, hint: str, page: _Page) -> str:
    found = detect(sentence, hint)
    return page.lang if found == UNKNOWN else found


def _reads_as(stretch: str, page: _Page) -> bool:
    """Whether the small words of the stretch are the page's and no other's; no model is asked."""
    lang = page.lang
    if lang != UNKNOWN and not words_of(lang):
        return True
    words = set(stretch.lower().split())
    own = len(words & words_of(lang))
    if own < max(_FEWEST_OWN, _OWN_SHARE * len(words)) or own <= _PER_RIVAL * len(words & _rivals(lang)):
        return False
    sister = _SISTERS.get(lang)
    if sister is None:
        return True
    others = len(words & words_of_one(sister))
    return others < _FEWEST_OF_SISTER or others < len(words & words_of_one(lang))


@cache
def _rivals(lang: str) -> frozenset[str]:
    """The small words of all other languages that this one does not write."""
    others = frozenset[str]().union(*(words_of(other) for other in scripts() if other != lang))
    return others - words_of(lang)


def _foreign_letters(stretch: str, page: _Page) -> int:
    """How many letters are of no script that the page is written in."""
    if not page.script or (stretch.isascii() and page.script == "Latn"):
        return 0
    return sum(map(len, _other_letters(page.script).findall(stretch)))


@cache
def _letters(script: str) -> re.Pattern[str]:
    return re.compile(f"[{_CLASSES[script]}]+" if script in _CLASSES else "(?!)")


@cache
def _other_letters(script: str) -> re.Pattern[str]:
    others = "".join(letters for other, letters in _CLASSES.items() if other != script)
    return re.compile(f"[{others}]+")


def _settled(pieces: Sequence[_Piece], page: _Page) -> Iterator[tuple[int, str]]:
    """Each piece's end and language.

    The undecided take their neighbours' where both agree or where they go on with a line in the page's script, else
    the page's.
    """
    after = _next_languages(pieces, page)
    before = page.lang
    for piece, following in zip(pieces, after, strict=True):
        follows = before == following or (piece.goes_on and _in_script_of(before, page))
        before = piece.lang or (before if follows else page.lang)
        yield piece.end, before


def _in_script_of(lang: str, page: _Page) -> bool:
    return not page.script or page.script in scripts().get(lang, ())


def _next_languages(pieces: Sequence[_Piece], page: _Page) -> list[str]:
    found: list[str] = []
    following = page.lang
    for piece in reversed(pieces):
        following = piece.lang or following
        found.append(following)
    return found[::-1]


def _merged(stretches: Iterable[tuple[int, str]]) -> Iterator[Passage]:
    start = end = 0
    lang = ""
    for next_end, next_lang in stretches:
        if next_lang != lang and end > start:
            yield Passage(start=start, end=end, lang=lang)
            start = end
        end, lang = next_end, next_lang
    if end > start:
        yield Passage(start=start, end=end, lang=lang)
