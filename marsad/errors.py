"""Bad input in one clear line: what, where, what to do."""

import difflib
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

# What pydantic says in Python's words, said in those of TOML.
_PLAINLY = {
    "bool_parsing": "must be true or false",
    "dict_type": "must be a table with keys of its own",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "int_from_float": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_type": "must be a whole number",
    "list_type": "must be a list in square brackets",
    "model_attributes_type": "must be a table with keys of its own",
    "model_type": "must be a table with keys of its own",
    "string_type": "must be a text in quotes",
    "tuple_type": "must be a list in square brackets",
}


class BadInput(Exception):  # noqa: N818 (the name is the message: the input is bad, the program is well)
    """What somebody gave us cannot be used; str() is the one line that says what, where and what to do."""


def explain(error: ValidationError, *, where: str, root: type[BaseModel]) -> str:
    """Turn the first fault of a validation into one line, with the nearest known name for an unknown key."""
    first = first_fault(error)
    place = _place(first["loc"])
    more = len(error.errors()) - 1
    tail = f" (and {more} more)" if more else ""
    if first["type"] == "extra_forbidden":
        return f"{where}: unknown key {place}{_nearest(first['loc'], root)}{tail}"
    if first["type"] == "missing":
        return f"{where}: {place} is missing; add it{tail}"
    return f"{where}: {place}: {_PLAINLY.get(first['type']) or _said(first['msg'])}{tail}"


def first_fault(error: ValidationError) -> ErrorDetails:
    """The fault to say first: an unknown key, since a mistyped key is also one that is missing."""
    faults = error.errors(include_url=False, include_input=False, include_context=False)
    return next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])


def _said(message: str) -> str:
    message = message.removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return message[:1].lower() + message[1:]


def _place(loc: Sequence[int | str]) -> str:
    """("rules", 2, "query") reads rules[3].query: people count from one."""
    text = ""
    for part in loc:
        text += f"[{part + 1}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "the file"


def _nearest(loc: Sequence[int | str], root: type[BaseModel]) -> str:
    known = _fields_at(loc[:-1], root)
    near = difflib.get_close_matches(str(loc[-1]), known, n=1)
    if near:
        return f"; did you mean {near[0]}?"
    return f"; known here: {', '.join(sorted(known))}" if known else "; remove it"


def _fields_at(loc: Sequence[int | str], root: type[BaseModel]) -> list[str]:
    """Follow a location through nested models to the names that are known there."""
    model: Any = root
    for part in loc:
        if isinstance(part, int):
            continue
        field = model.model_fields.get(part) if hasattr(model, "model_fields") else None
        if field is None:
            return []
        model = _model_in(field.annotation)
    return (
        [f.alias or name for name, f in model.model_fields.items()] if hasattr(model, "model_fields") else []
    )


def _model_in(annotation: Any) -> Any:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for a in getattr(annotation, "__args__", ()) if (m := _model_in(a)) is not None), None)
