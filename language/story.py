"""Stories: which articles tell the same event, by what their headlines say."""

import hashlib
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from language.headline import Print, folded_core, print_of
from language.languages import UNKNOWN

WINDOW = timedelta(days=3)
# Measured on scored headline pairs and Arabic alerts: above this, two headlines tell one event.
THRESHOLD = 0.6
_FEWEST_WORDS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One arrival: worlds never mix; `published` is aware."""

    id: str
    title: str
    published: datetime
    lang: str = UNKNOWN
    world: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a headline belongs: `story` is the id of the story's first headline."""

    id: str
    story: str
    is_new: bool
    similarity: float


def story_key(title: str, lang: str = UNKNOWN) -> bytes:
    """32 bytes that two titles share when they say the same words, whatever site, case or spelling they are in."""
    return hashlib.sha256(folded_core(title).encode()).digest()


def similar(first: str, second: str, lang: str = UNKNOWN) -> float:
    """How surely two headlines tell one event: 1.0 same words, 0.0 different numbers or too little in common."""
    if folded_core(first) == folded_core(second):
        return 1.0
    return _overlap(print_of(first, lang), print_of(second, lang))


def _overlap(first: Print, second: Print) -> float:
    """Shared content words over the mean of both (Dice); 0 where numbers, places or turns contradict."""
    shared = first.words & second.words
    if len(shared) < _FEWEST_WORDS or first.contradicts(second):
        return 0.0
    return 2 * len(shared) / (len(first.words) + len(second.words))


@dataclass(slots=True)
class _World:
    """What one world has seen within the window."""

    recent: deque[tuple[Headline, str]] = field(default_factory=deque[tuple[Headline, str]])
    by_core: dict[str, list[tuple[Headline, str]]] = field(default_factory=lambda: defaultdict(list))
    by_word: dict[str, list[tuple[Headline, str]]] = field(default_factory=lambda: defaultdict(list))


class StoryGrouper:
    """Places headlines in stories in the order of arrival; the same order gives the same stories."""

    def __init__(self, *, window: timedelta = WINDOW, threshold: float = THRESHOLD) -> None:
        self._window = window
        self._threshold = threshold
        self._worlds: dict[str, _World] = defaultdict(_World)

    def place(self, headline: Headline) -> Placed:
        """The story of this headline: that of its likest within the window, else a new one."""
        world = self._worlds[headline.world]
        self._forget(world, headline.published - self._window)
        similarity, story = self._likest(world, headline)
        is_new = similarity < self._threshold
        placed = Placed(
            id=headline.id,
            story=headline.id if is_new else story,
            is_new=is_new,
            similarity=round(similarity, 4),
        )
        _remember(world, headline, placed.story)
        return placed

    def _likest(self, world: _World, headline: Headline) -> tuple[float, str]:
        same = world.by_core.get(folded_core(headline.title)) if folded_core(headline.title) else None
        if same:
            return 1.0, same[0][1]
        best, story = 0.0, headline.id
        for other, other_story in _candidates(world, print_of(headline.title, headline.lang)):
            likeness = similar(headline.title, other.title, headline.lang)
            if likeness > best:
                best, story = likeness, other_story
        return best, story

    def _forget(self, world: _World, before: datetime) -> None:
        while world.recent and world.recent[0][0].published < before:
            entry = world.recent.popleft()
            _drop(world.by_core, folded_core(entry[0].title), entry)
            for word in print_of(entry[0].title, entry[0].lang).words:
                _drop(world.by_word, word, entry)


def _remember(world: _World, headline: Headline, story: str) -> None:
    entry = (headline, story)
    world.recent.append(entry)
    world.by_core[folded_core(headline.title)].append(entry)
    for word in print_of(headline.title, headline.lang).words:
        world.by_word[word].append(entry)


def _drop(index: dict[str, list[tuple[Headline, str]]], key: str, entry: tuple[Headline, str]) -> None:
    entries = index.get(key, [])
    if entry in entries:
        entries.remove(entry)
    if not entries:
        index.pop(key, None)


def _candidates(world: _World, wanted: Print) -> list[tuple[Headline, str]]:
    """Earlier headlines that share enough words to be alike, oldest first."""
    counts: dict[str, int] = defaultdict(int)
    entries: dict[str, tuple[Headline, str]] = {}
    for word in wanted.words:
        for entry in world.by_word.get(word, ()):
            counts[entry[0].id] += 1
            entries[entry[0].id] = entry
    enough = [entries[key] for key, count in counts.items() if count >= _FEWEST_WORDS]
    return sorted(enough, key=lambda entry: (entry[0].published, entry[0].id))
