"""What a robots.txt says to us, and what an answer that is none means (RFC 9309)."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from spiders.fetching import FailureKind, Fetched, FetchFailed, NotModified
from spiders.robots import (
    DAY,
    HOUR,
    MAX_BYTES,
    Said,
    Unchanged,
    Unreached,
    fresh_for,
    origin_of,
    product_token,
    read_rules,
    request_for,
    understand,
)

HERE = "https://paper.example"
CORPUS = Path("/work/shared/corpora/robots-txt/test_data")  # real files; the tests run without them too
LONGEST_SECONDS = 5.0


def allows(text: str | bytes, path: str, agent: str = "Marsad") -> bool:
    body = text if isinstance(text, bytes) else text.encode()
    return read_rules(body, agent).allow(HERE + path)


def fetched(body: bytes, *, truncated: bool = False, **headers: str) -> Fetched:
    return Fetched(
        url=f"{HERE}/robots.txt",
        final_url=f"{HERE}/robots.txt",
        status=200,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        body=body,
        address=None,
        truncated=truncated,
    )


def failed(kind: FailureKind, status: int | None = None) -> FetchFailed:
    return FetchFailed(url=f"{HERE}/robots.txt", kind=kind, reason="why", status=status)


@pytest.mark.parametrize(
    ("rules", "path", "yes"),
    [
        ("User-agent: *\nDisallow: /private", "/private/1", False),
        ("User-agent: *\nDisallow: /private", "/news", True),
        ("User-agent: *\nDisallow: /\nAllow: /news", "/news/1", True),
        ("User-agent: *\nDisallow:", "/", True),
        ("User-agent: *\nDisallow: /*.xml$", "/rss.xml", False),
        ("User-agent: *\nDisallow: /*.xml$", "/rss.xml?a=1", True),
        ("User-agent: *\nDisallow: /أخبار", "/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1/1", False),
        ("User-agent: marsad\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/a", False),
        ("User-agent: marsad\nDisallow: /a\n\nUser-agent: *\nDisallow: /b", "/b", True),
        ("User-agent: MARSAD/2.0\nDisallow: /a", "/a", False),
        ("User-agent: other\nUser-agent: Marsad\nDisallow: /a", "/a", False),
        (
            "User-agent: a\nDisallow: /x\nUser-agent: marsad\nDisallow: /y\nUser-agent: marsad\nDisallow: /z",
            "/z",
            False,
        ),
        ("User-agent: marsadbot\nDisallow: /\n\nUser-agent: *\nDisallow: /b", "/a", True),
        ("User-agent: mars\nDisallow: /\n\nUser-agent: *\nDisallow: /b", "/a", True),
        ("User-agent: GPTBot\nDisallow: /", "/a", True),
        ("User-agent: marsad # us\nDisallow: /a # not here", "/a", False),
        ("\ufeffUser-agent: *\r\nDisallow: /a\r\n", "/a", False),
        ("Disallow: /", "/a", True),
        ("<html><body>Page not found<br>Disallow: /</body></html>", "/a", True),
        ("", "/a", True),
    ],
)
def test_the_group_that_names_us_holds_else_that_of_all(rules: str, path: str, yes: bool) -> None:
    assert allows(rules, path) is yes


def test_robots_txt_itself_may_always_be_fetched() -> None:
    assert allows("User-agent: *\nDisallow: /", "/robots.txt")


@pytest.mark.parametrize(
    ("rules", "seconds"),
    [
        ("User-agent: *\nCrawl-delay: 10", 10),
        ("User-agent: *\nCrawl-delay: 0.5", 0.5),
        ("User-agent: *\nRequest-rate: 30/1m", 2),
        ("User-agent: *\nRequest-rate: 1/5s\nCrawl-delay: 2", 5),
        ("User-agent: *\nCrawl-delay: 86400000", 60),
        ("User-agent: *\nRequest-rate: 1/" + "9" * 4000, 60),
        ("User-agent: *\nCrawl-delay: -1", 0),
        ("User-agent: *\nCrawl-delay: soon", 0),
        ("User-agent: marsad\nDisallow: /a\n\nUser-agent: *\nCrawl-delay: 10", 0),
        ("User-agent: bingbot\nCrawl-delay: 10", 0),
    ],
)
def test_the_delay_is_that_of_our_group_and_cut_at_a_minute(rules: str, seconds: float) -> None:
    assert read_rules(rules.encode(), "Marsad").delay == timedelta(seconds=seconds)


def test_the_delay_that_was_asked_for_is_known_though_it_is_cut() -> None:
    assert read_rules(b"User-agent: *\nCrawl-delay: 600", "Marsad").asked_delay == timedelta(minutes=10)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 418, 451, 204, 304])
def test_an_answer_without_rules_forbids_nothing(status: int) -> None:
    assert understand(failed(FailureKind.HTTP, status)) == Said(status=status, body=None, fresh_for=DAY)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 521, 599])
def test_a_broken_or_busy_server_is_unreached(status: int) -> None:
    assert isinstance(understand(failed(FailureKind.HTTP, status)), Unreached)


@pytest.mark.parametrize("kind", list(FailureKind))
def test_the_network_is_unreached_and_wrong_redirects_lead_to_no_rules(kind: FailureKind) -> None:
    none = {FailureKind.REDIRECT, FailureKind.REFUSED}  # the others of these come with a status
    none |= {FailureKind.HTTP, FailureKind.GONE, FailureKind.BLOCKED}

    assert isinstance(understand(failed(kind)), Said if kind in none else Unreached)


def test_unchanged_is_unchanged() -> None:
    answer = NotModified(url=f"{HERE}/robots.txt", final_url=f"{HERE}/robots.txt")

    assert understand(answer) == Unchanged(fresh_for=DAY)


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        (None, DAY),
        ("max-age=7200", timedelta(hours=2)),
        ("public, max-age=60", HOUR),
        ('max-age="0"', HOUR),
        ("max-age=31536000", DAY),
        ("no-cache", HOUR),
        ("private, no-store, max-age=7200", HOUR),
        ("s-maxage=10, max-age=bogus", DAY),
    ],
)
def test_a_copy_holds_as_the_site_says_between_an_hour_and_a_day(said: str | None, holds: timedelta) -> None:
    assert fresh_for(said) == holds


def test_a_last_line_that_was_cut_off_is_no_rule() -> None:
    said = understand(fetched(b"User-agent: *\nDisallow: /a\nDisallow: /n", truncated=True))

    assert isinstance(said, Said)
    assert said.body == b"User-agent: *\nDisallow: /a\n"


def test_no_more_than_500_kib_is_read() -> None:
    body = b"User-agent: *\n" + b"#" * MAX_BYTES + b"\nDisallow: /\n"
    said = understand(fetched(body))

    assert isinstance(said, Said)
    assert said.body == b"User-agent: *\n"
    assert allows(body, "/a")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://Paper.Example/feed?x", "https://paper.example"),
        ("https://paper.example:443/", "https://paper.example"),
        ("http://paper.example:8080/", "http://paper.example:8080"),
        ("http://[::1]:8080/a", "http://[::1]:8080"),
        ("ftp://paper.example/", None),
        ("https://paper.example:port/", None),
        ("nonsense", None),
    ],
)
def test_one_robots_txt_is_for_one_scheme_host_and_port(url: str, origin: str | None) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    ("user_agent", "token"),
    [
        ("Marsad/0.1 (news monitoring)", "Marsad"),
        ("Mozilla/5.0 (compatible; Marsad/0.1; news monitor)", "Marsad"),
        ("Desk-Watch 2", "Desk-Watch"),
        ("2", "Marsad"),
    ],
)
def test_our_name_is_the_first_word_of_the_user_agent(user_agent: str, token: str) -> None:
    assert product_token(user_agent) == token


def test_robots_txt_is_asked_for_in_little_time_and_never_with_secrets() -> None:
    request = request_for(HERE, etag='"1"', proxy="socks5h://127.0.0.1:9050")

    assert (request.url, request.etag, request.proxy) == (
        f"{HERE}/robots.txt",
        '"1"',
        "socks5h://127.0.0.1:9050",
    )
    assert (request.max_bytes, request.timeout <= timedelta(seconds=10)) == (MAX_BYTES, True)
    assert not request.headers


@pytest.mark.parametrize(
    "body",
    [
        "".join(f"User-agent: a{n}\n" for n in range(15_000))
        + "".join(f"Disallow: /{n}\n" for n in range(15_000)),
        "".join(f"User-agent: m{'*' * n}\n" for n in range(900)) + "Disallow: /x\n" * 8_000,
        "User-agent: *\n" + "Disallow: /$x$\n" * 35_000,
        "User-agent: *\n" + "".join(f"Disallow: /*{n}*b\n" for n in range(25_000)),
        "User-agent: *\nDisallow: /" + "*a" * 250_000,
        "User-agent: *\nDisallow: /" + "%" * 500_000,
        "User-agent " * 46_000,
        " user " * 80_000,
        "\n" * 500_000,
    ],
    ids=[
        "agents x rules",
        "starred agents",
        "dollars",
        "stars",
        "one long",
        "percents",
        "words",
        "blanks",
        "lines",
    ],
)
def test_no_file_within_the_limit_takes_long(body: str) -> None:
    began = time.process_time()

    allows(body, "/" + "a" * 8_000)

    assert time.process_time() - began < LONGEST_SECONDS


def test_the_groups_of_thousands_of_others_do_not_hide_ours() -> None:
    agents = "".join(f"User-agent: a{n}\n" for n in range(5_000))
    rules = "".join(f"Allow: /{n}\n" for n in range(5_000))

    assert not allows(f"{agents}{rules}\nUser-agent: *\nDisallow: /news", "/news")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real files is not here")
def test_every_real_file_is_read_and_obeyed() -> None:
    for file in CORPUS.iterdir():
        rules = read_rules(file.read_bytes(), "Marsad")

        assert timedelta(0) <= rules.delay <= timedelta(minutes=1), file.name
        assert rules.allow(f"{HERE}/robots.txt"), file.name
        rules.allow(f"{HERE}/news/2026/11/22?utm_source=rss")
