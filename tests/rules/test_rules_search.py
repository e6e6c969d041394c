"""Search finds the written forms that rules find."""

from language.concepts import concepts_from
from rules import search
from rules.parser import parse
from rules.search import lexemes, to_tsquery


def quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("'", "''") + "'"


def test_lexemes_are_the_keys_by_which_rules_meet_words() -> None:
    assert {"عراق", "والعراق"} <= set(lexemes("", "", "والعراق", "ar"))
    assert {"militias", "militia"} <= set(lexemes("Militias", "", "", "en"))
    assert lexemes("", "", "", "en") == ()


def test_lexemes_are_bounded_in_number_and_length(monkeypatch) -> None:
    monkeypatch.setattr(search, "MOST_LEXEMES", 10)

    found = lexemes("", "x" * 500, " ".join(f"w{i}" for i in range(100)), "en")

    assert len(found) <= 10
    assert max(map(len, found)) <= 100


def test_a_query_narrows_as_far_as_it_can() -> None:
    concepts = concepts_from('[concepts.c]\nen = ["riot", "live fire"]', "t")

    assert to_tsquery(parse("=ISIS milit*"), {}, quoted) == "('isis' & 'milit':*)"
    assert to_tsquery(parse("=a OR /b/"), {}, quoted) is None
    assert to_tsquery(parse("=a NOT b"), {}, quoted) == "'a'"
    assert to_tsquery(parse("url:a"), {}, quoted) is None
    assert "'fire'" in str(to_tsquery(parse("@c"), concepts, quoted))


def test_quotes_in_a_query_reach_the_index_quoted() -> None:
    assert to_tsquery(parse("=a'b"), {}, quoted) is not None
