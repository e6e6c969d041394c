"""The vocabulary: every word that any rule looks for, and which of them a written word is."""

from collections.abc import Iterator
from enum import Enum
from typing import NamedTuple

from language.arabic import without_clitics
from language.forms import term_keys, token_keys
from language.languages import NO_LANGUAGE, UNKNOWN, fitting, related, scripts
from language.scripts import fold_word, plain_surface, script_of
from language.words import Part, parts, words_in
from rules.patterns import FuzzyWords, WildcardWords

# A word that a concept lists for one language is taken as written in texts of the others, unless it is so short
# that it means something else there.
_SHORTEST_ABROAD = 4
# Runs of letters that are kept with what they mean, over all languages: some 60 MB when full.
_MOST_REMEMBERED = 250_000
_LONGEST_REMEMBERED = 40


class How(Enum):
    """In which way a wanted word is compared with a written one."""

    FORMS = "forms"
    LITERAL = "literal"
    WILDCARD = "wildcard"
    FUZZY = "fuzzy"


class Wanted(NamedTuple):
    """One word that is looked for. `lang` is None for words of a query, which take the text's language."""

    how: How
    text: str
    lang: str | None = None
    distance: int = 0


class Met(NamedTuple):
    """One wanted word in a run: offsets from the run's start, positions from its first word."""

    number: int
    position: int
    last: int
    start: int
    end: int


class Run(NamedTuple):
    """What a run of letters holds: how many words, and the wanted ones among them."""

    words: int
    met: tuple[Met, ...]


# Most runs are one word that no rule looks for; being empty, it is told apart at no cost.
PLAIN = ()
Remembered = Run | tuple[()]


class _Index:
    """The keys that words have in texts of one language besides their own spelling."""

    def __init__(self) -> None:
        self.by_key: dict[str, list[int]] = {}
        self.not_by_spelling: set[int] = set()
        self.filed = 0


