"""Tables of keywords (tests/data/forms): a keyword, the forms that it must meet, behind a bar the words it must not."""

from pathlib import Path

from language.forms import term_keys, token_keys
from language.scripts import fold_word
from language.words import tokens

TABLES = Path(__file__).parent.parent / "data" / "forms"


def rows(table: str) -> list[tuple[str, list[str], list[str]]]:
    """The lines of a language's table as (keyword, forms, other words)."""
    text = (TABLES / f"{table}.txt").read_text(encoding="utf-8")
    found: list[tuple[str, list[str], list[str]]] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        keyword, _, words = line.partition(":")
        forms, _, others = words.partition("|")
        found.append((keyword.strip(), forms.split(), others.split()))
    return found


def meets(term: str, written: str, lang: str) -> bool:
    """Whether a keyword of one word meets a written word, in any of its readings."""
    wanted = term_keys(fold_word(term), lang)
    return any(wanted & token_keys(token.folded, lang) for token in tokens(written))


def missed(keyword: str, forms: list[str], lang: str) -> list[str]:
    """The forms that the keyword does not meet."""
    return [form for form in forms if not meets(keyword, form, lang)]


def wrongly_met(keyword: str, others: list[str], lang: str) -> list[str]:
    """The other words that it meets all the same."""
    return [word for word in others if meets(keyword, word, lang)]
