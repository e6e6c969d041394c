"""Probing: whether one part of a rule holds wherever another does, found out by matching small texts."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from language.concepts import ANY, Concept
from language.scripts import script_of
from rules.atoms import parse_item
from rules.document import Document
from rules.engine import Engine
from rules.parser import says_something
from rules.query import (
    TEXT_FIELDS,
    And,
    Code,
    ConceptRef,
    Dates,
    Fuzzy,
    InField,
    Literal,
    Near,
    Node,
    Not,
    Or,
    Phrase,
    Regex,
    Wildcard,
    Word,
)
from rules.rule import Rule

PLAIN_EXPRESSION = re.compile(r"(?:\\b)?([^\W_]+(?: [^\W_]+)*(?:\|[^\W_]+(?: [^\W_]+)*)*)(?:\\b)?")
_TAILS = {"Arab": ("", "ن", "سمعك"), "Latn": ("", "n", "ovlik")}  # what may stand for a *
_LETTER = "e"  # what may stand for a ?
_MOST_ITEMS = 2000


@dataclass(frozen=True, slots=True)
class Text:
    """A small text of one language in one field."""

    words: str
    lang: str
    field: str = "body"


class Probe:
    """All these parts of rules in one engine. Raises RuleError when one names a concept that is not there."""

    def __init__(self, nodes: Iterable[Node], concepts: Mapping[str, Concept]) -> None:
        self._concepts = concepts
        self._nodes = list(dict.fromkeys(node for node in nodes if _is_asked(node)))
        self._engine = Engine(
            [Rule(name=str(number), tree=node) for number, node in enumerate(self._nodes)], concepts
        )
        self._held: dict[Text, frozenset[Node]] = {}
        self._eaten: dict[tuple[str, Node, str], bool] = {}
        self._reach: dict[str, dict[str, None]] = {}

    def held(self, text: Text) -> frozenset[Node]:
        """The parts that the text meets."""
        known = self._held.get(text)
        if known is None:
            known = self._held[text] = frozenset(
                self._nodes[int(hit.rule)] for hit in self._engine.match(_document(text))
            )
        return known

    def meets_itself(self, node: Node, langs: Iterable[str], field: str = "body") -> bool:
        """Whether the leaf, written as a text, is met by itself in one of the languages; True for what has no text."""
        samples = samples_of(node)
        return not samples or any(node in self.held(Text(samples[0], lang, field)) for lang in langs)

    def implies(self, first: Node, second: Node, lang: str, field: str = "body") -> bool:
        """Whether `second` holds in every text of `lang` that meets `first`, as far as texts tell."""
        if first == second or _of_parts(second, lambda part: self.implies(first, part, lang, field)):
            return True
        match first:
            case Or(parts):
                return all(self.implies(part, second, lang, field) for part in parts)
            case And(parts):
                return any(self.implies(part, second, lang, field) for part in parts)
            case Near(left=left, right=right):
                return self.implies(left, second, lang, field) or self.implies(right, second, lang, field)
            case Not(part):
                return isinstance(second, Not) and self.implies(second.part, part, lang, field)
            case InField(name, part):
                return self._in_field(name, part, second, lang)
            case ConceptRef():
                return self._idea_implies(first, second, lang, field)
            case _:
                samples = samples_of(first) if _is_asked(second) else ()
                return bool(samples) and all(second in self.held(Text(one, lang, field)) for one in samples)

    def counts_in(self, outer: str, inner: str) -> bool:
        """Whether the concept is the other, or names it among its items, itself or through a third."""
        return _key(inner, self._concepts) in self._counted(outer)

    def has_concept(self, name: str) -> bool:
        """Whether there is a concept of this name."""
        return _key(name, self._concepts) in self._concepts

    def items(self, name: str, lang: str) -> Iterator[tuple[str, Node]]:
        """The concept's items for texts of `lang`, those of the concepts that it counts in among them."""
        for one in self._counted(name):
            concept = self._concepts.get(one)
            for key in (lang, ANY):
                for item in concept.terms.get(key, ()) if concept else ():
                    node = parse_item(item)
                    if not isinstance(node, ConceptRef):
                        yield one, node

    def _in_field(self, name: str, part: Node, second: Node, lang: str) -> bool:
        if isinstance(second, InField) and second.field == name:
            return part == second.part or (
                name in TEXT_FIELDS and self.implies(part, second.part, lang, name)
            )
        return name in TEXT_FIELDS and self.implies(part, second, lang, name)

    def _idea_implies(self, first: ConceptRef, second: Node, lang: str, field: str) -> bool:
        """A concept implies one that counts it in, and what every one of its words in the language meets."""
        if isinstance(second, ConceptRef):
            return self.counts_in(second.name, first.name)
        if isinstance(second, InField) and second.field != field:
            return False
        key = (first.name, second, f"{lang} {field}")
        if key not in self._eaten:
            self._eaten[key] = self._all_items_meet(first, second, lang, field)
        return self._eaten[key]

    def _all_items_meet(self, first: ConceptRef, second: Node, lang: str, field: str) -> bool:
        some = False
        for number, (_, item) in enumerate(self.items(first.name, lang)):
            if number > _MOST_ITEMS:
                return False
            if not self.implies(item, second, lang, field):
                return False
            some = True
        return some

    def _counted(self, name: str) -> dict[str, None]:
        """The concept, and all that it counts in, in order."""
        known = self._reach.get(name)
        if known is None:
            known = self._reach[name] = self._follow(name)
        return known

    def _follow(self, name: str) -> dict[str, None]:
        found = {_key(name, self._concepts): None}
        waiting = list(found)
        while waiting:
            concept = self._concepts.get(waiting.pop())
            items = (item for row in concept.terms.values() for item in row) if concept else ()
            for inner in (_key(item[1:], self._concepts) for item in items if item.startswith("@")):
                if inner not in found:
                    found[inner] = None
                    waiting.append(inner)
        return found


