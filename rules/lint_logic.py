"""What a query's logic keeps from ever being met: a NOT that takes all, facts that exclude each other, repetition."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from language.languages import admits, is_known, normal, related
from rules.findings import Draft, Finding, conjuncts, spell
from rules.probing import Probe, Text, samples_of
from rules.query import And, Code, ConceptRef, Dates, InField, Near, Node, Not, Or, Phrase, Wildcard, Word

_MOST_SHOWN = 60
_MOST_COMPARED = 200  # groups and concepts of one OR, each with each


def logic_findings(draft: Draft, probe: Probe, now: datetime) -> Iterator[Finding]:
    """What NOTs, facts and repeated parts do to the query."""
    yield from _walk(draft, probe, now, draft.tree, ())


def _walk(
    draft: Draft, probe: Probe, now: datetime, node: Node, context: tuple[Node, ...]
) -> Iterator[Finding]:
    """Look at the node, of which the parts in `context` must hold beside it."""
    match node:
        case And():
            parts = conjuncts(node)
            yield from _swallowed(draft, probe, parts, context)
            yield from _contradicting(draft, parts, context)
            yield from _repeated(draft, probe, parts, joined=And)
            for at, part in enumerate(parts):
                beside = (*context, *parts[:at], *parts[at + 1 :])
                if not isinstance(part, Not):
                    yield from _walk(draft, probe, now, part, beside)
        case Or(parts):
            yield from _repeated(draft, probe, parts, joined=Or)
            for part in parts:
                yield from _contradicting(draft, (part,), context)
                yield from _walk(draft, probe, now, part, context)
        case Near(left=left, right=right):
            yield from _walk(draft, probe, now, left, ())
            yield from _walk(draft, probe, now, right, ())
        case InField(part=part):
            yield from _walk(draft, probe, now, part, ())
        case Code() | Dates():
            yield from _fact(draft, node, now)
        case _:
            return


def _swallowed(
    draft: Draft, probe: Probe, parts: Sequence[Node], context: Sequence[Node]
) -> Iterator[Finding]:
    """A NOT that takes all which the parts beside it meet, or one branch of an OR."""
    wanted = [part for part in (*parts, *context) if not isinstance(part, Not)]
    for barred in (part.part for part in parts if isinstance(part, Not)):
        taken = ((part, probe.where(part, barred, draft.languages)) for part in wanted)
        part, where = next(((part, where) for part, where in taken if where), (None, []))
        if part is not None:
            yield _all_taken(draft, part, barred, where)
        else:
            yield from _branches_taken(draft, probe, wanted, barred)


def _all_taken(draft: Draft, part: Node, barred: Node, where: Sequence[str]) -> Finding:
    return draft.found(
        "not-eats-all",
        f"NOT {_short(barred)} takes away all that {_short(part)} meets{_in(where, draft)}"
        f"{_because(part, barred)}",
        "take the NOT out, or make it narrower",
        barred,
    )


def _branches_taken(draft: Draft, probe: Probe, wanted: Iterable[Node], barred: Node) -> Iterator[Finding]:
    for branch in (one for part in wanted for choice in _choices(part) for one in choice.parts):
        where = probe.where(branch, barred, draft.languages)
        if where:
            yield draft.found(
                "not-eats-branch",
                f"NOT {_short(barred)} takes away all that {_short(branch)}, one of the words joined by OR, "
                f"meets{_in(where, draft)}{_because(branch, barred)}",
                f"take {_short(branch)} out of the OR, or make the NOT narrower",
                branch,
            )


def _choices(node: Node) -> Iterator[Or]:
    match node:
        case Or():
            yield node
        case Near(left=left, right=right):
            yield from _choices(left)
            yield from _choices(right)
        case InField(part=part):
            yield from _choices(part)
        case _:
            return


def _because(part: Node, barred: Node) -> str:
    if isinstance(part, ConceptRef) and isinstance(barred, ConceptRef) and part != barred:
        return f": @{barred.name} counts @{part.name} in"
    if isinstance(barred, ConceptRef) and not isinstance(part, ConceptRef):
        return f": @{barred.name} lists it"
    if isinstance(part, Phrase) and isinstance(barred, Word | Wildcard):
        return ": the phrase holds that word"
    return ""


def _contradicting(draft: Draft, parts: Sequence[Node], context: Sequence[Node]) -> Iterator[Finding]:
    """Two facts of which an article can only have one: lang:ckb AND lang:en."""
    known = [part for part in context if isinstance(part, Code | Dates)]
    for part in parts:
        if isinstance(part, Code | Dates):
            other = next((one for one in known if _exclude(one, part)), None)
            if other is not None:
                yield draft.found(
                    "never-matches",
                    f"{spell(other)} and {spell(part)} exclude each other: no article meets both",
                    "take one of them out, or join them by OR",
                    part,
                )
            known.append(part)


def _exclude(first: Code | Dates, second: Code | Dates) -> bool:
    match first, second:
        case Code("lang", one), Code("lang", other):
            return not related(normal(one), normal(other))
        case Code(field, one), Code(other_field, other):
            return field == other_field and one != other
        case Dates(first=begin, before=end), Dates(first=start, before=stop):
            return bool((end and start and end <= start) or (stop and begin and stop <= begin))
        case _:
            return False


def _fact(draft: Draft, node: Code | Dates, now: datetime) -> Iterator[Finding]:
    """A language, country or date that no article can have, or none that is yet to come."""
    match node:
        case Code("lang", value) if not is_known(value):
            yield draft.found(
                "never-matches", f"lang:{value} is no language that we know",
                "write a code such as ar, ckb, kmr, en or id", node,
            )  # fmt: skip
        case Code("lang", value) if draft.rule.languages and not admits(draft.rule.languages, value):
            yield draft.found(
                "never-matches",
                f"the rule reads {', '.join(draft.languages)} only, and so meets no article of lang:{value}",
                f"add {value} to its languages, or take lang:{value} out", node,
            )  # fmt: skip
        case Code("country", value) if len(value) != 2 or not value.isalpha():
            yield draft.found(
                "never-matches", f"country:{value} is no code of a country, and sources have codes",
                "write two letters, like country:IQ", node,
            )  # fmt: skip
        case Dates(first=first) if first is not None and first > now:
            yield draft.found(
                "never-matches", f"{spell(node)} lies in the future: until then it meets nothing",
                "write an earlier date, or take it out", node,
            )  # fmt: skip
        case Dates(before=before) if before is not None and before <= now:
            yield draft.found(
                "date-passed", f"{spell(node)} has passed: the rule meets what is stored, and nothing new",
                "take it out of a rule that is to alert; for a look back use marsad search", node,
            )  # fmt: skip
        case _:
            return


def _repeated(
    draft: Draft, probe: Probe, parts: Sequence[Node], *, joined: type[And] | type[Or]
) -> Iterator[Finding]:
    """The same part twice, and a part that another one makes needless."""
    seen: set[Node] = set()
    needless: set[int] = set()
    for at, part in enumerate(parts):
        if part in seen:
            needless.add(at)
            yield draft.found("twice", f"{_short(part)} stands here twice", "take one of them out", part)
        seen.add(part)
    for at, part in enumerate(parts):
        if at in needless or isinstance(part, Not | Code | Dates):
            continue
        for other_at in _beside(draft, probe, parts, at):
            if other_at not in needless:
                gone, stays = (at, other_at) if joined is Or else (other_at, at)
                if gone not in needless:
                    needless.add(gone)
                    yield _covered(draft, parts[gone], parts[stays], joined)
                break


def _beside(draft: Draft, probe: Probe, parts: Sequence[Node], at: int) -> Iterator[int]:
    """The other parts that hold wherever this one does."""
    part = parts[at]
    samples = samples_of(part)
    held = (
        {one for lang in draft.languages for one in probe.held(Text(samples[0], lang))} if samples else None
    )
    if held is None and len(parts) > _MOST_COMPARED:
        return
    for other_at, other in enumerate(parts):
        is_another = other_at != at and not isinstance(other, Not) and other != part
        if is_another and (held is None or other in held) and probe.where(part, other, draft.languages):
            yield other_at


def _covered(draft: Draft, gone: Node, stays: Node, joined: type[And] | type[Or]) -> Finding:
    if joined is And:
        says = f"{_short(gone)} adds nothing beside {_short(stays)}, which it always meets{_because(stays, gone)}"
    else:
        says = f"{_short(gone)} adds nothing: {_short(stays)} beside it meets the same{_because(gone, stays)}"
    return draft.found("covered", says, f"take {_short(gone)} out", gone)


def _in(where: Sequence[str], draft: Draft) -> str:
    return "" if len(where) == len(draft.languages) else f" in texts in {', '.join(where)}"


def _short(node: Node) -> str:
    spelled = spell(node)
    shown = spelled if len(spelled) <= _MOST_SHOWN else spelled[: _MOST_SHOWN - 1] + "…"
    return f"({shown})" if isinstance(node, And | Or | Near) else shown
