"""Indonesian affixes: what may lean on a word, stand before its root, and how meN- and peN- change the first letter."""

from collections.abc import Callable, Iterator

_SHORTEST = 3
_PARTICLES = ("lah", "kah", "tah", "pun")
_POSSESSIVES = ("nya", "ku", "mu")
_VOWELS = "aeiou"
# What meN- puts in front of a root that begins with one of these letters, and the letter that it swallows.
_NASALS = (
    ("ng", "aeioughx", ""),
    ("ng", "k", "k"),
    ("ny", "s", "s"),
    ("m", "p", "p"),
    ("m", "bfv", ""),
    ("n", "t", "t"),
    ("n", "cdjz", ""),
)


def bares(word: str) -> Iterator[str]:
    """The word, and the word without what leans on it, one layer or two (rumahnyalah), shortest cut first."""
    yield word
    if word[-1] == "2" and word[:-1].isalpha():
        yield word[:-1]
    for possessive in _POSSESSIVES:
        if word.endswith(possessive) and len(word) - len(possessive) >= _SHORTEST:
            yield word[: -len(possessive)]
    for particle in _PARTICLES:
        if word.endswith(particle) and len(word) - len(particle) >= _SHORTEST:
            rest = word[: -len(particle)]
            yield rest
            for possessive in _POSSESSIVES:
                if rest.endswith(possessive) and len(rest) - len(possessive) >= _SHORTEST:
                    yield rest[: -len(possessive)]


def prefixes(word: str) -> Iterator[tuple[str, str]]:
    """Each way to begin the word with a prefix (or none), and what is left."""
    yield "", word
    head = word[:2]
    if head in ("di", "ke", "ku", "se"):
        yield head, word[2:]
    if head in _MORE_PREFIXES:
        yield from _MORE_PREFIXES[head](word)


def _after_me(word: str) -> Iterator[tuple[str, str]]:
    if word.startswith("memper"):
        yield "memper", word[6:]
    yield from (("me", rest) for rest in _unnasal(word[2:]))


def _after_pe(word: str) -> Iterator[tuple[str, str]]:
    if word[2:3] == "r":
        yield "per", word[3:]
    if word.startswith("pember"):
        yield "pember", word[6:]
    if word[2:3] not in ("m", "n"):  # their roots come below
        yield "pe", word[2:]
    yield from (("pe", rest) for rest in _unnasal(word[2:]))


def _after_di(word: str) -> Iterator[tuple[str, str]]:
    if word.startswith("diper"):
        yield "memper", word[5:]


def _after_ke(word: str) -> Iterator[tuple[str, str]]:
    for prefix in ("keber", "keter", "ketidak"):
        if word.startswith(prefix):
            yield prefix, word[len(prefix) :]
    if word.startswith("kepe"):
        yield from (("kepe", rest) for rest in _unnasal(word[4:]))


def _after_ka(word: str) -> Iterator[tuple[str, str]]:
    if word.startswith("kau"):
        yield "ku", word[3:]


def _after_ber_and_ter(word: str) -> Iterator[tuple[str, str]]:
    """ber- and ter- lose their r before another r, and before -er- in the first syllable (berambut, bekerja)."""
    prefix = word[:2] + "r"
    if word[2:3] == "r":
        yield prefix, word[3:]
        yield prefix, word[2:]
    elif word[3:5] == "er":
        yield prefix, word[2:]


_MORE_PREFIXES: dict[str, Callable[[str], Iterator[tuple[str, str]]]] = {
    "be": _after_ber_and_ter,
    "di": _after_di,
    "ka": _after_ka,
    "ke": _after_ke,
    "me": _after_me,
    "pe": _after_pe,
    "te": _after_ber_and_ter,
}


def _unnasal(rest: str) -> Iterator[str]:
    """The roots that stand behind meN- or peN-, given what follows the `me` or `pe`."""
    first, second = rest[:1], rest[1:2]
    if first == "n" and second == "g":
        tail = rest[2:]
        yield tail
        if tail[:1] in _VOWELS:
            yield "k" + tail
        if tail[:1] == "e":
            yield tail[1:]
    elif first == "n" and second == "y":
        yield "s" + rest[2:]
        yield rest
    elif first == "m":
        yield rest[1:] if second in "bfvp" else "p" + rest[1:]
        yield rest
    elif first == "n":
        yield rest[1:] if second in "cdjszt" else "t" + rest[1:]
        yield rest
    elif first and first in "lrwy":
        yield rest


def nasal(stem: str) -> str:
    """The active voice of a verb stem."""
    for sound, letters, swallowed in _NASALS:
        if stem[:1] in letters:
            return f"me{sound}{stem.removeprefix(swallowed)}"
    return f"me{stem}"
