"""English: inflection only (plural, past, -ing, -man); what derives a new meaning (protestant, organ) stays apart."""

import re
from collections.abc import Iterator

_SHORTEST = 3
_VOWELS = frozenset("aeiouy")
# Ends in s and is no plural.
_NO_PLURAL = frozenset({
    "news", "always", "perhaps", "across", "series", "species", "chaos", "christmas", "jesus", "paris",
    "texas", "kansas", "dallas", "mars", "thus", "this", "his", "us", "yes", "gas", "bus", "plus", "was",
    "has", "does", "goes", "its", "is", "as", "iris", "basis", "crisis", "analysis", "oasis", "diabetes",
    "athens", "brussels", "wales", "hamas", "damascus", "cyprus", "virus", "campus", "corpus", "versus",
    "afterwards", "towards", "besides", "whereas", "alas", "atlas", "canvas", "bias", "ethics", "politics",
    "physics", "economics", "mathematics", "headquarters",
})  # fmt: skip
_IRREGULAR = {
    "children": "child", "people": "person", "persons": "person", "feet": "foot", "teeth": "tooth", "mice": "mouse",
    "geese": "goose", "lives": "life", "knives": "knife", "wives": "wife", "leaves": "leaf", "thieves": "thief",
    "wolves": "wolf", "halves": "half", "shelves": "shelf", "shot": "shoot", "fought": "fight", "held": "hold",
    "fled": "flee", "took": "take", "taken": "take", "struck": "strike", "broke": "break", "broken": "break",
    "stole": "steal", "stolen": "steal", "blew": "blow", "blown": "blow", "said": "say", "met": "meet", "won": "win",
    "lost": "lose", "sent": "send", "found": "find", "led": "lead", "kidnapped": "kidnap", "crises": "crisis",
    "analyses": "analysis", "bases": "base", "fell": "fall", "fallen": "fall", "shook": "shake", "dying": "die",
    "killed": "kill", "seized": "seize", "hung": "hang", "sold": "sell", "bought": "buy", "brought": "bring",
    "caught": "catch", "began": "begin", "begun": "begin", "wrote": "write", "written": "write", "chose": "choose",
    "chosen": "choose", "gave": "give", "given": "give", "rose": "rise", "risen": "rise", "grew": "grow",
    "drove": "drive", "driven": "drive", "drew": "draw", "drawn": "draw", "hid": "hide", "hidden": "hide",
    "media": "medium", "bacteria": "bacterium", "criteria": "criterion", "oxen": "ox", "buried": "bury",
}  # fmt: skip
_DOUBLED = re.compile(r"([bdfgklmnprtvz])\1$")
# A stressed short syllable doubles its consonant before -ed and -ing (stop, stopped), so that hat is not in hated.
_SHORT_SYLLABLE = re.compile(r"^[^aeiouy]*[aeiouy][bcdfgklmnprstvz]$")
_NEEDS_E = re.compile(r"([cvzu]|[^aeiouy]l|rg|dg|ng|at|as|iz|ur|or|ir|ar|id|od|ud|ap|ip|op|ok|ak|ik)$")


def keys(word: str) -> frozenset[str]:
    """The word and the base forms it may be an inflection of."""
    return frozenset({word, *_bases(word)})


def _bases(word: str) -> Iterator[str]:
    if word in _IRREGULAR:
        yield _IRREGULAR[word]
    if word.endswith("men") and len(word) > 5:
        yield word[:-2] + "an"
    yield from _singular(word)
    for ending in ("ed", "ing"):
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            yield from _verb(word[: -len(ending)], ending)


def _singular(word: str) -> Iterator[str]:
    if (
        not word.endswith("s")
        or word.endswith(("ss", "us", "is"))
        or word in _NO_PLURAL
        or len(word) <= _SHORTEST
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
    elif _DOUBLED.search(base):
        yield base[:-1]
        yield base
    elif _SHORT_SYLLABLE.match(base):
        yield base + "e"
    else:
        if len(base) >= _SHORTEST:
            yield base
        if _NEEDS_E.search(base) or len(base) <= 3:
            yield base + "e"
