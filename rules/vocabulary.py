"""The vocabulary: every word that any rule looks for, and which of them a written word is."""

from collections.abc import Sequence
from enum import StrEnum
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
_COST_OF_LETTER = 10_000


class How(StrEnum):
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
    """What a run of letters holds: how many words, the numbers of the wanted ones among them, and where these are."""

    words: int
    numbers: tuple[int, ...]
    met: tuple[Met, ...]


# Most runs are one word that no rule looks for; being empty, it is told apart at no cost.
PLAIN = ()
Remembered = Run | tuple[()]


class _Memory:
    """What was read in texts of one language: runs as they are written, and folded words."""

    def __init__(self) -> None:
        self.runs: dict[str, Remembered] = {}
        self.words: dict[str, tuple[int, ...]] = {}

    def keep_below(self, most: int) -> None:
        """Forget everything rather than grow beyond `most`: what is common is soon known again."""
        if len(self.runs) >= most:
            self.runs.clear()
        if len(self.words) >= most:
            self.words.clear()


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
        self.uses: list[int] = []  # how often each word was asked for: the rarest wakes a rule
        self._numbers: dict[Wanted, int] = {}  # of all but those that are filed by their spelling
        self._wanted: list[Wanted] = []
        self._by_spelling: dict[str, int | list[int]] = {}
        self._literals: dict[str, list[int]] = {}
        self._wildcards = WildcardWords()
        self._fuzzy = FuzzyWords()
        self._of_script: dict[str, list[int]] = {}
        self._indexes: dict[str, _Index] = {}
        self._spoken: dict[str, set[str]] = {}
        self._memories: dict[str, _Memory] = {}
        self._tried: dict[tuple[str, str], tuple[str, ...]] = {}

    def __len__(self) -> int:
        return len(self._wanted)

    def number(self, wanted: Wanted) -> int:
        """The number of this wanted word, which is added when it is new."""
        known = self._known(wanted)
        if known is not None:
            self.uses[known] += 1
            return known
        number = len(self._wanted)
        self._wanted.append(wanted)
        self.uses.append(1)
        if self._memories:
            self._memories.clear()
            self._tried.clear()
        self._file(wanted, number)
        return number

    def _known(self, wanted: Wanted) -> int | None:
        if wanted.how is not How.FORMS:
            return self._numbers.get(wanted)
        alike = _got(self._by_spelling, fold_word(wanted.text))
        return next((number for number in alike if self._wanted[number] == wanted), None)

    def wanted(self, number: int) -> Wanted:
        """The word of this number."""
        return self._wanted[number]

    def cost(self, number: int) -> int:
        """How often a rule that waits for this word may be woken for nothing: short words and those that many rules
        ask for are the common ones."""
        return self.uses[number] * _COST_OF_LETTER // max(len(self._wanted[number].text), 1) ** 2

    def memory(self, lang: str) -> dict[str, Remembered]:
        """The runs known in texts of `lang`; what is missing, `remember` reads."""
        return self._memory(lang).runs

    def _memory(self, lang: str) -> "_Memory":
        memory = self._memories.get(lang)
        if memory is None:
            memory = self._memories[lang] = _Memory()
        return memory

    def remember(self, run: str, lang: str) -> Remembered:
        """Read a run that the memory does not hold, and keep it where it may come again."""
        memory = self._memory(lang)
        read = parts(run)
        met = tuple(
            Met(number, part.position, part.last, part.start, part.end)
            for part in read
            for number in self._numbers_of(part, run, lang, memory)
        )
        words = words_in(read)
        found: Remembered = (
            PLAIN if words == 1 and not met else Run(words, tuple({one.number for one in met}), met)
        )
        if len(run) <= _LONGEST_REMEMBERED:
            memory.keep_below(_MOST_REMEMBERED // len(self._memories))
            memory.runs[run] = found
        return found

    def _numbers_of(self, part: Part, run: str, lang: str, memory: "_Memory") -> Sequence[int]:
        """The wanted words that this reading of a run's word is; most runs are known words with other marks."""
        folded = part.folded
        numbers = memory.words.get(folded)
        if numbers is None:
            numbers = self._meanings(folded, lang)
            if len(folded) <= _LONGEST_REMEMBERED:
                memory.words[folded] = numbers
        if folded not in self._literals:
            return numbers
        surface = run[part.start : part.end]
        literal = (n for n in self._literals[folded] if same_surface(self._wanted[n].text, surface))
        return sorted({*numbers, *literal})

    def _meanings(self, folded: str, lang: str) -> tuple[int, ...]:
        """The wanted words that a folded one is in a text of `lang`, however its letters are written."""
        script = script_of(folded)
        found = self._written(folded, lang)
        for one in self._languages_to_try(script, lang):
            found += self._by_forms(folded, one)
        if self._wildcards:
            for form in without_clitics(folded) if script == "Arab" else (folded,):
                found += self._wildcards.meeting(form)
        if self._fuzzy:
            found += self._fuzzy.meeting(folded)
        return tuple(sorted(set(found))) if found else ()

    def _file(self, wanted: Wanted, number: int) -> None:
        folded = fold_word(wanted.text)
        folded = wanted.text if folded == wanted.text else folded
        if wanted.how is not How.FORMS:
            self._numbers[wanted] = number
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

    def _written(self, folded: str, lang: str) -> list[int]:
        """Words that stand exactly so in a rule, whatever language it lists them for."""
        if folded not in self._by_spelling:
            return []
        abroad = len(folded) >= _SHORTEST_ABROAD or lang == UNKNOWN
        return [
            number
            for number in _got(self._by_spelling, folded)
            if abroad or (origin := self._wanted[number].lang) is None or related(origin, lang)
        ]

    def _by_forms(self, folded: str, lang: str) -> list[int]:
        """Words of which the written one is a form in `lang`."""
        index = self._index(lang)
        found: list[int] = []
        for key in token_keys(folded, lang):
            if key in index.by_key:
                found += index.by_key[key]
            if key in self._by_spelling:
                found += [
                    number
                    for number in _got(self._by_spelling, key)
                    if self._at_home(number, lang) and number not in index.not_by_spelling
                ]
        return found

    def _at_home(self, number: int, lang: str) -> bool:
        """Whether forms of the wanted word are looked for in texts of `lang`."""
        origin = self._wanted[number].lang
        return origin is None or related(origin, lang)

    def _languages_to_try(self, script: str, lang: str) -> tuple[str, ...]:
        known = self._tried.get((script, lang))
        if known is None:
            known = self._tried[script, lang] = self._to_try(script, lang)
        return known

    def _to_try(self, script: str, lang: str) -> tuple[str, ...]:
        if lang != UNKNOWN:  # a word all in another script's look-alikes is one of the text's own
            return tuple(dict.fromkeys((fitting(lang, script), lang)))
        written = scripts()
        spoken = (one for one in self._spoken.get(script, ()) if script in written.get(one, ()))
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
            if self._at_home(number, lang):
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
