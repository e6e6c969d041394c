"""Sorani or Kurmanji: the two Kurdish languages told apart where both are written in Arabic letters."""

from collections.abc import Sequence

# Log-odds, above 0 for Sorani. Kurmanji of Duhok writes its prepositions as single letters (ل ب ژ), its verbs with a
# bare د (دکەت), the oblique case (-ێ) and the plural ezafe (-ێن); Sorani writes لە, بە, دە- and the article -ەکە.
_WORDS = {
    "لە": 2.0, "بە": 0.7, "کە": 1.5, "لەسەر": 2.0, "لەگەڵ": 3.0, "لەلایەن": 2.0, "هەموو": 2.0, "نییە": 2.0, "تر": 1.0,
    "بۆ": 0.5, "دوای": 1.0, "ئێمە": 2.0, "کردن": 1.0, "کرد": 0.7, "ئەوە": 1.0, "ئەمە": 1.5, "دا": 1.0, "یەک": 0.3,
    "دروست": 0.5, "دڵنیا": 0.5, "دڵی": 0.3, "دڵخۆش": 0.3,
    "ل": -2.5, "ژ": -3.0, "ب": -2.0, "ژی": -2.0, "ژبۆ": -3.0, "دێ": -2.0, "یێ": -2.0, "یێن": -3.0, "یا": -1.0,
    "لسەر": -2.0, "دگەل": -3.0, "لگەل": -2.0, "کو": -2.0, "خوە": -3.0, "ئەز": -3.0, "مە": -1.5, "هەمی": -2.0,
    "گەلەک": -2.0, "نینە": -2.0, "کرن": -1.5, "پشتی": -1.5, "بەری": -0.5, "هات": -0.3, "هاتیە": -2.0, "ناڤ": -3.0,
}  # fmt: skip
_ENDINGS = (
    ("ەکانی", 1.2), ("ەکان", 1.2), ("ەکەی", 1.0), ("ەکە", 1.0), ("ێکی", 0.7), ("وە", 0.4), ("ێت", 0.5),
    ("ێن", -1.2), ("یێ", -0.8), ("ێ", -0.8),
)  # fmt: skip
_LETTERS = {"ڵ": 1.5, "ڕ": 0.5, "ڤ": -0.6}
_MOST_OF_A_LETTER = 2
_SHORTEST = 4
_SORANI_VERB, _KURMANJI_VERB = 0.6, -1.0
# دکەت, دکەن, دکەم, دکەی; words like دروست are listed.
_VERB_ENDS = frozenset("تنمی")
_VOWELS = frozenset("ەاوۆیێئ")
# Sorani as old keyboards wrote it: ه with a zero-width non-joiner for ە, and Arabic letters for Kurdish ones.
_OLD_SPELLING = str.maketrans({"ك": "ک", "ي": "ی", "ى": "ی"})


def lean_sorani(words: Sequence[str]) -> float:
    """Log-odds that Kurdish words in Arabic letters are Sorani: above 0 Sorani, below 0 Kurmanji."""
    modern = [word.replace("ه\u200c", "ە").translate(_OLD_SPELLING) for word in words]
    together = "".join(modern)
    letters = sum(
        weight * min(together.count(letter), _MOST_OF_A_LETTER) for letter, weight in _LETTERS.items()
    )
    return letters + sum(map(_weight, modern))


def _weight(word: str) -> float:
    if word in _WORDS:
        return _WORDS[word]
    if len(word) < _SHORTEST:
        return 0.0
    if word.startswith("دە"):
        return _SORANI_VERB
    if word[0] == "د" and word[1] not in _VOWELS and word[-1] in _VERB_ENDS:
        return _KURMANJI_VERB
    return next((weight for ending, weight in _ENDINGS if word.endswith(ending)), 0.0)
