"""Word lists: the text files by which a language's endings are kept off the words that only look like forms."""

import tomllib
from functools import cache
from importlib.resources import files

from language.scripts import fold_word


@cache
def words(file: str, section: str) -> frozenset[str]:
    """The folded words of one section of `language/data/FILE.toml`."""
    return frozenset(fold_word(word) for word in _section(file, section).split())


@cache
def families(file: str, section: str) -> dict[str, tuple[str, ...]]:
    """Each line's first word with the words behind it, folded; a word with two lines has the words of both."""
    found: dict[str, tuple[str, ...]] = {}
    for line in _section(file, section).splitlines():
        head, *rest = [fold_word(word) for word in line.split()] or [""]
        if head:
            found[head] = (*found.get(head, ()), *rest)
    return found


@cache
def heads(file: str, section: str) -> dict[str, tuple[str, ...]]:
    """The same lines the other way round: each word that stands behind, with the first words of its lines."""
    found: dict[str, tuple[str, ...]] = {}
    for head, rest in families(file, section).items():
        for word in rest:
            found[word] = (*found.get(word, ()), head)
    return found


def _section(file: str, section: str) -> str:
    return _file(file)[section]


@cache
def _file(file: str) -> dict[str, str]:
    """The file's sections, each a text without its comments."""
    table = tomllib.loads((files("language") / "data" / f"{file}.toml").read_text(encoding="utf-8"))
    return {name: "\n".join(line.split("#")[0] for line in text.splitlines()) for name, text in table.items()}
