"""Languages: the codes that may be named, the scripts they are written in, and which of them mean the same."""

import tomllib
from functools import cache
from importlib.resources import files

UNKNOWN = "und"
# Names, addresses and tags have no language: their words match as they are written.
NO_LANGUAGE = "zxx"
# The usual reader's guess when only the script is known.
_OF_SCRIPT = {
    "Arab": "ar", "Latn": "en", "Cyrl": "ru", "Hebr": "he", "Grek": "el", "Armn": "hy", "Deva": "hi", "Hang": "ko",
}  # fmt: skip
# Codes that people write for the same thing. Kurdish without more is Kurmanji in Latin letters, Sorani in Arabic.
_SAME = {"in": "id", "iw": "he", "per": "fa", "prs": "fa", "fas": "fa", "ara": "ar", "arb": "ar", "may": "ms",
         "zsm": "ms", "eng": "en", "ind": "id", "tur": "tr", "urd": "ur", "heb": "he", "no": "nb", "kur": "ku",
         "acm": "ar", "apc": "ar", "arz": "ar", "ajp": "ar", "afb": "ar"}  # fmt: skip
_NEIGHBOURS = ({"id", "ms"}, {"ku", "kmr"}, {"ku", "ckb"}, {"tr", "az"}, {"nb", "nn"}, {"nb", "da"})


@cache
def scripts() -> dict[str, tuple[str, ...]]:
    """Every language that may be named -> its scripts, the usual one first."""
    table = tomllib.loads((files("language") / "data" / "languages.toml").read_text(encoding="utf-8"))
    return {code: tuple(names) for code, names in table.items()}


def normal(code: str) -> str:
    """The code that we use for a BCP 47 tag: regions and scripts cut off, synonyms made one ("ar-IQ" -> "ar")."""
    primary = code.strip().lower().replace("_", "-").split("-")[0]
    return _SAME.get(primary, primary) or UNKNOWN


def is_known(code: str) -> bool:
    """Whether `normal(code)` is a language that we know."""
    return normal(code) in scripts()


def admits(allowed: frozenset[str], lang: str) -> bool:
    """Whether a text of `lang` is meant by a rule for the `allowed` languages.

    A text of unknown language always is, and so is one of a neighbour that detection may take for it (Malay for
    Indonesian): a rule that misses is worse than one that meets too much.
    """
    code = normal(lang)
    return code == UNKNOWN or any(related(code, one) for one in allowed)


def related(first: str, second: str) -> bool:
    """Whether a word listed for one language is at home in a text of the other: the same, both Kurdish, or Malay."""
    return first == second or {first, second} in _NEIGHBOURS


def fitting(lang: str, script: str) -> str:
    """The language to analyse a word of `script` in, inside a text of `lang`: its own where the script fits."""
    if lang == NO_LANGUAGE or script in scripts().get(lang, ()):
        return lang
    return _OF_SCRIPT.get(script, NO_LANGUAGE)
