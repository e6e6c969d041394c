"""Places: which places of Iraq an article names, and why we think that these are meant."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from language.gazetteer import COUNTRY, Doubt, gazetteer, hints, holding
from language.mentions import Mention, mentions_in
from language.placeforms import words_of
from language.placenames import About, Meaning
from language.words import Token, tokens

FIELDS = ("title", "lead", "body")
MOST_OF_A_FIELD = 3  # mentions of one place in one field; more say nothing new
LONGEST_FIELD = 200_000  # code points: what a longer text is about stands before
_NEAR = 3  # words between a place and what it lies in: Hit, in western Anbar
# Kinds whose name in an article is no sign of where a doubtful name lies: a river crosses countries.
_EVERYWHERE = frozenset({"river"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A place that an article names: `surface` stands at [start, end) of its `field`, in code points.

    `reason` says in plain words why this place is meant.
    """

    place: str
    field: str
    start: int
    end: int
    surface: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Sign:
    """A word of the article that tells of Iraq: a certain place, or `key` "" for an Iraqi anything."""

    at: int
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signs:
    """What the article says of where it takes place."""

    certain: tuple[_Sign, ...]
    doubtful: tuple[_Sign, ...]
    abroad: dict[str, list[int]]
    country: str


def find_places(title: str, lead: str, body: str, lang: str, *, country: str = "") -> tuple[Placed, ...]:
    """The places of Iraq that the article names, the most telling first, each with the reason.

    `country` is the ISO 3166 code of the source: what is doubtful in itself is taken for Iraqi in Iraqi press.
    """
    texts = tuple(text[:LONGEST_FIELD] for text in (title, lead, body))
    return places_in(texts, tuple(tokens(text) if text else [] for text in texts), lang, country=country)


def places_in(
    texts: Sequence[str], words: Sequence[Sequence[Token]], lang: str, *, country: str = ""
) -> tuple[Placed, ...]:
    """`find_places` for title, lead and body whose words are at hand."""
    mentions: list[Mention] = []
    before = 0
    for field, text, found in zip(FIELDS, texts, words, strict=True):
        mentions.extend(mentions_in(field, text, found, lang, before))
        before += found[-1].last + 1 if found else 0
    if not any(meaning.about is About.PLACE for one in mentions for meaning in one.meanings):
        return ()
    signs = _signs(mentions, country)
    judged = [(one, _judged(one, signs, mentions)) for one in mentions]
    return _ranked([(one, *verdict) for one, verdict in judged if verdict is not None])


def _signs(mentions: Sequence[Mention], country: str) -> _Signs:
    certain: list[_Sign] = []
    doubtful: list[_Sign] = []
    abroad: defaultdict[str, list[int]] = defaultdict(list)
    for one in mentions:
        for meaning in one.meanings:
            about, key, doubt = meaning.about, meaning.key, meaning.doubt
            if about is About.ABROAD:
                abroad[key].append(one.at)
            elif about is About.IRAQ:
                certain.append(_Sign(one.at, ""))
            elif not one.elsewhere and gazetteer()[key].kind not in _EVERYWHERE:
                if doubt is Doubt.NONE and not hints()[key].elsewhere:
                    certain.append(_Sign(one.at, key))
                elif doubt is Doubt.CONTEXT and len(one.meanings) == 1:
                    doubtful.append(_Sign(one.at, key))
    return _Signs(
        certain=tuple(certain), doubtful=tuple(doubtful), abroad=dict(abroad), country=country.upper()
    )


def _judged(one: Mention, signs: _Signs, mentions: Sequence[Mention]) -> tuple[Meaning, str] | None:
    """Which place the name means here and why; None when it means none."""
    accepted: list[tuple[Meaning, str]] = []
    for meaning in one.meanings:
        if meaning.about is not About.PLACE or one.elsewhere or _is_anothers(one, meaning.key):
            continue
        reason = _reason(one, meaning, signs, mentions)
        if reason is not None:
            accepted.append((meaning, reason))
    if len(accepted) < 2:
        return accepted[0] if accepted else None
    return max(accepted, key=lambda verdict: (_kin(verdict[0].key, signs), -verdict[0].doubt))


def _is_anothers(one: Mention, key: str) -> bool:
    """Whether a word beside the name makes it a person's or a thing's: Babylon Berlin, ibn al-Zubair."""
    return not one.beside.isdisjoint(_beside(key))


@cache
def _beside(key: str) -> frozenset[str]:
    return frozenset(word for item in hints()[key].beside for word in words_of(item))


