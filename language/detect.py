"""Detection: which language a text is in, near neighbours (both Kurdish, Indonesian and Malay) told apart."""

import math
import re
import tomllib
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from language.languages import UNKNOWN, is_known, normal, scripts
from language.malay import lean
from language.scripts import script_of
from language.sorani import lean_sorani

_LONGEST = 700
_FEWEST_LETTERS = 4
# What is looked at of an article at each place, and from which length on at more than one.
_WINDOW = 600
_LONG = 1800
# From this share of the letters on another script beside Latin words without a small word among them is the text's own.
_LEAST_BESIDE_NAMES = 0.1
# Scripts that name their language.
_ALONE = {"Hebr": "he", "Grek": "el", "Armn": "hy", "Geor": "ka", "Hang": "ko", "Thai": "th", "Syrc": "syr"}
# What the model calls the languages that we keep apart by other names. Malay is Indonesian until `lean` has spoken, and
# Kurmanji in Arabic letters is Sorani.
_MODEL_NAMES = {"ku": "kmr", "sdh": "ckb", "arz": "ar", "ary": "ar", "no": "nb", "ms": "id"}
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
# The languages that words and letters alone may decide on, without the model, and by how much: their words are listed
# well enough, and no unlisted language writes many of them.
_SURE = frozenset({"ar", "fa", "ur", "ckb", "kmr", "en", "id", "tr"})
_SURE_WORDS = 2.5
_SURE_SHARE = 0.12
_SURE_RATIO = 3.0
_WORD = re.compile(r"[^\W\d_]+(?:[\u064b-\u065f\u0300-\u036f\u200c\-’'][^\W\d_]+)*")
# Addresses are in no language; neither are the names of accounts.
_ADDRESS = re.compile(
    r"(?:https?://|www\.)\S+|\S*@\S+|\b[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|info|iq|tv)\b\S*"
)
# Names and brands inside a text of another script.
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]+")
# Measured on short sentences: what one word or ten letters of evidence weigh against the model's log-odds.
_WORD_WEIGHT = 0.9
_LETTER_WEIGHT = 14.0
_LEAST_CONFIDENCE = 0.35
# How much the source's own claim weighs: enough for a headline, not enough against a paragraph.
_HINT_WEIGHT = 2.0
# Languages that are one until their own small lists have spoken.
_FAMILIES = {"ms": "id", "kmr": "ckb"}
# Kurmanji in Arabic letters is rarer than Sorani.
_RARER = 1.5
# Where `lean` knows nothing, Indonesian is not the likelier one: measured on sentences of both.
_NO_LEAN = -0.25


@dataclass(frozen=True, slots=True)
class _Evidence:
    """Letters and words that a language writes and its neighbours do not, each with its languages."""

    letters: dict[str, tuple[str, ...]]
    words: dict[str, tuple[str, ...]]


def detect(text: str, hint: str | None = None) -> str:
    """BCP 47 code of the language that most of the text is in; "und" when nothing speaks for one.

    `hint` is what the source says of itself; it decides where the text is too short to.
    """
    sample = _sample(text)
    counts = Counter(filter(str.isalpha, sample))
    claimed = normal(hint) if hint and is_known(hint) else UNKNOWN
    script = _script(sample, counts)
    if counts.total() < _FEWEST_LETTERS or script == "Zyyy":
        return claimed if _could_be(claimed, script) else UNKNOWN
    if script in _ALONE:
        return _ALONE[script]
    if script not in _CANDIDATES:
        return claimed if _could_be(claimed, script) else UNKNOWN
    return _best(sample, counts, script, _as_detected(claimed, script))


def detect_article(title: str, text: str, hint: str | None = None) -> str:
    """The language of most of an article: of its title and start, unless both its middle and its end are in another."""
    first = detect(f"{title}\n{text[:_WINDOW]}", hint)
    if len(text) < _LONG:
        return first
    middle = len(text) // 2
    second = detect(text[middle : middle + _WINDOW], first)
    if second in {first, UNKNOWN}:
        return first
    return second if detect(text[-_WINDOW:], first) == second else first


def warm_up() -> None:
    """Load the model and the lists now, so that the first text does not pay for them."""
    for script in ("Latn", "Arab"):
        _model_scores("merhaba", script)
    _evidence()
    lean("satu")


@cache
def words_of(lang: str) -> frozenset[str]:
    """The listed small words of a language; those that it shares with its sister included."""
    known = _words_by_language()
    return known.get(lang, frozenset()) | known.get(_FAMILIES.get(lang, ""), frozenset())


def _sample(text: str) -> str:
    """The start of the text, without addresses, which are in no language."""
    sample = unicodedata.normalize("NFC", text[:_LONGEST])
    if "." in sample or "@" in sample:
        return _ADDRESS.sub(" ", sample)
    return sample


