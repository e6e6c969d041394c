"""Publisher dates: every language and calendar we meet, and none of the lies."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders.dates import read_clock, read_date, read_epoch
from spiders.zones import zone_of

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("Tue, 25 Jun 2024 00:07:00 +0100", "2024-06-24T23:07:00"),
        ("Thu,28 Jul 2022 4:35:5 GMT+9", "2022-07-27T19:35:05"),
        ("2026-09-28T15:04:40.000Z", "2026-09-28T15:04:40"),
        ("2024-02-20T24:00:00Z", "2024-02-21T00:00:00"),
        ("20240605T101500Z", "2024-06-05T10:15:00"),
        ("June 5, 2024, 3:15 pm EDT", "2024-06-05T19:15:00"),
        ("Mon Jun 10 10:11:12 2024", "2024-06-10T10:11:12"),
        ("10.06.2024 10:11", "2024-06-10T10:11:00"),
        ("٢٨ كانون الثاني ٢٠٢٢ 10:15 مساء", "2022-01-28T22:15:00"),
        ("08 أكتوبر 2020 08:15 م", "2020-10-08T20:15:00"),
        ("3 غشت 2023", "2023-08-03T00:00:00"),
        ("Senin, 3 Agustus 2026 14:20 WIB", "2026-08-03T07:20:00"),
        ("20 Şubat 2024 Salı 10:11", "2024-02-20T10:11:00"),
        ("15 Gulan 2024", "2024-05-15T00:00:00"),
        ("3 ئایار 2024", "2024-05-03T00:00:00"),
        ("۱۲ مرداد ۱۴۰۳ - ۱۰:۲۰", "2024-08-02T10:20:00"),
        ("1403/05/12 10:20", "2024-08-02T10:20:00"),
        ("۱ فروردین ۱۴۰۴", "2025-03-21T00:00:00"),
        ("30 اسفند 1403", "2025-03-20T00:00:00"),
        ("9 رمضان 1445", "2024-03-19T00:00:00"),
        ("13 شعبان 1441", "2020-04-06T00:00:00"),
        ("1 جمادى ثانية 1445", "2023-12-14T00:00:00"),
        ("12-05-1445", "2023-11-26T00:00:00"),
        ("یکشنبه ۱ آذر ۱۴۰۵ - ۰۸:۱۵ ب.ظ", "2026-11-22T20:15:00"),
        ("22ی تشرینی دووەمی 2026", "2026-11-22T00:00:00"),
        ("22ê Mijdara 2026an 14:20", "2026-11-22T14:20:00"),
        ("2026/11/21 - 05:20 مساءً", "2026-11-21T17:20:00"),
        ("PM 03:20 - 21/11/2026", "2026-11-21T15:20:00"),
        ("21 Nov 2026 11:30 ليلا", "2026-11-21T23:30:00"),
        ("13. 1. 2020", "2020-01-13T00:00:00"),
        ("22 Nov 2026 14:20 WITA", "2026-11-22T06:20:00"),
        ("22 Nov 2026 14:20 WIT", "2026-11-22T05:20:00"),
        ("22 نوفمبر 2026 - 03:20 م بتوقيت أبوظبي", "2026-11-22T11:20:00"),
        ("22-11-2026 14:20 (توقيت بغداد)", "2026-11-22T11:20:00"),
        ("22/11/2026 | 14:20 بتوقيت مكة المكرمة", "2026-11-22T11:20:00"),
        ("22 Kasım 2026 14:20 Türkiye saatiyle", "2026-11-22T11:20:00"),
        ("November 22, 2026 2:20 PM Baghdad time", "2026-11-22T11:20:00"),
        ("22 November, 14:20", "2026-11-22T14:20:00"),
        ("٢٤ ديسمبر 09:00", None),
        ("24 مارس 09:00", "2026-03-24T09:00:00"),
    ],
)
def test_a_date_is_read_in_every_language_and_calendar(raw: str, expected: str | None):
    assert read_date(raw, now=NOW) == (expected and datetime.fromisoformat(expected).replace(tzinfo=UTC))


@pytest.mark.parametrize(
    ("raw", "before"),
    [
        ("2 hours ago", timedelta(hours=2)),
        ("an hour ago", timedelta(hours=1)),
        ("قبل 21 دقيقة", timedelta(minutes=21)),
        ("قبل ٥ ساعات", timedelta(hours=5)),
        ("منذ يومين", timedelta(days=2)),
        ("قبل ساعة", timedelta(hours=1)),
        ("2 jam yang lalu", timedelta(hours=2)),
        ("5 dakika önce", timedelta(minutes=5)),
        ("۳ ساعت پیش", timedelta(hours=3)),
        ("٢ کاتژمێر لەمەوپێش", timedelta(hours=2)),
        ("yesterday", timedelta(days=1)),
        ("منذ حوالي ساعة", timedelta(hours=1)),
        ("قبل نصف ساعة", timedelta(minutes=30)),
        ("١٠ دقائق مضت", timedelta(minutes=10)),
        ("ساعة واحدة مضت", timedelta(hours=1)),
        ("منذ ساعة و10 دقائق", timedelta(minutes=70)),
        ("منذ ساعتين", timedelta(hours=2)),
        ("قبل قليل", timedelta()),
        ("2 hours and 5 minutes ago", timedelta(minutes=125)),
        ("dua jam lalu", timedelta(hours=2)),
        ("3 saat önce", timedelta(hours=3)),
        ("beş dakika önce", timedelta(minutes=5)),
        ("yarım saat önce", timedelta(minutes=30)),
        ("پێش ٥ خولەک", timedelta(minutes=5)),
        ("2 saet berê", timedelta(hours=2)),
        ("berî 2 saetan", timedelta(hours=2)),
        ("یک ساعت پیش", timedelta(hours=1)),
        ("2 часа назад", timedelta(hours=2)),
        ("21m", timedelta(minutes=21)),
    ],
)
def test_a_relative_time_is_counted_from_now(raw: str, before: timedelta):
    assert read_date(raw, now=NOW) == NOW - before


def test_yesterday_at_a_clock_time_is_meant_in_the_zone_of_the_source():
    abu_dhabi = timezone(timedelta(hours=4))
    assert read_date("أمس 23:10", now=NOW, zone=abu_dhabi) == datetime(2026, 11, 21, 19, 10, tzinfo=UTC)


def test_a_time_without_zone_is_meant_in_the_zone_of_the_source():
    assert read_date("2026-08-01T22:30:00", now=NOW, zone=timezone(timedelta(hours=4))) == datetime(
        2026, 8, 1, 18, 30, tzinfo=UTC
    )


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("14:20", "2026-11-22T11:20"),
        ("2:20 PM", "2026-11-22T11:20"),
        ("14:20 WIB", "2026-11-22T07:20"),
        ("٢٣:٥٠", "2026-11-21T20:50"),
        ("25:10", None),
        ("at 14:20 and later", None),
    ],
)
def test_a_clock_alone_means_the_last_time_it_showed_that(raw: str, expected: str | None):
    baghdad = timezone(timedelta(hours=3))

    assert read_clock(raw, now=NOW, zone=baghdad) == (
        expected and datetime.fromisoformat(expected).replace(tzinfo=UTC)
    )
    assert read_clock("14:20", now=NOW, zone=None) is None


def test_a_country_in_the_address_tells_the_zone_and_com_tells_none():
    assert str(zone_of("https://ina.iq/ar/1")) == "Asia/Baghdad"
    assert zone_of("https://example.com/") is None
    assert zone_of("http://[bad") is None


def test_seconds_and_milliseconds_since_1970_are_moments_and_other_numbers_are_not():
    assert read_epoch("1698934268", now=NOW) == read_epoch("1698934268000", now=NOW)
    assert read_epoch("1698934268", now=NOW) == datetime(2023, 11, 2, 14, 11, 8, tzinfo=UTC)
    assert [read_epoch(raw, now=NOW) for raw in ("2026112210", "1999999999", "12", "", None)] == [None] * 5


@pytest.mark.parametrize(
    "raw",
    ["5 min", "35 Min.", "page 3", "Iraq: 3 killed in 2 days", "14:20", "2026", "نوفمبر 2026", "1,200 days"],
)
def test_numbers_that_are_no_time_are_not_taken_for_one(raw: str):
    assert read_date(raw, now=NOW) is None


@pytest.mark.parametrize(
    "raw",
    [
        "Mon, 01 Jan 1970 00:00:00 GMT",
        "Sun, 22 Nov 2036 00:00:00 GMT",
        "0000-01-01",
        "2020-02-30T10:00:00Z",
        "9999-12-31",
        "30 Feb 2024",
        "31 اسفند 1403",
        "soon",
        "",
        "x" * 10_000,
        None,
    ],
)
def test_a_date_not_to_be_believed_is_none(raw: str | None):
    assert read_date(raw, now=NOW) is None


def test_an_impossible_zone_is_left_out():
    assert read_date("Tue, 25 Jun 2024 00:07:00 +9999", now=NOW) == datetime(2024, 6, 25, 0, 7, tzinfo=UTC)


@given(st.text(max_size=60) | st.from_regex(r"\d{1,4}[-/. ]\w{1,9}[-/. ]\d{1,4}.{0,20}"))
def test_no_text_raises(raw: str):
    found = read_date(raw, now=NOW)
    assert found is None or found.tzinfo is UTC
