"""The health of a source: what its visits say is wrong, confirmed once, and when it is over."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from scheduler.health import Evidence, is_quiet, judge
from storage.visits import Look

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EVERY = timedelta(minutes=10)


def looks(*visits: dict[str, Any]) -> list[Look]:
    """Visits in the order in which they happened, ten minutes apart, the last one now; given newest first."""
    told = [
        Look(**{"started_at": NOW - EVERY * (len(visits) - 1 - n), "outcome": "unchanged", **visit})
        for n, visit in enumerate(visits)
    ]
    return told[::-1]


def new(entries: int = 20, **more: Any) -> dict[str, Any]:
    return {"outcome": "new", "entries": entries, "new_entries": 2, "known": entries - 2, **more}


def failed(failure: str, error: str = "no answer") -> dict[str, Any]:
    return {"outcome": "failed", "failure": failure, "error": error}


EMPTY = {"outcome": "empty", "error": "an HTML page, not a feed"}
UNCHANGED: dict[str, Any] = {}


def kinds(*visits: dict[str, Any], **more: Any) -> set[str]:
    return {found.kind for found in judge(Evidence(looks=looks(*visits), **more)).wrong}


def over(*visits: dict[str, Any], **more: Any) -> frozenset[str]:
    return judge(Evidence(looks=looks(*visits), **more)).over


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        ("timeout", "dead"),
        ("dns", "dead"),
        ("gone", "dead"),
        ("http", "dead"),
        ("redirect", "dead"),
        ("refused", "dead"),
        ("blocked", "blocked"),
        ("tls", "certificate"),
        ("reading", "empty"),
    ],
)
def test_a_failure_is_an_incident_when_the_second_visit_confirms_it(failure: str, kind: str) -> None:
    assert kinds(new(), failed(failure)) == set()
    assert kinds(new(), failed(failure), failed(failure)) == {kind}


def test_an_incident_counts_from_the_first_visit_that_failed() -> None:
    found = judge(Evidence(looks=looks(new(), failed("dns"), failed("dns"), failed("dns"))))

    assert found.wrong[0].since == NOW - 2 * EVERY


def test_a_good_visit_ends_what_kept_us_out() -> None:
    assert {"dead", "blocked", "certificate", "empty"} <= over(failed("dns"), failed("dns"), new())
    assert "dead" not in over(new(), failed("dns"))


def test_another_reason_for_failing_replaces_the_incident() -> None:
    found = judge(Evidence(looks=looks(failed("dns"), failed("dns"), failed("blocked"))))

    assert {one.kind for one in found.wrong} == {"blocked"}
    assert "dead" in found.over


def test_an_answer_without_entries_is_not_success() -> None:
    assert kinds(new(), EMPTY) == set()
    assert kinds(new(), EMPTY, EMPTY) == {"empty"}


def test_half_the_entries_gone_is_noticed_even_when_the_broken_feed_is_then_unchanged() -> None:
    usual = [new()] * 5

    assert kinds(*usual, new(8, known=8)) == set()
    assert kinds(*usual, new(8, known=8), UNCHANGED) == {"short"}
    assert kinds(*usual, new(8, known=8), new(8, known=8)) == {"short"}
    assert kinds(*usual, new(11, known=9), UNCHANGED) == set()
    assert "short" in over(*usual, new(8, known=8), UNCHANGED, new())


def test_a_feed_that_is_cut_or_broken_says_so() -> None:
    cut = new(error="only the first 16384 KiB came")

    assert kinds(new(), cut, cut) == {"short"}


def test_a_short_feed_that_stays_short_becomes_the_usual_one() -> None:
    assert kinds(*[new()] * 2, *[new(8, known=6)] * 9) == set()


def test_letters_of_the_wrong_alphabet_are_noticed() -> None:
    bad = new(garbled=12)

    assert kinds(new(), bad) == set()
    assert kinds(new(), bad, UNCHANGED) == {"mojibake"}
    assert kinds(new(), bad, bad) == {"mojibake"}
    assert kinds(new(garbled=1), new(garbled=1)) == set()
    assert "mojibake" in over(bad, bad, new())


def test_an_answer_that_takes_long_twice_is_slow() -> None:
    slow = new(seconds=14.0)

    assert kinds(new(), slow) == set()
    assert kinds(new(), slow, slow) == {"slow"}
    assert "slow" in over(slow, slow, new(seconds=0.3))
    assert "slow" not in over(slow, slow, new(seconds=7.0))


def test_a_move_is_proposed_once_it_was_said_twice() -> None:
    there = "https://paper.example/feed"

    assert kinds(new(), moved_to=there) == set()
    assert kinds(new(), moved_to=there, moved_before=there) == {"moved"}
    assert kinds(new(), moved_to=there, moved_before="https://elsewhere.example/") == set()
    assert "moved" in over(new(), new(), moved_before=there)


def test_a_feed_that_turned_over_between_two_visits_may_have_lost_entries() -> None:
    turned = new(known=0, new_entries=20)

    assert kinds(new(), turned) == {"overflow"}
    assert kinds(turned) == set()  # a first look has nothing to overlap with
    assert kinds(new(), new(2, known=0)) == set()
    assert "overflow" in over(turned, new())


def test_what_one_more_visit_would_confirm_is_suspected_and_a_first_look_is_not() -> None:
    usual = [new()] * 5

    assert judge(Evidence(looks=looks(*usual, new(8, known=8)))).suspected == {"short"}
    assert judge(Evidence(looks=looks(*usual, failed("dns")))).suspected == {"dead"}
    assert judge(Evidence(looks=looks(new(known=0)))).suspected == frozenset()


def test_most_visits_need_no_judging() -> None:
    [look] = looks(UNCHANGED)
    [slow] = looks({"seconds": 6.0})

    assert is_quiet(look, before="new", troubles=(), moved_to=None)
    assert not is_quiet(look, before="failed", troubles=(), moved_to=None)
    assert not is_quiet(look, before="new", troubles=("moved",), moved_to=None)
    assert not is_quiet(look, before="new", troubles=(), moved_to="https://elsewhere.example/")
    assert not is_quiet(slow, before="new", troubles=(), moved_to=None)


def test_a_certificate_signed_by_somebody_else_is_an_incident_and_a_renewal_is_not() -> None:
    assert kinds(new(), new(), issuer="Authority of the state", issuer_before="Let's Encrypt") == {
        "certificate"
    }
    assert kinds(new(), new(), issuer="Let's Encrypt", issuer_before="Let's Encrypt") == set()
    assert kinds(new(), new(), issuer="Let's Encrypt") == set()
    assert "certificate" in over(new(), new(), issuer="Let's Encrypt", issuer_before="Let's Encrypt")