def _dominant(letters: Counter[str]) -> str:
    counts: Counter[str] = Counter()
    for letter, times in letters.items():
        counts[script_of(letter)] += times
    return counts.most_common(1)[0][0] if counts else "Zyyy"


def _script(sample: str, letters: Counter[str]) -> str:
    """The script of the text; Latin names and brands do not make a Latin text of one in another script."""
    script = _dominant(letters)
    if script != "Latn" or sample.isascii():
        return script
    others = Counter({letter: times for letter, times in letters.items() if script_of(letter) != script})
    if others.total() < _LEAST_BESIDE_NAMES * letters.total() or _met(_LATIN.findall(sample.lower())):
        return script
    return _dominant(others)


def _could_be(lang: str, script: str) -> bool:
    return lang != UNKNOWN and (script == "Zyyy" or script in scripts().get(lang, ()))


def _as_detected(claimed: str, script: str) -> str:
    """The claim in the detector's own terms: Kurdish is one language per script here."""
    if claimed == "ku":
        return "ckb" if script == "Arab" else "kmr"
    return claimed


def _best(sample: str, letters: Counter[str], script: str, claimed: str) -> str:
    words = [w.lower() for w in _WORD.findall(sample.replace("İ", "i"))]
    met = _met(words)
    written = _written(letters)
    best = _clear(met, words) or _likeliest(sample, script, claimed, _weights(words, letters, met, written))
    if best == "id":
        return _malay_or_indonesian(sample, claimed)
    if best == "ckb":
        return _sorani_or_kurmanji(words, claimed)
    return best


def _likeliest(sample: str, script: str, claimed: str, weights: dict[str, float]) -> str:
    """The best by the model, by words and letters, and by the source's own claim together."""
    scores = _model_scores(sample, script)
    for lang, weight in weights.items():
        if lang in scores:
            scores[lang] += weight
    family = _FAMILIES.get(claimed, claimed) if claimed not in scores else claimed
    if family in scores:
        scores[family] += _HINT_WEIGHT
    best = max(scores, key=lambda lang: (scores[lang], lang))
    total = sum(math.exp(score - scores[best]) for score in scores.values())
    return best if 1 / total >= _LEAST_CONFIDENCE else UNKNOWN


def _malay_or_indonesian(sample: str, claimed: str) -> str:
    claim = {"id": _HINT_WEIGHT, "ms": -_HINT_WEIGHT}.get(claimed, 0.0)
    return "id" if lean(sample) + claim > _NO_LEAN else "ms"


def _sorani_or_kurmanji(words: Sequence[str], claimed: str) -> str:
    claim = {"ckb": _HINT_WEIGHT, "kmr": -_HINT_WEIGHT}.get(claimed, 0.0)
    return "ckb" if lean_sorani(words) + claim + _RARER > 0 else "kmr"


def _met(words: Sequence[str]) -> dict[str, float]:
    """How many of the words each language is known to write; a word of several languages is shared among them."""
    met: defaultdict[str, float] = defaultdict(float)
    known = _evidence().words
    for word in words:
        for lang in (speakers := known.get(word, ())):
            met[lang] += 1 / len(speakers)
    return met


def _written(letters: Counter[str]) -> dict[str, int]:
    written: defaultdict[str, int] = defaultdict(int)
    for letter, times in letters.items():
        for lang in _evidence().letters.get(letter, ()):
            written[lang] += times
    return written


def _clear(met: dict[str, float], words: Sequence[str]) -> str | None:
    """The language that the listed words alone make certain, if one."""
    if not met:
        return None
    best = max(met, key=met.__getitem__)
    if best not in _SURE or met[best] < max(_SURE_WORDS, _SURE_SHARE * len(words)):
        return None
    second = max((count for lang, count in met.items() if lang != best), default=0.0)
    return best if met[best] >= _SURE_RATIO * second else None


def _weights(
    words: Sequence[str], letters: Counter[str], met: dict[str, float], written: dict[str, int]
) -> dict[str, float]:
    """What the words and letters of the text add to the languages that they speak for."""
    by_words = _WORD_WEIGHT / math.sqrt(max(len(words), 4) / 4)
    by_letters = _LETTER_WEIGHT / letters.total()
    return {
        lang: by_words * met.get(lang, 0) + by_letters * written.get(lang, 0) for lang in {*met, *written}
    }


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
    return _Evidence(letters=_by_sign(table, "letters"), words=_by_sign(table, "words"))


@cache
def _words_by_language() -> dict[str, frozenset[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for word, langs in _evidence().words.items():
        for lang in langs:
            found[lang].add(word)
    return {lang: frozenset(words) for lang, words in found.items()}


def _by_sign(table: dict[str, dict[str, Iterable[str]]], kind: str) -> dict[str, tuple[str, ...]]:
    """Each letter or word with the languages it speaks for."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for lang, entry in table.items():
        for sign in entry.get(kind, ()):
            found[sign].add(lang)
    return {sign: tuple(sorted(langs)) for sign, langs in found.items()}
