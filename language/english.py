"""English: inflection only (plural, past, -ing, -er and -est, -men); what derives a new meaning (protestant, organ)
stays apart. British and American spelling are one."""

import re
from collections.abc import Iterator
from functools import cache

from language.wordlists import families, heads, words

_SHORTEST = 3
_VOWELS = frozenset("aeiouy")
# A short word in -ll has both: calling is of call; controlling is of control.
_ONE_SYLLABLE_LL = re.compile(r"^[^aeiouy]*(?:qu)?[aeiouy]ll$")
# Longer ones took their k on (panic, panicking).
_LONGEST_PICK = 4
_DOUBLED = re.compile(r"([bdfgklmnprtvz])\1$")
# A stressed short syllable doubles its consonant before -ed and -ing (stop, stopped), so that hat is not in hated.
_SHORT_SYLLABLE = re.compile(r"^(?:qu|[^aeiouy])*[aeiouy][bcdfgklmnprstvz]$")
_NEEDS_E = re.compile(
    r"([cvzu]|[^aeiouy]l|[rdn]g|[aeiou]s|[iy]z|[aeiou]r|[aeiou]d|[aiouy]p|[aio]k|[aiouy]m|[aiou]n|[aeiou]t|n[cs]|r[csv]|ls|[tb]r)$"
)
_ENDINGS = ("s", "ed", "ing", "men")
_BRITISH_ISE = re.compile(r"(?<=..)([iy])([sz])(?=(?:e[drs]?|ers|ing|ations?)$)")


def token_keys(word: str) -> frozenset[str]:
    """The word and the base forms it may be an inflection of."""
    if not word.endswith(_ENDINGS) and word not in _irregular():
        return frozenset((word,))
    return frozenset((word, *_bases(word)))


def term_keys(word: str) -> frozenset[str]:
    """The same for a keyword, in British and American spelling."""
    keys = {word, *_bases(word)}
    return frozenset(spelling for key in keys for spelling in _spellings(key))


@cache
def _irregular() -> dict[str, tuple[str, ...]]:
    """Each form that no rule makes -> what it is a form of."""
    found: dict[str, tuple[str, ...]] = {}
    for table in (heads("english", "nouns"), heads("english", "verbs"), _compared()):
        for form, bases in table.items():
            found[form] = (*found.get(form, ()), *bases)
    return found


def _compared() -> dict[str, tuple[str, ...]]:
    """Comparative and superlative of each listed adjective -> the adjective."""
    found: dict[str, tuple[str, ...]] = {}
    for adjective in words("english", "compared"):
        if adjective.endswith("e"):
            stem = adjective[:-1]
        elif adjective.endswith("y") and adjective[-2] not in _VOWELS:
            stem = adjective[:-1] + "i"
        elif _SHORT_SYLLABLE.match(adjective):
            stem = adjective + adjective[-1]
        else:
            stem = adjective
        found[stem + "er"] = found[stem + "est"] = (adjective,)
    return found


def _bases(word: str) -> Iterator[str]:
    irregular = _irregular().get(word)
    if irregular:
        yield from irregular
    if word.endswith("men") and len(word) > 5:
        yield word[:-2] + "an"
    yield from _singular(word)
    if word.endswith("ings") and word[:-1] not in words("english", "no_verb"):
        yield from _verb(word[:-4], "ing")
    for ending in ("ed", "ing"):
        if word.endswith(ending) and len(word) - len(ending) >= 2 and word not in words("english", "no_verb"):
            infinitives = _verb(word[: -len(ending)], ending)
            yield from (one for one in infinitives if ending == "ing" or not _has_own_past(one))


def _has_own_past(verb: str) -> bool:
    """Whether the verb has other forms than -ed: singed is no form of sing."""
    return verb in families("english", "verbs")


def _singular(word: str) -> Iterator[str]:
    if (
        not word.endswith("s")
        or word.endswith(("ss", "us"))
        or len(word) <= _SHORTEST
        or word in words("english", "no_plural")
    ):
        return
    if word.endswith("ies") and len(word) > 4:
        yield word[:-3] + "y"
    elif word.endswith(("sses", "shes", "ches", "xes", "zes", "oes")):
        yield word[:-2]
    yield word[:-1]


def _verb(base: str, ending: str) -> Iterator[str]:
    """The infinitives that base + ed or base + ing can come from."""
    if not _VOWELS & set(base):
        return
    if ending == "ed" and base.endswith("i"):
        yield base[:-1] + "y"
        if len(base) < _SHORTEST:
            yield base + "e"
    elif _DOUBLED.search(base):
        if not _ONE_SYLLABLE_LL.match(base):
            yield base[:-1]
        yield base
    elif _SHORT_SYLLABLE.match(base):
        yield base + "e"
    else:
        if len(base) >= _SHORTEST:
            yield base
        if len(base) <= _SHORTEST or _NEEDS_E.search(base):
            yield base + "e"
        if base.endswith("ick") and len(base) > _LONGEST_PICK:
            yield base[:-1]
        if ending == "ing" and base.endswith("y") and len(base) <= _SHORTEST:
            yield base[:-1] + "ie"


def _spellings(word: str) -> Iterator[str]:
    """The word as both sides of the ocean write it."""
    yield word
    yield from families("english", "spellings").get(word, ())
    for head in heads("english", "spellings").get(word, ()):
        yield head
        yield from families("english", "spellings")[head]
    yield _BRITISH_ISE.sub(lambda found: found[1] + ("z" if found[2] == "s" else "s"), word)
    for stem in words("english", "our_stems"):
        if stem + "r" in word:
            yield word.replace(stem + "r", stem + "ur")
        elif stem + "ur" in word:
            yield word.replace(stem + "ur", stem + "r")
