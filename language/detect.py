"""Detection: which language a text is in, near neighbours (both Kurdish, Indonesian and Malay) told apart."""

import math
import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from language.languages import UNKNOWN, is_known, normal, scripts
from language.scripts import script_of

_LONGEST = 700
_FEWEST_LETTERS = 4
_SHORTEST_WITH_ENDING = 6
# Below this share of the dominant script the text is a mix, and the model decides over all languages.
_CLEAR_SCRIPT = 0.5
# Scripts that name their language.
_ALONE = {"Hebr": "he", "Grek": "el", "Armn": "hy", "Geor": "ka", "Hang": "ko", "Thai": "th", "Syrc": "syr"}
# What the model calls the languages that we keep apart by other names.
_MODEL_NAMES = {"ku": "kmr", "sdh": "ckb", "arz": "ar", "ary": "ar", "no": "nb", "zh": "zh"}
_CANDIDATES = {
    "Arab": ("ar", "arz", "ary", "fa", "ur", "sdh", "ps", "ug"),
    "Cyrl": ("ru", "uk", "bg", "be", "sr", "kk"),
    "Latn": (
        "en", "id", "ms", "ku", "tr", "az", "fr", "de", "es", "it", "pt", "nl", "sv", "no", "da", "fi", "pl", "vi",
        "cs", "sk", "ro", "hu", "sq", "bs", "hr", "sl", "ca", "et", "lt", "lv", "so", "sw", "tl", "uz", "tk", "jv",
        "ha", "ga", "eu", "gl",
    ),
    "Hani": ("zh", "ja"), "Deva": ("hi",), "Beng": ("bn",), "Indc": ("ml", "ta"),
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:[\u064b-\u065f\u0300-\u036f\u200c\-’'][^\W\d_]+)*")
# Measured on short sentences: what one word or ten letters of evidence weigh against the model's log-odds.
_WORD_WEIGHT = 0.9
_LETTER_WEIGHT = 14.0
_LEAST_CONFIDENCE = 0.35
# How much the source's own claim weighs: enough for a headline, not enough against a paragraph.
_HINT_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Letters, words and endings that a language writes and its neighbours do not, each with its languages."""

    letters: dict[str, frozenset[str]]
    words: dict[str, frozenset[str]]
    endings: dict[str, frozenset[str]]
    ending_sizes: tuple[int, ...]


def detect(text: str, hint: str | None = None) -> str:
    """BCP 47 code of the language that most of the text is in; "und" when nothing speaks for one.

    `hint` is what the source says of itself; it decides where the text is too short to.
    """
    sample = unicodedata.normalize("NFC", text[:_LONGEST])
    letters = [c for c in sample if c.isalpha()]
    claimed = normal(hint) if hint and is_known(hint) else UNKNOWN
    counts = Counter(letters)
    script = _dominant(counts)
    if len(letters) < _FEWEST_LETTERS or script == "Zyyy":
        return claimed if _could_be(claimed, script) else UNKNOWN
    if script in _ALONE:
        return _ALONE[script]
    if script not in _CANDIDATES:
        return claimed if _could_be(claimed, script) else UNKNOWN
    return _best(sample, counts, script, _as_detected(claimed, script))


def _dominant(letters: Counter[str]) -> str:
    counts: Counter[str] = Counter()
    for letter, times in letters.items():
        counts[script_of(letter)] += times
    return counts.most_common(1)[0][0] if counts else "Zyyy"


def _could_be(lang: str, script: str) -> bool:
    return lang != UNKNOWN and (script == "Zyyy" or script in scripts().get(lang, ()))


def _as_detected(claimed: str, script: str) -> str:
    """The claim in the detector's own terms: Kurdish is one language per script here."""
    if claimed == "ku":
        return "ckb" if script == "Arab" else "kmr"
    return claimed


def _best(sample: str, letters: Counter[str], script: str, claimed: str) -> str:
    scores = _model_scores(sample, script)
    for lang, weight in _weights(sample, letters).items():
        if lang in scores:
            scores[lang] += weight
    if claimed in scores:
        scores[claimed] += _HINT_WEIGHT
    best = max(scores, key=lambda lang: (scores[lang], lang))
    total = sum(math.exp(score - scores[best]) for score in scores.values())
    return best if 1 / total >= _LEAST_CONFIDENCE else UNKNOWN


def _weights(sample: str, letters: Counter[str]) -> dict[str, float]:
    """What the words and letters of the text add to the languages that they speak for."""
    words = [w.lower() for w in _WORD.findall(sample)]
    met = Counter(lang for word in words for lang in _speakers(word))
    written: Counter[str] = Counter()
    for letter, times in letters.items():
        for lang in _evidence().letters.get(letter, ()):
            written[lang] += times
    by_words = _WORD_WEIGHT / math.sqrt(max(len(words), 4) / 4)
    by_letters = _LETTER_WEIGHT / letters.total()
    return {lang: by_words * met[lang] + by_letters * written[lang] for lang in {*met, *written}}


@lru_cache(maxsize=65536)
def _speakers(word: str) -> frozenset[str]:
    """The languages that write the word where their neighbours do not."""
    evidence = _evidence()
    found = evidence.words.get(word, frozenset())
    if len(word) > _SHORTEST_WITH_ENDING:
        ends = (evidence.endings.get(word[-size:]) for size in evidence.ending_sizes)
        found = found.union(*(langs for langs in ends if langs))
    return found


def _model_scores(sample: str, script: str) -> dict[str, float]:
    """Log-probability of each language that is written in the script."""
    ranked: list[tuple[str, float]] = _identifier(script).rank(sample.lower() if sample.isupper() else sample)
    scores: dict[str, float] = {}
    for label, probability in ranked:
        name = _MODEL_NAMES.get(label, label)
        scores[name] = max(scores.get(name, -50.0), math.log(max(probability, 1e-12)))
    return scores


@cache
def _identifier(script: str) -> LanguageIdentifier:
    """The model, cut down to the languages of one script; what is large in it, all scripts share."""
    identifier = copy(_model())
    identifier.set_languages(_CANDIDATES[script])
    return identifier


@cache
def _model() -> LanguageIdentifier:
    """All of the model. Loaded when first needed, and once for every script."""
    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@cache
def _evidence() -> _Evidence:
    table = tomllib.loads((files("language") / "data" / "evidence.toml").read_text(encoding="utf-8"))
    endings = _by_sign(table, "endings")
    return _Evidence(
        letters=_by_sign(table, "letters"),
        words=_by_sign(table, "words"),
        endings=endings,
        ending_sizes=tuple(sorted({len(ending) for ending in endings})),
    )


def _by_sign(table: dict[str, dict[str, Iterable[str]]], kind: str) -> dict[str, frozenset[str]]:
    """Each letter, word or ending with the languages it speaks for."""
    found: dict[str, set[str]] = defaultdict(set)
    for lang, entry in table.items():
        for sign in entry.get(kind, ()):
            found[sign].add(lang)
    return {sign: frozenset(langs) for sign, langs in found.items()}
