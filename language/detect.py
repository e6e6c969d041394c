"""Detection: which language a text is in, near neighbours (both Kurdish, Indonesian and Malay) told apart."""

import math
import re
import tomllib
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
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
    letters: frozenset[str]
    words: frozenset[str]
    endings: tuple[str, ...]

    def speaks(self, word: str) -> bool:
        """Whether the word is one that this language writes and its neighbours do not."""
        return word in self.words or (len(word) > _SHORTEST_WITH_ENDING and word.endswith(self.endings))


def detect(text: str, hint: str | None = None) -> str:
    """BCP 47 code of the language that most of the text is in; "und" when nothing speaks for one.

    `hint` is what the source says of itself; it decides where the text is too short to.
    """
    sample = unicodedata.normalize("NFC", text[:_LONGEST])
    letters = [c for c in sample if c.isalpha()]
    claimed = normal(hint) if hint and is_known(hint) else UNKNOWN
    script = _dominant(letters)
    if len(letters) < _FEWEST_LETTERS or script == "Zyyy":
        return claimed if _could_be(claimed, script) else UNKNOWN
    if script in _ALONE:
        return _ALONE[script]
    if script not in _CANDIDATES:
        return claimed if _could_be(claimed, script) else UNKNOWN
    return _best(sample, letters, script, _as_detected(claimed, script))


def _dominant(letters: list[str]) -> str:
    counts = Counter(script_of(c) for c in letters)
    return counts.most_common(1)[0][0] if counts else "Zyyy"


def _could_be(lang: str, script: str) -> bool:
    return lang != UNKNOWN and (script == "Zyyy" or script in scripts().get(lang, ()))


def _as_detected(claimed: str, script: str) -> str:
    """The claim in the detector's own terms: Kurdish is one language per script here."""
    if claimed == "ku":
        return "ckb" if script == "Arab" else "kmr"
    return claimed


def _best(sample: str, letters: list[str], script: str, claimed: str) -> str:
    scores = _model_scores(sample, script)
    words = [w.lower() for w in _WORD.findall(sample)]
    for lang, evidence in _evidence().items():
        if lang in scores:
            met = sum(map(evidence.speaks, words))
            share = sum(c in evidence.letters for c in letters) / len(letters)
            scores[lang] += _WORD_WEIGHT * met / math.sqrt(max(len(words), 4) / 4) + _LETTER_WEIGHT * share
    if claimed in scores:
        scores[claimed] += _HINT_WEIGHT
    best = max(scores, key=lambda lang: (scores[lang], lang))
    total = sum(math.exp(score - scores[best]) for score in scores.values())
    return best if 1 / total >= _LEAST_CONFIDENCE else UNKNOWN


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
    """The model, cut down to the languages of one script. Loaded when first needed: 0.8 s and 90 MB."""
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(_CANDIDATES[script])
    return identifier


@cache
def _evidence() -> dict[str, _Evidence]:
    table = tomllib.loads((files("language") / "data" / "evidence.toml").read_text(encoding="utf-8"))
    return {
        lang: _Evidence(
            letters=frozenset(entry.get("letters", "")),
            words=frozenset(entry.get("words", [])),
            endings=tuple(entry.get("endings", [])),
        )
        for lang, entry in table.items()
    }
