"""Arabic broken plurals as their patterns make them, for keywords that the lexicon does not know."""

import re

_C = "[بتثجحخدذرزسشصضطظعغفقكلمنهويء]"
_PATTERNS = tuple(
    (re.compile(pattern), plurals)
    for pattern, plurals in (
        (f"({_C})({_C})({_C})(?<!ه)", (r"ا\1\2ا\3", r"\1\2و\3")),
        (f"({_C})({_C})ي({_C})", (r"\1\2\3اء", r"\1\2اي\3")),
        (f"({_C})({_C})[ياو]({_C})ه", (r"\1\2اي\3",)),
        (f"({_C})({_C})ا({_C})(?<!ه)", (r"ا\1\2\3ه", r"\1\2اي\3")),
        (f"({_C})ا({_C})({_C})ه?", (r"\1وا\2\3",)),
        (f"({_C})ا({_C})[وي]({_C})", (r"\1وا\2ي\3",)),
        (f"م({_C})({_C})({_C})ه?", (r"م\1ا\2\3",)),
        (f"م({_C})({_C})[اوي]({_C})", (r"م\1ا\2ي\3",)),
        (f"({_C})({_C})({_C})({_C})ه?", (r"\1\2ا\3\4",)),
        (f"({_C})({_C})({_C})[اوي]({_C})", (r"\1\2ا\3ي\4",)),
    )
)


def broken_plurals(word: str) -> frozenset[str]:
    """The broken plurals that a folded singular of this shape may have."""
    found: set[str] = set()
    for pattern, plurals in _PATTERNS:
        match = pattern.fullmatch(word)
        if match:
            found.update(match.expand(plural) for plural in plurals)
    return frozenset(found)
