"""Persian and Dari: nouns by plural, ezafe, article, owner and copula, verbs by the forms of their two stems.

Half-spaces are gone when a word comes here (می‌کشند is ميكشند); where they were spaces, the words come one by one.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import product

from language.endings import chains, endings
from language.wordlists import families, words

_OWNERS = "م ت ش مان تان شان"
_ENDINGS = endings(
    (2, chains("ها هاي", f"- {_OWNERS} ي يي يم يت يش يمان يتان يشان يند ست", "- را")),
    (3, chains("ان", "- ي ش شان مان تان م ند ش", "- را")),
    (3, chains("ش ي يي اي ات اتي شان مان تان اش ام اشان امان اتان را")),
    (3, chains("يان ياني يانش يند يم اند ست است هاست تر ترين ترينها ترها تري")),
    (3, chains("يمان يشان يتان يش هي ايي ايها ايهاي يها يهاي يهايي هاش هام هامون")),
    (4, chains("و رو مون تون شون يت")),
)
# ه at the end turns to گ before the living plural: نماینده, نمایندگان.
_LIVING = endings((3, chains("گان گي", "- ي ش شان مان")))
# What a keyword may lose too, since nothing else ends so.
_SURE = endings((3, chains("ها هاي هايي هايش هايشان")))
_PAST_BEFORE = ("", "ن", "مي", "نمي")
_PAST_AFTER = ("", "م", "يم", "يد", "ند")
_PARTICIPLE = ("ه", "هاند", "هاست", "هام", "هايم", "هشد", "هشدند", "هها", "ههاي", "گان", "گاني", "هاي")
_PRESENT_BEFORE = ("مي", "نمي", "ب", "ن", "بي", "ني")
_PRESENT_AFTER = ("م", "د", "يم", "يد", "ند")
_SHORTEST = 3
# A participle with the Arabic plural: معترضین. Elsewhere ین makes another word (شیر, شیرین).
_SHORTEST_ARABIC = 5


def token_keys(word: str) -> frozenset[str]:
    """The word and every noun that it may be with endings."""
    whole = words("persian", "whole")
    found = [word, *_ENDINGS.stems(word, whole)]
    if word.startswith("م") and word.endswith("ين") and len(word) > _SHORTEST_ARABIC:
        found.append(word[:-2])
    if "گ" in word:
        found.extend(stem + "ه" for stem in _LIVING.stems(word, whole))
    return frozenset(found)


def term_keys(word: str) -> frozenset[str]:
    """The keyword with its other spellings, its inner plurals or the noun of which it is one, its verb forms."""
    found: set[str] = set()
    for one in _spellings(word):
        found.add(one)
        found.update(_SURE.stems(one, words("persian", "whole")))
        found.update(_kin("plurals").get(one, ()))
        found.update(_verb(one))
    return frozenset(found)


def _spellings(word: str) -> set[str]:
    return {word, *_kin("spellings").get(word, ())}


@cache
def _kin(section: str) -> dict[str, frozenset[str]]:
    """A line's first word has all the others, each of the others has the first."""
    found: dict[str, set[str]] = {}
    for head, rest in families("persian", section).items():
        found.setdefault(head, set()).update(rest)
        for word in rest:
            found.setdefault(word, set()).add(head)
    return {word: frozenset(others) for word, others in found.items()}


def _verb(infinitive: str) -> Iterator[str]:
    """The finite forms of an infinitive, with می, نمی, ن and ب and after a space without them."""
    present = families("persian", "verbs").get(infinitive)
    if present is None:
        return
    past = infinitive.removesuffix("ن")
    yield from _forms(_PAST_BEFORE, (past,), _PAST_AFTER)
    yield from _forms(("", "ن"), (past,), _PARTICIPLE)
    yield from _forms(_PRESENT_BEFORE, present, _PRESENT_AFTER)


def _forms(*slots: Iterable[str]) -> Iterator[str]:
    for parts in product(*slots):
        form = "".join(parts)
        if len(form) > _SHORTEST:
            yield form
