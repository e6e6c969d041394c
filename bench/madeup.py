"""Made-up languages for matching: words as rare and as common as words are, articles of them, and rules on them."""

import random
from bisect import bisect
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from rules.document import Document
from rules.rule import Rule, compile_rule

SEED = 20261122
TYPES = 30_000  # words of a language that its articles are made of
NEW_WORDS = 0.02  # of an article: names and slips that no article had before
WORDS = 500  # of an article
TERMS = 5  # of a rule
# Nobody makes a keyword of the words that stand in every article.
COMMONEST_TERM = 400
_SYLLABLES = {
    "en": (
        "ba be bri cla con der ex fo gra hi in ju ka lo mer na or per qua re sto ti un ver wa yel zo",
        "n r st t ck ng l m d",
    ),
    "ar": ("با تي جو حا خر دم ذه را زي سو شا صب طر عل غم فا قو كي لا مو نا هي وا يس", "ن ر ت ب ل م د ق"),
    "id": ("ba be ca da di ga ha ja ka la ma me na nga nya pa pe ra sa se ta te wa", "n ng k t r s h l"),
    "tr": ("ba ce di er gö ha ıs ka le mü na ol pe ra sı şe te us ve ya ze çi ü", "n r k l m t z ş"),
    "fa": ("پا چی گو خو دا را زی ژه سا شی فر کا گر لا مه نو هم ور یا", "ن ر ت ش ک م د گ"),
}
LANGUAGES = tuple(_SYLLABLES)


@dataclass(frozen=True, slots=True)
class Tongue:
    """One made-up language: its words from common to rare, and what their shares add up to (Zipf)."""

    lang: str
    words: tuple[str, ...]
    shares: tuple[float, ...]

    def text(self, rng: random.Random, words: int) -> str:
        """Running text in sentences of some dozen words."""
        total = self.shares[-1]
        row = [
            self.new_word(rng)
            if rng.random() < NEW_WORDS
            else self.words[bisect(self.shares, rng.random() * total)]
            for _ in range(words)
        ]
        for at in range(11, words, 14):
            row[at] += "."
        return " ".join(row)

    def term(self, rng: random.Random) -> str:
        """A word that a person might watch: any but the commonest."""
        return self.words[rng.randrange(COMMONEST_TERM, len(self.words))]

    def new_word(self, rng: random.Random) -> str:
        """A word of six syllables: no article has it but by the rarest chance."""
        return _word(rng, self.lang, 6)


def tongues() -> tuple[Tongue, ...]:
    """The five languages, the same in every run."""
    return tuple(_tongue(lang) for lang in LANGUAGES)


def _tongue(lang: str) -> Tongue:
    rng = random.Random(f"{SEED}-{lang}")
    words: dict[str, None] = {}
    while len(words) < TYPES:
        longest = 1 + min(len(words) // 400 + rng.randrange(2), rng.choice((2, 2, 3)))
        words[_word(rng, lang, longest)] = None
    return Tongue(lang, tuple(words), tuple(accumulate(1 / (rank + 2.7) for rank in range(TYPES))))


def _word(rng: random.Random, lang: str, syllables: int) -> str:
    heads, tails = _SYLLABLES[lang]
    return "".join(rng.choices(heads.split(), k=syllables)) + rng.choice(tails.split())


def documents(spoken: Sequence[Tongue], count: int, name: str) -> list[Document]:
    """Articles of 500 words, the languages by turns; `name` draws others."""
    rng = random.Random(f"{SEED}-{name}")
    return [
        Document(title=one.text(rng, 9), body=one.text(rng, WORDS), lang=one.lang)
        for one in (spoken[i % len(spoken)] for i in range(count))
    ]


def rules(spoken: Sequence[Tongue], count: int, *, elsewhere: bool = False) -> Iterator[Rule]:
    """Rules of five terms each: groups, phrases, NEAR, NOT, fields, beginnings, as watch files have them.

    `elsewhere` asks for words that the articles do not have, as most of a hundred thousand rules do.
    """
    rng = random.Random(f"{SEED}-rules-{elsewhere}")
    for i in range(count):
        one = spoken[i % len(spoken)]
        a, b, c, d, e = (one.new_word(rng) if elsewhere else one.term(rng) for _ in range(TERMS))
        queries = (
            f"({a} OR {b} OR {c}) AND ({d} OR {e})",
            f"({a} OR {b}) AND ({c} OR {d}) NOT {e}",
            f'"{a} {b}" OR {c} {d} {e}',
            f"({a} OR {b}) NEAR/10 ({c} OR {d} OR {e})",
            f"title:({a} OR {b}) OR ({c} AND {d} AND {e})",
            f'({a} OR "{b} {c}") AND ({d} OR {e})',
            f"{a} AND ({b} OR {c} OR {d} OR {e})",
            f"{a[:5]}* AND ({b} OR {c}) NOT ({d} OR {e})",
            f"({a} OR {b} OR {c} OR {d}) AND {e}",
            f"{a} {b} OR {c} {d} OR {e}",
        )
        yield compile_rule(name=f"{'else' if elsewhere else 'rule'} {i}", query=rng.choice(queries))


def terms_of(rule: Rule) -> list[str]:
    """The words of a rule, for those that can only look for words."""
    plain = (rule.query or "").replace("title:", " ").translate(str.maketrans(dict.fromkeys('()"*', " ")))
    return [word for word in plain.split() if word not in {"AND", "OR", "NOT"} and "/" not in word]