def _kin(key: str, signs: _Signs) -> int:
    """How many signs speak of what the place lies in, of names that several places share."""
    above = set(holding(key)[1:]) - {COUNTRY}
    return sum(1 for sign in signs.certain if sign.key in above)


def _reason(one: Mention, meaning: Meaning, signs: _Signs, mentions: Sequence[Mention]) -> str | None:
    """Why the name means this place; None when it does not."""
    key, doubt = meaning.key, meaning.doubt
    if doubt is Doubt.NONE and not hints()[key].elsewhere:
        return "named"
    support = _support(one, key, signs)
    if doubt is Doubt.NONE:
        rivals = any(code in signs.abroad for code in hints()[key].elsewhere)
        return None if rivals and support is None and signs.country != "IQ" else "named"
    if doubt is Doubt.CUE:
        within = _named_within(one, key, mentions)
        if not one.cued and within is None:
            return None
        if support is not None or signs.country == "IQ" or within is not None:
            return "named as a place" if within is None else f"named, and so is {_title(within)} beside it"
        return None
    abroad = [at for code in hints()[key].elsewhere for at in signs.abroad.get(code, ()) if at != one.at]
    nearest = min((abs(at - one.at) for at in abroad), default=None)
    if support is None:
        return "named, and the source is Iraqi" if signs.country == "IQ" and nearest is None else None
    if nearest is not None and nearest < abs(support.at - one.at):
        return None
    return f"named, and {_title(support.key)} is named too"


def _support(one: Mention, key: str, signs: _Signs) -> _Sign | None:
    """The nearest sign of Iraq besides the name itself: certain ones first, else a doubtful neighbour's name."""
    own = {key, *(other for other in holding(key)[1:2] if gazetteer()[other].kind == "district")}
    for candidates in (signs.certain, _neighbouring(key, signs.doubtful)):
        others = [sign for sign in candidates if sign.at != one.at and sign.key not in own]
        if others:
            return min(others, key=lambda sign: abs(sign.at - one.at))
    return None


def _neighbouring(key: str, doubtful: Sequence[_Sign]) -> list[_Sign]:
    """Doubtful names of the same governorate: Kut and Suwaira bear each other out."""
    above = set(holding(key)[1:]) - {COUNTRY, "kurdistan"}
    return [sign for sign in doubtful if sign.key != key and above & set(holding(sign.key)[1:])]


def _named_within(one: Mention, key: str, mentions: Sequence[Mention]) -> str | None:
    """What the place lies in, if that is named right after it, or just before: Hit, Anbar; Anbar's Hit."""
    above = set(holding(key)[1:]) - {COUNTRY, "kurdistan"}
    for other in mentions:
        if not (0 < other.at - one.to <= _NEAR or 0 < one.at - other.to <= 1):
            continue
        for meaning in other.meanings:
            if meaning.about is About.PLACE and meaning.key in above and meaning.doubt is not Doubt.CUE:
                return meaning.key
    return None


def _title(key: str) -> str:
    """A place as the reader of a reason calls it."""
    if not key:
        return "Iraq"
    return name_of(key)


def name_of(key: str, lang: str = "en") -> str:
    """The place's name in this language, else in English, else in any."""
    names = gazetteer()[key].names
    return next((names[code][0] for code in (lang, "en", "ar") if names.get(code)), key)


def _ranked(verdicts: Sequence[tuple[Mention, Meaning, str]]) -> tuple[Placed, ...]:
    """The places in the order of where they stand first, how certain and how often, at most so many of each field."""
    by_place: defaultdict[str, list[tuple[Mention, Meaning, str]]] = defaultdict(list)
    for verdict in verdicts:
        by_place[verdict[1].key].append(verdict)
    ranked = sorted(by_place.values(), key=_rank)
    return tuple(
        _placed(*verdict)
        for group in ranked
        for _, of_field in groupby(group, key=lambda verdict: verdict[0].field)
        for verdict in list(of_field)[:MOST_OF_A_FIELD]
    )


def _rank(group: Sequence[tuple[Mention, Meaning, str]]) -> tuple[int, int, int]:
    first = min(FIELDS.index(one.field) for one, _, _ in group)
    return first, -len(group), group[0][0].at


def _placed(one: Mention, meaning: Meaning, reason: str) -> Placed:
    return Placed(
        place=meaning.key, field=one.field, start=one.start, end=one.end, surface=one.surface, reason=reason
    )
