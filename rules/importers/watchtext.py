"""A watch file as text: TOML that every reader of TOML takes, with a comment for each thing that is not as it was."""

import json
from collections.abc import Iterable

from rules.importers.imported import Imported, ImportedRule, Note


def watch_text(imported: Imported, *, origin: str) -> str:
    """The watch file of an import."""
    blocks = [
        _comment(f"Rules from {origin}. Read them before they go live: marsad rule backtest --watch FILE")
    ]
    if imported.notes:
        blocks.append("\n".join(_comment(str(note)) for note in imported.notes))
    blocks += [_concept(name, items) for name, items in imported.concepts.items()]
    blocks += [_rule(rule) for rule in imported.rules]
    return "\n\n".join(blocks) + "\n"


def _concept(name: str, items: Iterable[str]) -> str:
    lines = ",\n".join(f"  {quoted(item)}" for item in items)
    return f"[concepts.{quoted(name)}]\nany = [\n{lines},\n]"


def _rule(rule: ImportedRule) -> str:
    lines = ["[[rules]]", f"name = {quoted(rule.name)}"]
    if rule.query is not None:
        lines.append(f"query = {quoted(rule.query)}")
    if rule.terms:
        terms = ", ".join(f"{quoted(term)} = {weight:g}" for term, weight in rule.terms.items())
        lines.append(f"score = {{ threshold = {rule.threshold or 0:g}, terms = {{ {terms} }} }}")
    notes = [_note(note) for note in rule.notes]
    if rule.cannot_run is not None:
        return "\n".join([*notes, _comment(f"cannot run: {rule.cannot_run}"), *map(_comment, lines)])
    return "\n".join([*notes, *lines])


def _note(note: Note) -> str:
    return _comment(str(note))


def _comment(text: str) -> str:
    return f"# {''.join(c if c.isprintable() else ' ' for c in text)}"


def quoted(text: str) -> str:
    """A basic string of TOML: what JSON escapes, and the one control character that it does not."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