def samples_of(node: Node) -> tuple[str, ...]:
    """Texts that the leaf meets, the plainest first: enough of them to tell it from a narrower one."""
    match node:
        case Word(text):
            return tuple(dict.fromkeys((text, text.lower(), text.title())))
        case Phrase(words=words, text=text, slop=slop):
            plain = text.replace("*", "").replace('"', "")
            turned = " ".join(reversed(plain.split()))
            return (plain, turned) if slop and len(words) > 1 else (plain,)
        case Literal(text):
            return (text,)
        case Wildcard(pattern):
            tails = _TAILS.get(script_of(pattern), _TAILS["Latn"])
            return tuple(pattern.replace("*", tail).replace("?", tail[:1] or _LETTER) for tail in tails)
        case Fuzzy(text):
            return (text, text[:-2] + text[-1], text[0] + text[2:])
        case Regex(pattern) if plain := PLAIN_EXPRESSION.fullmatch(pattern):
            return tuple(plain[1].split("|"))
        case _:
            return ()


def _of_parts(second: Node, is_implied: Callable[[Node], bool]) -> bool:
    match second:
        case Or(parts):
            return any(is_implied(part) for part in parts)
        case And(parts):
            return all(is_implied(part) for part in parts)
        case _:
            return False


def _is_asked(node: Node) -> bool:
    """Whether the engine looks for the node: not for an OR or AND, whose parts it looks for, nor for facts."""
    return not isinstance(node, And | Or | Not | Code | Dates) and says_something(node)


def _key(name: str, concepts: Mapping[str, Concept]) -> str:
    return name if name in concepts else name.lower()


def _document(text: Text) -> Document:
    words = text.words
    match text.field:
        case "title":
            return Document(title=words, lang=text.lang)
        case "lead":
            return Document(title="", lead=words, lang=text.lang)
        case "url":
            return Document(title="", url=words, lang=text.lang)
        case _:
            return Document(title="", body=words, lang=text.lang)
