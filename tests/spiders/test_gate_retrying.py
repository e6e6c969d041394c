from datetime import UTC, datetime, timedelta

import pytest

from spiders.gate.retrying import retry_after

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("120", timedelta(seconds=120)),
        (" 0 ", timedelta(0)),
        ("-5", timedelta(0)),
        ("1.5", timedelta(seconds=1.5)),
        ("1000000000", timedelta(hours=24)),
        ("999999999999999999", timedelta(hours=24)),
        ("Sun, 22 Nov 2026 12:10:00 GMT", timedelta(minutes=10)),
        ("Sunday, 22-Nov-26 12:10:00 GMT", timedelta(minutes=10)),
        ("Sun Nov 22 12:10:00 2026", timedelta(minutes=10)),
        ("Sun, 22 Nov 2026 11:00:00 GMT", timedelta(0)),
        ("Fri, 31 Dec 9999 23:59:59 GMT", timedelta(hours=24)),
        ("Mon, 32 Foo 2026 99:99:99 GMT", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_read_in_all_its_forms_and_bounded(value: str | None, wait: timedelta | None) -> None:
    assert retry_after(value, now=NOON) == wait


def test_a_date_is_measured_by_the_clock_of_the_server_that_wrote_it() -> None:
    wait = retry_after("Sun, 22 Nov 2020 12:10:00 GMT", "Sun, 22 Nov 2020 12:00:00 GMT", now=NOON)

    assert wait == timedelta(minutes=10)
