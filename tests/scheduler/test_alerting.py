"""What alerts by itself and what waits in a summary."""

from datetime import UTC, datetime, timedelta

from scheduler.alerting import BREAKING, Debts, Manner, manner_of
from scheduler.ruleset import Target

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_after_the_first_look_everything_alerts_by_itself_whatever_its_date_says() -> None:
    for published in (None, NOW, NOW - timedelta(days=4000), NOW + timedelta(days=4000)):
        assert manner_of(first_look=False, published=published, now=NOW) is Manner.STORY


def test_at_the_first_look_the_archive_waits_in_a_summary() -> None:
    assert manner_of(first_look=True, published=NOW - BREAKING * 2, now=NOW) is Manner.SUMMARY
    assert manner_of(first_look=True, published=None, now=NOW) is Manner.SUMMARY


def test_at_the_first_look_breaking_news_alerts_by_itself() -> None:
    assert manner_of(first_look=True, published=NOW - BREAKING / 2, now=NOW) is Manner.STORY


def test_a_summary_is_one_message_per_recipient_and_a_story_always_a_new_one() -> None:
    debts = Debts()
    desk = Target(channel_id=1, channel="desk", recipient="desk@example.org")
    night = Target(channel_id=1, channel="desk", recipient="night@example.org")

    assert debts.message_id(Manner.SUMMARY, desk) == debts.message_id(Manner.SUMMARY, desk)
    assert debts.message_id(Manner.SUMMARY, desk) != debts.message_id(Manner.SUMMARY, night)
    assert debts.message_id(Manner.STORY, desk) != debts.message_id(Manner.STORY, desk)
