"""The front of the importers: which program a text is from, and its rules in our language."""

import re
from collections.abc import Iterator

from rules.importers.boolean import Dialect
from rules.importers.dialects import DIALECTS
from rules.importers.emm import is_emm, read_emm
from rules.importers.imported import Imported, ImportFailedError, checked
from rules.importers.miniflux import is_miniflux, read_miniflux
from rules.importers.texts import (
    Query,
    blocks_of,
    from_freshrss_opml,
    from_google_xml,
    is_xml,
    lines_of,
    read_queries,
)

FORMATS = ("miniflux", "freshrss", "google-alerts", "talkwalker", "meltwater", "emm")
MOST_CHARS = 5_000_000


def import_rules(text: str, program: str) -> Imported:
    """The rules of a text from one of FORMATS, each checked. Raises ImportFailedError."""
    if len(text) > MOST_CHARS:
        raise ImportFailedError(f"longer than {MOST_CHARS:,} characters; import it in parts")
    match program:
        case "miniflux":
            imported = read_miniflux(text)
        case "emm":
            imported = read_emm(text)
        case _:
            imported = read_queries(_queries(text, program), _dialect(program))
    if not imported.rules:
        raise ImportFailedError(f"there are no rules of {program} in it; see --from")
    return Imported(
        rules=tuple(map(checked, imported.rules)), concepts=imported.concepts, notes=imported.notes
    )


def program_of(text: str) -> str | None:
    """The program whose rules these look like; None where more than one could have written them."""
    if is_emm(text):
        return "emm"
    if is_xml(text):
        return _program_of_xml(text)
    if is_miniflux(text) or re.search(r'"(?:keep|block)(?:list|_filter_entry)_rules"', text):
        return "miniflux"
    if re.search(r"Google Alerts?\s*[-–—:]|\b(?:AROUND\(\d+\)|allintitle:)", text):
        return "google-alerts"
    if re.search(r"\b(?:intitle:|inurl:|date:P|f:\d)|(?:^|\s)!\S|:/.+/[im]*(?:\s|$)", text):
        return "freshrss"
    if re.search(r"\b(?:O?SENTENCE|sourcecountry:|sourcegeo:|content:)|\w~[0-2]\b|(?:^|\s)\+\S", text):
        return "talkwalker"
    if re.search(r"\bingress:|(?i:\bO?NEAR/\d+)|\{\w+\}|\w\^\d", text):
        return "meltwater"
    return None


def _program_of_xml(text: str) -> str | None:
    if re.search(r"Google Alerts?\s*[-–—:]", text):
        return "google-alerts"
    if "filtersAction" in text:
        return "freshrss"
    return "miniflux" if re.search(r"(?:keep|block)(?:list|Filter)", text) else None


def _dialect(program: str) -> Dialect:
    return DIALECTS[program]


def _queries(text: str, program: str) -> Iterator[Query]:
    if is_xml(text):
        return from_google_xml(text) if program == "google-alerts" else from_freshrss_opml(text)
    return lines_of(text) if program in ("google-alerts", "freshrss") else blocks_of(text)
