"""What PostgreSQL refuses never reaches it."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from psycopg.types.json import Jsonb

from storage.clean import clean_json, clean_span, clean_text, clean_time
from storage.database import Database, DatabaseError
from storage.lexemes import MAX_LEXEME_BYTES, clean_lexemes, tsquery_term

POISON = "بغداد\x00 \ud800\udfff \ud83d\ude00 \ufffe \U0001ffff \x08 \x7f\tتب\n"


def test_arabic_emoji_and_line_breaks_survive_cleaning() -> None:
    text = "بغداد \U0001f600\t\n\r — کوردستان ‌ئێراق"

    assert clean_text(text) == text


def test_pairs_of_surrogates_become_their_character_and_lone_ones_go() -> None:
    assert clean_text("a\ud83d\ude00b\ud800c\udfff") == "a\U0001f600bc"


def test_text_is_cut_to_length_after_cleaning() -> None:
    assert clean_text("\x00\x00abc", max_chars=2) == "ab"


async def test_poisoned_text_and_json_are_refused_raw_and_kept_clean(db: Database) -> None:
    async with db.connection() as conn:
        with pytest.raises((DatabaseError, UnicodeEncodeError)):
            await conn.execute("SELECT %s::text", (POISON,))
        with pytest.raises((DatabaseError, UnicodeEncodeError)):
            await conn.execute("SELECT %s", (Jsonb({"a": POISON, "b": float("nan")}),))

        cursor = await conn.execute(
            "SELECT %s::text, %s",
            (clean_text(POISON), Jsonb(clean_json({POISON: [POISON, float("nan"), {"x": float("inf")}]}))),
        )

        text, value = await cursor.fetchone() or ("", {})
        assert text == "بغداد \U000103ff \U0001f600    \tتب\n"
        assert value == {text: [text, None, {"x": None}]}


def test_json_without_bottom_is_cut() -> None:
    deep: list[object] = []
    for _ in range(5000):
        deep = [deep]

    assert str(clean_json(deep)).count("[") < 100


@pytest.mark.parametrize(
    "moment",
    [
        datetime.max,  # noqa: DTZ901
        datetime.min,  # noqa: DTZ901
        datetime(9999, 12, 31, 23, tzinfo=timezone(-timedelta(hours=14))),
        datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
        None,
    ],
)
def test_times_beyond_the_calendar_become_none(moment: datetime | None) -> None:
    assert clean_time(moment) is None


def test_times_come_out_in_utc() -> None:
    baghdad = timezone(timedelta(hours=3))

    assert clean_time(datetime(2026, 11, 22, 3, tzinfo=baghdad)) == datetime(2026, 11, 22, tzinfo=UTC)
    assert clean_time(datetime(2026, 11, 22)) == datetime(2026, 11, 22, tzinfo=UTC)  # noqa: DTZ001


def test_spans_stay_inside_the_calendar() -> None:
    assert clean_span(timedelta.max) == timedelta(days=366)
    assert clean_span(timedelta(days=-1)) == timedelta(0)


async def test_no_number_of_lexemes_breaks_the_search_index(db: Database) -> None:
    lexemes = clean_lexemes(f"{'كلمة' * 50}{n}" if n % 2 else f"word{n}" for n in range(200_000))

    async with db.connection() as conn:
        cursor = await conn.execute("SELECT length(array_to_tsvector(%s::text[]))", (lexemes.items,))
        assert (await cursor.fetchone() or [0])[0] == len(lexemes.items) > 10_000
        full = [f"{n:0{MAX_LEXEME_BYTES}}" for n in range(lexemes.merge_up_to)]
        await conn.execute(
            "SELECT array_to_tsvector(%s::text[]) || array_to_tsvector(%s)", (full, lexemes.items)
        )


@pytest.mark.parametrize(
    "lexeme", ["it's", "back\\slash", "a & b", "':*", "عراق", "x" * 5000, "nul\x00", "sep\x1farated"]
)
async def test_a_quoted_lexeme_finds_itself_whatever_it_holds(db: Database, lexeme: str) -> None:
    async with db.connection() as conn:
        cursor = await conn.execute(
            "SELECT array_to_tsvector(%s) @@ %s::tsquery",
            (clean_lexemes([lexeme]).items, tsquery_term(lexeme)),
        )

        assert (await cursor.fetchone() or [False])[0]
