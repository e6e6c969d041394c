"""Those beside us in the matching bench: what only looks for words, on the same texts, in the same run."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import ahocorasick_rs
import hyperscan
import re2

Scan = Callable[[str], int]


def bare_scan(words: Sequence[str]) -> Scan:
    """The bare Aho-Corasick scan: every place of every word, inside other words as well, letters as they are."""
    automaton = ahocorasick_rs.AhoCorasick(words)
    return lambda text: len(automaton.find_matches_as_indexes(text, overlapping=True))


def hyperscan_literals(words: Sequence[str]) -> Scan:
    """Hyperscan with all words as one database, capitals ignored, anywhere in the text."""
    database = hyperscan.Database()
    flags = hyperscan.HS_FLAG_CASELESS | hyperscan.HS_FLAG_UTF8
    expressions = [re.escape(word).encode() for word in words]
    database.compile(expressions=expressions, ids=list(range(len(words))), flags=[flags] * len(words))
    scratch = hyperscan.Scratch(database)
    found: list[int] = []

    def met(number: int, start: int, end: int, flags: int, context: Any) -> None:
        found.append(number)

    def scan(text: str) -> int:
        found.clear()
        database.scan(text.encode(), match_event_handler=met, scratch=scratch)
        return len(found)

    return scan


def re2_set(words: Sequence[str]) -> Scan:
    """google-re2's Set: which words occur, not where."""
    options = re2.Options()
    options.case_sensitive = False
    options.max_mem = 2 << 30
    found = re2.Set.SearchSet(options)
    for word in words:
        found.Add(re2.escape(word))
    found.Compile()
    return lambda text: len(found.Match(text) or ())


def regex_loop(rules: Sequence[Sequence[str]]) -> Scan:
    """One expression per rule, one after the other, as the programs do that have no engine."""
    expressions = [
        re.compile(rf"\b(?:{'|'.join(map(re.escape, words))})\b", re.IGNORECASE) for words in rules
    ]
    return lambda text: sum(expression.search(text) is not None for expression in expressions)
