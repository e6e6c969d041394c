"""Making lexemes anew, in a reading child: texts as they are stored become what they are found by now."""

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import TypeAdapter

from language.passages import passages
from rules.search import FORMS_VERSION, LONGEST_TEXT, lexemes

TASK = "index"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexText:
    """An article as it stands, and what it said before its edits."""

    lang: str
    title: str
    summary: str
    text: str
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexed:
    """The lexemes of each text, in order, and the version of the forms that made them: the child's own."""

    forms_version: int
    lexemes: tuple[tuple[str, ...], ...]


INDEX_JOB = TypeAdapter(tuple[IndexText, ...])
INDEXED = TypeAdapter(Indexed)


def index(job: tuple[IndexText, ...]) -> Indexed:
    """The lexemes of each text as a visit would make them now; behind them those of its earlier texts."""
    return Indexed(forms_version=FORMS_VERSION, lexemes=tuple(tuple(dict.fromkeys(_of(one))) for one in job))


def _of(one: IndexText) -> Iterator[str]:
    yield from lexemes(one.title, one.summary, one.text, one.lang, passages(one.text, one.lang))
    room = LONGEST_TEXT
    for text in one.earlier:
        yield from lexemes("", "", text[:room], one.lang, passages(text[:room], one.lang))
        room = max(0, room - len(text))