class Vocabulary:
    """Numbers every wanted word once; afterwards says which of them a written word is, at a cost that does not grow
    with their number."""

    def __init__(self) -> None:
        self._numbers: dict[Wanted, int] = {}
        self._wanted: list[Wanted] = []
        self._by_spelling: dict[str, int | list[int]] = {}
        self._literals: dict[str, list[int]] = {}
        self._wildcards = WildcardWords()
        self._fuzzy = FuzzyWords()
        self._of_script: dict[str, list[int]] = {}
        self._indexes: dict[str, _Index] = {}
        self._spoken: dict[str, set[str]] = {}
        self._memories: dict[str, dict[str, Remembered]] = {}

    def __len__(self) -> int:
        return len(self._wanted)

    def number(self, wanted: Wanted) -> int:
        """The number of this wanted word, which is added when it is new."""
        known = self._numbers.get(wanted)
        if known is not None:
            return known
        number = self._numbers[wanted] = len(self._wanted)
        self._wanted.append(wanted)
        if self._memories:
            self._memories.clear()
        self._file(wanted, number)
        return number

    def wanted(self, number: int) -> Wanted:
        """The word of this number."""
        return self._wanted[number]

    def memory(self, lang: str) -> dict[str, Remembered]:
        """The runs known in texts of `lang`; what is missing, `remember` reads."""
        memory = self._memories.get(lang)
        if memory is None:
            memory = self._memories[lang] = {}
        return memory

    def remember(self, run: str, lang: str) -> Remembered:
        """Read a run that the memory does not hold, and keep it where it may come again."""
        read = parts(run)
        met = tuple(
            Met(number, part.position, part.last, part.start, part.end)
            for part in read
            for number in self.numbers_of(part, run, lang)
        )
        words = words_in(read)
        found: Remembered = Run(words, met) if met or words != 1 else PLAIN
        if len(run) <= _LONGEST_REMEMBERED:
            memory = self.memory(lang)
            if len(memory) >= _MOST_REMEMBERED // max(len(self._memories), 1):
                memory.clear()
            memory[run] = found
        return found

    def numbers_of(self, part: Part, run: str, lang: str) -> list[int]:
        """The wanted words that this reading of a run's word is, in a text of `lang`."""
        return sorted(set(self._find(part, run, lang)))

    def _file(self, wanted: Wanted, number: int) -> None:
        folded = fold_word(wanted.text)
        match wanted.how:
            case How.FORMS:
                _put(self._by_spelling, folded, number)
                script = script_of(folded)
                self._of_script.setdefault(script, []).append(number)
                if wanted.lang:
                    self._spoken.setdefault(script, set()).add(wanted.lang)
            case How.LITERAL:
                self._literals.setdefault(folded, []).append(number)
            case How.WILDCARD:
                self._wildcards.add(folded, number)
            case How.FUZZY:
                self._fuzzy.add(folded, wanted.distance, number)

    def _find(self, part: Part, run: str, lang: str) -> Iterator[int]:
        folded = part.folded
        script = script_of(folded)
        yield from self._written(folded, lang)
        for one in self._languages_to_try(script, lang):
            yield from self._by_forms(folded, one)
        for number in self._literals.get(folded, ()):
            if same_surface(self._wanted[number].text, run[part.start : part.end]):
                yield number
        if self._wildcards:
            bare = without_clitics(folded) if script == "Arab" else (folded,)
            for form in bare:
                yield from self._wildcards.meeting(form)
        if self._fuzzy:
            yield from self._fuzzy.meeting(folded)

    def _written(self, folded: str, lang: str) -> Iterator[int]:
        """Words that stand exactly so in a rule, whatever language it lists them for."""
        for number in _got(self._by_spelling, folded):
            origin = self._wanted[number].lang
            if origin is None or len(folded) >= _SHORTEST_ABROAD or related(origin, lang) or lang == UNKNOWN:
                yield number

    def _by_forms(self, folded: str, lang: str) -> Iterator[int]:
        """Words of which the written one is a form in `lang`."""
        index = self._index(lang)
        for key in token_keys(folded, lang):
            yield from index.by_key.get(key, ())
            for number in _got(self._by_spelling, key):
                origin = self._wanted[number].lang
                if (origin is None or related(origin, lang)) and number not in index.not_by_spelling:
                    yield number

    def _languages_to_try(self, script: str, lang: str) -> tuple[str, ...]:
        if lang != UNKNOWN:
            return (fitting(lang, script),)
        known = scripts()
        spoken = (one for one in self._spoken.get(script, ()) if script in known.get(one, ()))
        return (*sorted(spoken), fitting(UNKNOWN, script))

    def _index(self, lang: str) -> _Index:
        """The other keys of the wanted words in texts of `lang`: filed when the first such text comes."""
        index = self._indexes.get(lang)
        if index is None:
            index = self._indexes[lang] = _Index()
        if index.filed < len(self._wanted):
            written = scripts().get(lang, ())
            for script, numbers in self._of_script.items():
                if script in written or lang == NO_LANGUAGE:
                    self._index_more(index, numbers, lang)
            index.filed = len(self._wanted)
        return index

    def _index_more(self, index: _Index, numbers: list[int], lang: str) -> None:
        for number in numbers:
            if number < index.filed:
                continue
            origin = self._wanted[number].lang
            if origin is None or related(origin, lang):
                folded = fold_word(self._wanted[number].text)
                keys = keys_of(folded, lang)
                if folded not in keys:
                    index.not_by_spelling.add(number)
                for key in keys:
                    if key != folded:
                        index.by_key.setdefault(key, []).append(number)


def keys_of(folded: str, lang: str) -> frozenset[str]:
    """The keys by which a wanted word meets written words in texts of `lang`."""
    return frozenset({folded}) if lang == NO_LANGUAGE else term_keys(folded, lang)


def same_surface(wanted: str, surface: str) -> bool:
    """Whether a written word is the literal: capitals count only when the literal has some."""
    first, second = plain_surface(wanted), plain_surface(surface)
    return first == second or (first == first.lower() and first == second.lower())


def _put(index: dict[str, int | list[int]], key: str, number: int) -> None:
    """File a number; nearly every key has one only, which needs no list."""
    known = index.get(key)
    if known is None:
        index[key] = number
    elif isinstance(known, int):
        index[key] = [known, number]
    else:
        known.append(number)


def _got(index: dict[str, int | list[int]], key: str) -> tuple[int, ...] | list[int]:
    known = index.get(key)
    if known is None:
        return ()
    return (known,) if isinstance(known, int) else known
