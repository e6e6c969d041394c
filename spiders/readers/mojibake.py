"""Mojibake: text whose bytes were read as another encoding's letters."""

import re

# What UTF-8's lead and trail bytes become in Windows-1252 / ISO 8859-1 (Ø§Ù„, Ã©, â€™) and in Windows-1256
# (ط§ظ„): a lead followed by a trail, again and again, which no language writes.
_LATIN = re.compile(
    r"(?:[\u00c2\u00c3\u00c5\u00d8-\u00db][\u0080-\u00bf\u0152\u0153\u0160\u0161\u0178\u017d\u017e\u0192"
    r"\u02c6\u02dc\u2013-\u203a\u20ac\u2122]|\u00e2\u20ac.)"
)
_ARABIC = re.compile(
    r"[\u0637\u0638\u0639\u063a][\u00a0-\u00bf\u2013-\u203a\u20ac\u2122\u0192\u02c6\u067e\u0679\u0152]"
)
_LOST = re.compile("[\ufffd\u0080-\u0084\u0086-\u009f]")
_QUESTIONS = re.compile(r"\?{3,}")
_LETTER = re.compile(r"[^\W\d_]")
LEAST_HITS, LEAST_SHARE = 3, 0.15


def is_garbled(text: str) -> bool:
    """Whether a good part of the letters stands for bytes of another encoding, or was lost to `?` and U+FFFD."""
    letters = len(_LETTER.findall(text))
    lost = len(_LOST.findall(text)) + sum(len(run) for run in _QUESTIONS.findall(text))
    hits = 2 * (len(_LATIN.findall(text)) + len(_ARABIC.findall(text))) + lost
    return hits >= LEAST_HITS and hits > LEAST_SHARE * (letters + lost)
