"""Mojibake: text whose bytes were read as another encoding's letters, told apart from real text and told back."""

import re
import unicodedata
from functools import cache

# What UTF-8 was taken for, as news sites do it: Ø§Ù„, ط§ظ„, РР°, Ă©, п°. Each has a letter or sign for nearly
# every byte; the control character of its number stands for a byte without.
_TAKEN_FOR = ("cp1252", "latin-1", "cp1256", "cp1251", "cp1250", "cp1254", "koi8_r", "mac_roman")
_RUN = re.compile(r"[^\x00-\x7f]+")
_WORD = re.compile(r"[^\W\d_]{3,}")
_TOKEN = re.compile(r"\S+")
_LOST_WORD = re.compile(r"[\"'(«“]*\?{2,}[?.,:;!)\"'»”]*")
_LOST = re.compile("[\ufffd\u0080-\u0084\u0086-\u009f]")
_LETTER = re.compile(r"[^\W\d_]")
_ACCENTED = re.compile("[\u00c0-\u00ff\u0100-\u017f\u0192\u0218-\u021b]+")
_CASELESS = re.compile("[\u0430-\u045f][\u0410-\u042f\u0400-\u040f]")  # a capital after a small letter
_CAPITAL = re.compile("[\u0410-\u042f\u0400-\u040f]")
_SAMPLE_RUNS = 300
FEWEST_PAIRS = 2  # sound UTF-8 characters, before we believe in them
SOUND_SHARE = 4  # of them to one that is not
TWICE_SHARE = 0.1  # a dash that became â€“ spoils no text
LOST_SHARE, WORD_SHARE = 0.15, 0.3
_FEWEST_LOST = 3
_FEWEST_WORDS = 2


def is_garbled(text: str) -> bool:
    """Whether a good part of the letters stands for bytes of another encoding, or was lost to `?` and U+FFFD."""
    if text.isascii() and "??" not in text:
        return False
    other, letters = sum(map(len, _RUN.findall(text))), len(_LETTER.findall(text))
    twice = other > TWICE_SHARE * letters and _best_reading(text) is not None
    return twice or _is_lost(text) or _is_strange(text)


def told_back(text: str) -> tuple[str, str] | None:
    """The text that was UTF-8, read as another encoding, and encoded again; with that encoding's name.

    None unless nearly all of its letters make sound UTF-8 in one and the same way: no real text does.
    """
    name = _best_reading(text)
    return (_RUN.sub(lambda run: _read_back(run.group(), name), text), name) if name else None


def _best_reading(text: str) -> str | None:
    runs: list[str] = []
    for found in _RUN.finditer(text):
        runs.append(found.group())
        if len(runs) >= _SAMPLE_RUNS:
            break
    return next((name for name in _TAKEN_FOR if _is_sound(runs, name)), None) if runs else None


def _is_sound(runs: list[str], name: str) -> bool:
    """Whether the runs of other than ASCII characters are UTF-8, once they are bytes of that encoding again."""
    sound = spoilt = 0
    for run in runs:
        read = _read_back(run, name)
        bad = read.count("\ufffd")
        same = len(run) if read == run else 0
        spoilt += bad or same
        sound += 0 if same else len(read) - bad
        if spoilt > len(runs) + SOUND_SHARE * sound:
            return False
    return sound >= FEWEST_PAIRS and sound > SOUND_SHARE * spoilt


def _read_back(run: str, name: str) -> str:
    """The run as UTF-8, where its characters are bytes of that encoding; itself when they are not."""
    table = _byte_of(name)
    raw = bytearray()
    for char in run:
        byte = table.get(char)
        if byte is None:
            return run
        raw.append(byte)
    return raw.decode("utf-8", "replace")


@cache
def _byte_of(name: str) -> dict[str, int]:
    """Character -> byte, of the upper half; where the encoding has none, the control character of that number."""
    return {bytes([byte]).decode(name, "ignore") or chr(byte): byte for byte in range(128, 256)}


def _is_lost(text: str) -> bool:
    letters, lost = len(_LETTER.findall(text)), len(_LOST.findall(text))
    if lost >= _FEWEST_LOST and lost > LOST_SHARE * (letters + lost):
        return True
    tokens = _TOKEN.findall(text)
    gone = sum(
        bool(_LOST_WORD.fullmatch(token)) for token in tokens
    )  # "Really???" is a word with its emphasis
    return gone >= _FEWEST_WORDS and gone > WORD_SHARE * len(tokens)


def _is_strange(text: str) -> bool:
    """Words of nothing but accented letters (ÅÕÇÈÉ), or of small letters before capitals (рТЙЧЕФ)."""
    words = _WORD.findall(unicodedata.normalize("NFC", text))
    accented = sum(bool(_ACCENTED.fullmatch(word)) for word in words)
    caseless = sum(bool(_CASELESS.search(word)) for word in words)
    most = max(accented, caseless)
    shouted = 2 * len(_CAPITAL.findall(text)) > len(
        _LETTER.findall(text)
    )  # and yet small letters begin words
    share = 0 if shouted and caseless == most else WORD_SHARE
    return most >= _FEWEST_WORDS and most > share * len(words)
