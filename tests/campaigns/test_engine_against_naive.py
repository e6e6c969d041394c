"""A million pairs of rule and text: the engine says what a plain reading of the grammar says, of every one.

MARSAD_SEED draws others, MARSAD_CAMPAIGN_SIZE says how many; `make fault` holds a million.
"""

import os
import random
from collections.abc import Sequence

import pytest

from rules.document import Document
from rules.engine import Engine
from rules.parser import parse, says_something
from rules.query import And, Fuzzy, InField, Literal, Near, Node, Not, Or, Phrase, Wildcard, Word
from rules.rule import compile_rule
from tests.rules.naive import Naive, written

SEED = int(os.environ.get("MARSAD_SEED", "20261122"))
SIZE = int(os.environ.get("MARSAD_CAMPAIGN_SIZE", "1000000"))
DAILY = 20_000
RULES = 500  # of one engine
TEXTS = 100  # held against it
LANGUAGES = ("ar", "en", "id", "ckb", "kmr", "fa", "tr", "de", "und")
# Keywords, their forms, and words that only look like them; each of one reading, none of them grammar alone.
WORDS = """
riot riots rioting rioted police policeman policemen militia militias militiamen city cities shot shoot women woman
basra Basra basrah baghdad iraq Iraq iraqi iraqis house houses ISIS isis Isis scope
ميليشيا الميليشيات والميليشيات ميليشياوي العراق عراق بالعراق للعراق عراقي العراقيين أعراق عراقيل
عراقجي مدينة مدن والمدينة كتاب كتب وكتابه متظاهر المتظاهرون المتظاهرين للمتظاهرين قتل يقتل قتلوا
مقتل البصرة بصرة وبالبصرة ساحة ساحات
milisi milisinya serang menyerang diserang serangan penyerang irak Irak memperkirakan kota perkotaan anak polisi
میلیشیا میلیشیاکان چەکدار چەکدارەکان بەغدا عێراق عێراقی شار شارەکان شاره‌کان خۆپیشاندان خۆپیشاندانەکان
bajar bajarê bajarên çekdar çekdaran Bexda Bexdayê xwepêşandan شهر شهرها شهرهای معترض معترضان کتاب کتاب‌ها
kitap kitabı kitaplar asker askerler askeri şehir şehirde şehrin Bağdat ölü öldü Stadt Städte Miliz Milizen Krieg
the and in of و في من در از ve bir der die
""".split()  # noqa: SIM905 - to be read as text
ENDINGS = ("riot*", "milis*", "mili?ia", "bas?a*", "متظاه*", "ميلي*", "شار*", "kita*", "pol*ce", "Sta?t")


class Drawn:
    """Rules and texts from a seed."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    def tree(self) -> Node:
        """A tree that says something."""
        while True:
            found = self._node(self._rng.choice((1, 2, 2, 3)))
            if says_something(found):
                return found

    def document(self) -> Document:
        """Some words in a title, a lead and a body; small, so that rules meet one in three."""
        rng = self._rng
        pool = rng.sample(WORDS, 14)  # words come again, near each other
        title, lead, body = (" ".join(rng.choices(pool, k=rng.randrange(most))) for most in (6, 5, 22))
        return Document(title=title, lead=lead, body=body, lang=rng.choice(LANGUAGES))

    def _node(self, depth: int) -> Node:
        rng = self._rng
        if depth == 0:
            return self._leaf()
        match rng.randrange(8):
            case 0 | 1:
                return And(tuple(self._node(depth - 1) for _ in range(rng.choice((2, 2, 3)))))
            case 2 | 3 | 4:
                return Or(tuple(self._node(depth - 1) for _ in range(rng.choice((2, 3, 4)))))
            case 5:
                return And((self._node(depth - 1), Not(self._node(depth - 1))))
            case 6:
                left, right = self._positive(depth - 1), self._positive(depth - 1)
                return Near(left, right, rng.randrange(6), ordered=rng.random() < 0.4)
            case _:
                return InField(rng.choice(("title", "lead", "body")), self._node(depth - 1))

    def _positive(self, depth: int) -> Node:
        found = self._node(depth)
        return found if says_something(found) else self._leaf()

    def _leaf(self) -> Node:
        rng = self._rng
        word = rng.choice(WORDS)
        match rng.randrange(12):
            case 0:
                return Wildcard(rng.choice(ENDINGS))
            case 1 if len(word) >= 5 and word.isalpha():
                return Fuzzy(word, rng.choice((1, 1, 2)))
            case 2:
                return Literal(word)
            case 3:
                return self._phrase(0, rng.choice((2, 2, 3)))
            case 4:
                return self._phrase(rng.choice((1, 2, 4)), rng.choice((2, 3)))
            case _:
                return Word(word)

    def _phrase(self, slop: int, size: int) -> Phrase:
        words = tuple(Word(word) for word in self._rng.choices(WORDS, k=size))
        return Phrase(words, " ".join(word.text for word in words), slop)


def differences(seed: int) -> tuple[int, int, list[tuple[str, Document, bool]]]:
    """So many pairs, so many of them met, and those of which engine and plain reading say different things."""
    drawn = Drawn(seed)
    queries = list(dict.fromkeys(written(drawn.tree()) for _ in range(RULES)))
    trees = [parse(query) for query in queries]
    engine = Engine([compile_rule(name=query, query=query) for query in queries], {})
    met, wrong = 0, list[tuple[str, Document, bool]]()
    for document in (drawn.document() for _ in range(TEXTS)):
        said = {hit.rule for hit in engine.match(document)}
        expected = _expected(document, queries, trees)
        met += len(expected)
        wrong.extend((query, document, query in said) for query in said ^ expected)
    return len(queries) * TEXTS, met, wrong


def _expected(document: Document, queries: Sequence[str], trees: Sequence[Node]) -> set[str]:
    naive = Naive(document)
    return {query for query, tree in zip(queries, trees, strict=True) if naive.holds(tree) is not None}


def _hold(pairs: int) -> None:
    held = met = 0
    for seed in range(SEED, SEED + 100_000):
        some, of_them, wrong = differences(seed)
        held, met = held + some, met + of_them
        assert not wrong, (seed, wrong[0])
        if held >= pairs:
            break
    print(f"{held} pairs held, {met} of them met, seed {SEED}")
    assert 0.02 < met / held < 0.9, "rules that meet nothing, or everything, prove nothing"


def test_twenty_thousand_pairs_are_judged_alike() -> None:
    _hold(DAILY)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_a_million_pairs_are_judged_alike() -> None:
    _hold(SIZE)
