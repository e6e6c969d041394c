"""Urdu: nouns by plural and oblique, the endings of men's words given back (دھماکوں is دھماکہ)."""

from language import persian
from language.endings import chains, endings
from language.wordlists import words

# Folded letters: ے is ي, ہ is ه, ئ is ي; the nasal ں stays.
_ENDINGS = endings(
    (3, chains("وں يں ييں يي ات ان ين و ي يوں ياں اوں ايں يات")),
    (3, chains("يو اتي", "- ں")),
)
# Endings that stand for the vowel of a man's word, or come after the ی of a woman's.
_VOWELS = {"وں": ("ا", "ه"), "ي": ("ا", "ه"), "يوں": ("ي",), "ياں": ("ي",), "ات": ("ه",), "و": ("ا", "ه")}
_SHORTEST = 3


def token_keys(word: str) -> frozenset[str]:
    """The word and every noun that it may be in plural or oblique."""
    whole = words("persian", "urdu_whole")
    if word in whole:
        return frozenset({word})
    found = {word, *_ENDINGS.stems(word, whole)}
    for ending, vowels in _VOWELS.items():
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST:
            found.update(word[: -len(ending)] + vowel for vowel in vowels)
    return frozenset(found)


def term_keys(word: str) -> frozenset[str]:
    """The keyword with the inner plurals that Urdu shares with Persian; its last ہ may be written ا."""
    found = persian.term_keys(word)
    other = {"ه": "ا", "ا": "ه"}.get(word[-1:]) if len(word) > _SHORTEST else None
    return found | {word[:-1] + other} if other else found
