import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

import pytest
from alert_samples import BODY, NOW, TITLE, item, notice, reason

import alerts.message
from alerts.message import build
from alerts.notice import Reason
from alerts.safe import direction, web_link

ALLOWED_TAGS = {
    "html",
    "head",
    "meta",
    "title",
    "body",
    "table",
    "tr",
    "td",
    "p",
    "h1",
    "div",
    "span",
    "bdi",
    "mark",
    "a",
    "br",
}
ALLOWED_ATTRIBUTES = {
    "lang",
    "dir",
    "charset",
    "name",
    "content",
    "style",
    "role",
    "width",
    "cellpadding",
    "cellspacing",
    "align",
    "valign",
    "href",
    "rel",
}
HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    '"><a href="javascript:alert(1)">x</a>',
    "' onmouseover='alert(1)",
    '" style="background:url(https://evil.example/p.png)',
    "</td></table><iframe src=https://evil.example>",
    "{{ ''.__class__.__mro__ }}{% include '/etc/passwd' %}",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "\u202egnp.exe\u2066 <b>bold</b>\u2069",
    "\x00\x1b[31mred\x9b0m\udcff",
    "<!--<img src='--><img src=x onerror=alert(1)//'>",
]
TEXT_FIELDS = [
    "rule",
    "severity",
    "story_title",
    "article_url",
    "title",
    "summary",
    "text",
    "lang",
    "source",
    "country",
]


