"""Forms: the keys by which a keyword and a written word meet when one is a form of the other."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

import Stemmer

from language import arabic, english, german, hebrew, indonesian, kurdish, persian, romance, turkish, urdu
from language.disguise import rasm, rasm_of_undotted, twins
from language.languages import NO_LANGUAGE, fitting, scripts
from language.scripts import script_of

Keys = Callable[[str], frozenset[str]]


@dataclass(frozen=True, slots=True)
class _Analyser:
    """Token keys are all that a written word may mean, term keys the little that a keyword does mean."""

    token: Keys
    term: Keys


def _exactly(word: str) -> frozenset[str]:
    return frozenset({word})


_SORANI = _Analyser(kurdish.sorani_token_keys, kurdish.sorani_term_keys)
_KURMANJI = _Analyser(kurdish.kurmanji_token_keys, kurdish.kurmanji_term_keys)
_INDONESIAN = _Analyser(indonesian.token_keys, indonesian.term_keys)
_PERSIAN = _Analyser(persian.token_keys, persian.term_keys)
_TURKISH = _Analyser(turkish.token_keys, turkish.term_keys)
_ANALYSERS: dict[tuple[str, str], _Analyser] = {
    ("ar", "Arab"): _Analyser(arabic.token_keys, arabic.term_keys),
    ("az", "Latn"): _TURKISH,
    ("ckb", "Arab"): _SORANI,
    ("de", "Latn"): _Analyser(german.german_token_keys, german.german_term_keys),
    ("en", "Latn"): _Analyser(english.token_keys, english.term_keys),
    ("es", "Latn"): _Analyser(romance.token_keys("es"), romance.term_keys("es")),
    ("fa", "Arab"): _PERSIAN,
    ("fr", "Latn"): _Analyser(romance.token_keys("fr"), romance.term_keys("fr")),
    ("he", "Hebr"): _Analyser(hebrew.token_keys, hebrew.term_keys),
    ("id", "Latn"): _INDONESIAN,
    ("it", "Latn"): _Analyser(romance.token_keys("it"), romance.term_keys("it")),
    ("kmr", "Arab"): _SORANI,
    ("kmr", "Latn"): _KURMANJI,
    ("ku", "Arab"): _SORANI,
    ("ku", "Latn"): _KURMANJI,
    ("ms", "Latn"): _INDONESIAN,
    ("nl", "Latn"): _Analyser(german.dutch_token_keys, german.dutch_term_keys),
    ("pt", "Latn"): _Analyser(romance.token_keys("pt"), romance.term_keys("pt")),
    ("tk", "Latn"): _TURKISH,
    ("tr", "Latn"): _TURKISH,
    ("ur", "Arab"): _Analyser(urdu.token_keys, urdu.term_keys),
}
# Snowball for the languages whose stemmers were made with inflection in mind.
_SNOWBALL = {
    "ca": "catalan", "da": "danish", "el": "greek", "eu": "basque", "fi": "finnish",
    "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian",
    "lt": "lithuanian", "nb": "norwegian", "nn": "norwegian", "ro": "romanian",
    "ru": "russian", "sr": "serbian", "sv": "swedish", "ta": "tamil",
}  # fmt: skip
_SHORTEST_STEM = 3


# The vocabulary of rules remembers what words mean; these caches serve an article whose words are read twice.
@lru_cache(maxsize=16_384)
def token_keys(folded: str, lang: str) -> frozenset[str]:
    """All that a written, folded word may be a form of, in a text of `lang`; its script decides where it is foreign."""
    script = script_of(folded)
    found = _analyser(fitting(lang, script), script).token(folded)
    if script == "Arab":
        undotted = rasm_of_undotted(folded, lang, found)
        return found | undotted if undotted else found
    if script not in scripts().get(lang, (script,)):
        for twin in twins(folded, lang):
            found |= token_keys(twin, lang)
    return found


@lru_cache(maxsize=1024)
def term_keys(folded: str, lang: str) -> frozenset[str]:
    """What a folded keyword of `lang` means. Keyword and word meet when these keys and `token_keys` share one."""
    script = script_of(folded)
    found = _analyser(fitting(lang, script), script).term(folded)
    return found | rasm(folded) if script == "Arab" and lang != NO_LANGUAGE else found


def keys(folded: str, lang: str) -> frozenset[str]:
    """All keys of a word, as an index keeps them."""
    return token_keys(folded, lang)


@cache
def _analyser(lang: str, script: str) -> _Analyser:
    found = _ANALYSERS.get((lang, script))
    if found is None and lang in _SNOWBALL:
        stems = _snowball(_SNOWBALL[lang])
        return _Analyser(stems, stems)
    return found or _Analyser(_exactly, _exactly)


def _snowball(name: str) -> Keys:
    stemmer = Stemmer.Stemmer(name)

    def stems(word: str) -> frozenset[str]:
        stem = stemmer.stemWord(word)
        return frozenset({word, stem} if len(stem) >= _SHORTEST_STEM else {word})

    return stems
