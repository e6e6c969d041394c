"""What extraction dropped from the middle of an article: paragraphs that look as those it kept do."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import islice

from spiders.readers.listing import words_of
from spiders.readers.xml import Node

_LEAST_CHARS = 80  # of a paragraph worth bringing back; teasers and labels are shorter
_ENDS = 40  # letters at both ends that tell whether a paragraph is there, in one line or in several
_MOST_PARAGRAPHS = 1000
_MOST_TEXT = 300_000  # characters: every paragraph is looked for in all of it
_MOST_LINKS = 0.5  # of its letters
_LEAST_KEPT = 3  # paragraphs of one look, before the look says anything
_LARGEST_GAP = 0.6  # of all paragraphs of that look: where more are missing, the look is not the article's

# the <article> it stands in (else the number of its story), its parent's class, its own class
_Look = tuple[Node | int, str, str]


def completed(text: str, page: Node) -> str:
    """The text with the paragraphs that have the same look as most of it and were left out, each in its place."""
    if len(text) > _MOST_TEXT:
        return text
    have = _letters(text)
    same = _alike([(look, words, _is_in(words, have)) for look, words in _paragraphs(page)])
    missing = [words for words, is_kept in same if not is_kept and len(words) >= _LEAST_CHARS]
    kept = sum(is_kept for _, is_kept in same)
    if kept < _LEAST_KEPT or not missing or len(missing) > _LARGEST_GAP * len(same):
        return text
    return "\n".join(_merged(text.split("\n"), same, set(missing)))


def _alike(seen: list[tuple[_Look, str, bool]]) -> list[tuple[str, bool]]:
    """The paragraphs of the look that most of the kept ones have."""
    of_kept = Counter(look for look, _, is_kept in seen if is_kept)
    if not of_kept:
        return []
    most = of_kept.most_common(1)[0][0]
    return [(words, is_kept) for look, words, is_kept in seen if look == most]


def _merged(lines: list[str], same: list[tuple[str, bool]], missing: set[str]) -> list[str]:
    """The lines with each missing paragraph after the line in which the kept one before it ends."""
    letters = [_letters(line) for line in lines]
    after: defaultdict[int, list[str]] = defaultdict(list)
    at = 0
    for words, is_kept in same:
        if is_kept:
            end = _letters(words)[-_ENDS:]
            at = next((place + 1 for place in range(at, len(lines)) if end in letters[place]), at)
        elif words in missing:
            after[at].append(words)
    merged = after[0]
    for place, line in enumerate(lines, 1):
        merged += [line, *after[place]]
    return merged


def _paragraphs(page: Node) -> Iterator[tuple[_Look, str]]:
    story = 0  # where no <article> tells stories apart, a headline that is a link begins the next
    for node in islice(page.iter("p", "h1", "h2", "h3"), _MOST_PARAGRAPHS):
        words, parent = words_of(node), node.getparent()
        is_link = sum(len(words_of(link)) for link in node.iter("a")) > _MOST_LINKS * len(words)
        if node.tag != "p":
            story += is_link
        elif words and parent is not None and not is_link:
            article = next(node.iterancestors("article"), story)
            yield (article, parent.get("class") or "", node.get("class") or ""), words


def _is_in(words: str, have: str) -> bool:
    letters = _letters(words)
    return letters[:_ENDS] in have or letters[-_ENDS:] in have


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.lower()))