class Page(HTMLParser):
    """What a mail program would see of the page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.words.append((self._open[-1] if self._open else "", data))

    def text_in(self, tag: str) -> list[str]:
        return [data for where, data in self.words if where == tag]


def assert_inert(html: str) -> None:
    for tag, attributes in Page(html).tags:
        assert tag in ALLOWED_TAGS
        assert set(attributes) <= ALLOWED_ATTRIBUTES
        assert "url(" not in (attributes.get("style") or "")
        if "href" in attributes:
            assert str(attributes["href"]).startswith(("https://", "http://"))


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("kind", ["story", "summary"])
def test_nothing_that_strangers_write_becomes_markup(hostile, kind):
    for field in TEXT_FIELDS:
        message = build(notice(item(**{field: hostile}), kind=kind), lang="ar")

        assert_inert(message.html)
        for part in (message.subject, message.html, message.text):
            assert not any(char in part for char in "\x00\x1b\x9b\u202e\u2066")
            part.encode("utf-8")


def test_words_of_a_reason_are_inert_too():
    hostile = Reason(
        term=HOSTILE[0],
        concept=HOSTILE[1],
        field=HOSTILE[2],
        start=0,
        end=1,
        surface=HOSTILE[3],
        lang=HOSTILE[4],
    )

    message = build(notice(item(reasons=(hostile,))))

    assert_inert(message.html)
    assert HOSTILE[0] not in message.html


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "\x01javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,<script>",
        "//evil.example/x",
        "https://bank.example@evil.example/",
        "https://a.example\\@evil.example/",
        "https:///no-host",
        "http://[::1",
        "https://a.example/\u202egpj.exe",
        "https://a.example/ b",
        "",
    ],
)
def test_only_plain_web_addresses_become_links(url):
    assert web_link(url) is None
    assert "href" not in build(notice(item(article_url=url))).html


def test_the_link_is_shown_in_full_and_leads_where_it_says():
    url = "https://news.example.org/ar/2026/" + "a" * 300 + "?id=1&x=%D9%83"
    page = Page(build(notice(item(article_url=url))).html)

    links = [attributes["href"] for tag, attributes in page.tags if tag == "a"]
    assert links == [url, url]
    assert url in page.text_in("a")
    assert url in build(notice(item(article_url=url))).text


def test_matched_words_are_marked_in_title_and_text_in_their_own_script():
    message = build(notice())

    assert Page(message.html).text_in("mark") == ["ميليشيات", "ميليشيات", "ميليشيات"]  # title, text, why
    assert "البصرة: *ميليشيات* تطلق النار" in message.text
    assert "عناصر من *ميليشيات* محلية" in message.text
    assert "*" not in message.subject


def test_the_passage_shown_is_the_one_around_the_match_not_the_beginning():
    text = build(notice()).text

    quoted = [line for line in text.splitlines() if line.startswith(">")]
    assert len(quoted) == 1
    assert "الرصاص الحي" in quoted[0]
    assert len(quoted[0]) < 320


def test_a_reason_in_the_lead_is_marked_in_the_lead_when_the_text_has_none():
    summary = "Protesters in <b>Basra</b> & Najaf"
    met = reason(summary, "Basra", field="lead", concept=None)

    message = build(notice(item(summary=summary, text="", reasons=(met,), title="News")))

    assert "> \u2068Protesters in <b>*Basra*</b> & Najaf\u2069" in message.text
    assert "Basra" in Page(message.html).text_in("mark")


def test_a_reason_that_does_not_fit_the_text_marks_the_word_where_it_stands_or_nothing():
    moved = reason(BODY, "ميليشيات", start=3, end=11)
    lost = replace(moved, surface="غائب", start=10**9, end=10**9 + 4)

    message = build(notice(item(reasons=(moved, lost))))

    assert "عناصر من *ميليشيات* محلية" in message.text
    assert message.text.count("*") == 2


def test_an_alert_says_why_where_and_when():
    message = build(notice(item(score=35.0)), zone="Asia/Baghdad")

    for part in (message.text, message.html):
        for said in ("Militia in Basra", "@militia", "وكالة الضفاف", "tier 1", "IQ", "score 35", "×2"):
            assert said in part
        assert "2026-11-22 18:57 +03" in part
        assert "2026-11-22 19:03 +03" in part
        assert "Also carried by: 3 more" in part
        assert "title, text" in part


def test_the_page_runs_in_the_readers_direction_and_titles_in_their_own():
    english = Page(build(notice()).html).tags
    arabic = Page(build(notice(item(title="Clashes in Basra", lang="en")), lang="ar").html).tags

    assert ("html", {"lang": "en", "dir": "ltr"}) in english
    assert ("html", {"lang": "ar", "dir": "rtl"}) in arabic
    assert next(a for tag, a in english if tag == "h1")["dir"] == "rtl"
    assert next(a for tag, a in arabic if tag == "h1")["dir"] == "ltr"
    assert "لماذا وصلك هذا التنبيه" in build(notice(), lang="ar").text


def test_foreign_text_stands_in_isolates_and_its_own_overrides_are_gone():
    text = build(notice(item(title="\u202eevil\u202c \u2067title\u2069"))).text

    assert "\u2068evil title\u2069" in text
    assert text.count("\u2068") == text.count("\u2069")


def test_direction_is_that_of_the_first_strong_letter():
    assert direction("2026: البصرة BBC") == "rtl"
    assert direction("«BBC» البصرة") == "ltr"
    assert direction("123 ...") == "ltr"


def test_joiners_that_persian_needs_are_kept():
    assert "می\u200cخواهم" in build(notice(item(title="می\u200cخواهم"))).subject


def test_rules_that_met_one_article_share_one_block_led_by_the_gravest():
    other = item(rule="Unrest", severity="critical", reasons=(reason(BODY, "الرصاص الحي", concept=None),))

    message = build(notice(item(), other))

    assert message.subject == f"[critical] Unrest + 1 more: {TITLE}"
    assert message.html.count("<h1") == 1
    assert "*ميليشيات* محلية أطلقوا *الرصاص الحي*" in message.text


def test_a_first_look_lists_fifty_and_counts_all():
    found = [item(title=f"Title {n}", article_url=f"https://a.example/{n}") for n in range(60)]

    message = build(notice(*found, kind="summary"))

    assert message.subject == "First look: 60 articles match Militia in Basra at وكالة الضفاف"
    assert "https://a.example/49\n" in message.text
    assert "https://a.example/50\n" not in message.text
    for part in (message.text, message.html):
        assert "and 10 more, all stored in Marsad" in part
    assert message.payload["total"] == 60
    assert len(message.payload["items"]) == 60


def test_a_first_look_that_holds_only_the_first_items_still_counts_all():
    message = build(notice(kind="summary", total=1000))

    assert message.subject.startswith("First look: 1000 articles match")
    assert "and 999 more" in message.text


def test_many_stories_in_one_message_are_shown_listed_and_counted():
    found = [item(title=f"Title {n}", article_url=f"https://a.example/{n}") for n in range(100)]

    message = build(notice(*found))

    assert message.subject.startswith("[high] 100 articles: Militia in Basra: Title 0")
    assert message.html.count("<h1") == 10
    assert "https://a.example/59\n" in message.text
    assert "and 40 more" in message.text


def test_a_late_message_says_that_it_is_late():
    assert (
        "Attempt 3: this message has been owed since 2026-11-22 16:03 UTC." in build(notice(attempt=3)).text
    )
    assert "Attempt" not in build(notice()).text


@pytest.mark.parametrize("year", [1, 9999])
def test_a_date_that_no_clock_can_show_costs_no_alert(year):
    odd = datetime(year, 1, 1, tzinfo=UTC) if year == 1 else datetime(year, 12, 31, 23, 59, tzinfo=UTC)

    for zone in ("Asia/Baghdad", "America/New_York", "No/Such_Zone", "../etc/passwd"):
        assert TITLE in build(notice(item(published=odd)), zone=zone).subject


def test_titles_and_texts_of_any_size_stay_readable():
    met = reason("x" * 5_000_000 + " Basra", "Basra", field="body")
    message = build(
        notice(item(title="ا" * 100_000, text="x" * 5_000_000 + " Basra", source="s" * 9999, reasons=(met,)))
    )

    assert len(message.subject) <= 200
    assert len(message.html) < 20_000
    assert "*Basra*" in message.text


def test_an_article_without_title_or_text_is_still_told():
    bare = item(title="", text="", summary="", reasons=(), published=None, country=None, tier=None, outlets=1)

    message = build(notice(bare, replace(bare, story_title="", article_url="")))

    assert TITLE in message.text
    assert bare.article_url in message.text
    assert message.payload["items"][0]["published"] is None


def test_the_same_notice_gives_the_same_payload_at_every_attempt():
    assert (
        build(notice(attempt=1)).payload == build(notice(attempt=9), lang="ar", zone="Asia/Baghdad").payload
    )
    assert build(notice()).payload["items"][0]["first_seen"] == NOW.isoformat().replace("+00:00", "Z")


def test_no_template_and_no_code_of_ours_turns_escaping_off():
    folder = Path(alerts.message.__file__).parent
    sources = [*folder.glob("*.py"), *folder.glob("templates/*.j2")]

    assert len(sources) > 15
    for source in sources:
        written = re.sub(r"\s", "", source.read_text())
        assert not re.search(r"\|safe\b|Markup\(|autoescape=False|autoescapefalse", written)
