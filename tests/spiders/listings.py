"""Front pages as newsrooms build them, rebuilt small: each with the news that a reader would say is on it."""
# ruff: noqa: E501 - markup reads best as its page has it

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

NOW = datetime(2026, 11, 22, 16, tzinfo=UTC)
SITE = "https://news.example"
EN = (
    "Protesters return to Tahrir Square after a week of calm",
    "Basra council votes on new water budget",
    "Two soldiers wounded by roadside bomb near Kirkuk",
    "Parliament delays vote on election law again",
    "Flood warning issued for villages along the Tigris",
)
AR = (
    "إصابة جنديين بانفجار عبوة ناسفة قرب كركوك",
    "متظاهرون يعودون إلى ساحة التحرير وسط بغداد",
    "مجلس البصرة يصوت على موازنة المياه الجديدة",
    "البرلمان يؤجل التصويت على قانون الانتخابات",
    "تحذير من فيضانات في قرى على ضفاف دجلة",
)
ID = (
    "Warga Basra turun ke jalan menuntut air bersih",
    "Dua tentara terluka akibat bom di dekat Kirkuk",
    "Parlemen Irak menunda pemungutan suara lagi",
    "Peringatan banjir dikeluarkan di sepanjang Tigris",
)
KU = (
    "خۆپیشاندەران گەڕانەوە بۆ گۆڕەپانی تەحریر لە بەغدا",
    "دوو سەرباز بە تەقینەوەی بۆمبێک لە کەرکووک بریندار بوون",
    "پەرلەمان دەنگدان لەسەر یاسای هەڵبژاردن دواخست",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A page and what is on it: (address below the site or None, headline, how long ago or None)."""

    name: str
    html: str
    news: tuple[tuple[str | None, str, timedelta | None], ...]
    url: str = f"{SITE}/"


def _ago(**how_long: float) -> timedelta:
    return timedelta(**how_long)


def _stamp(ago: timedelta, form: str = "%Y-%m-%dT%H:%M:%SZ") -> str:
    return (NOW - ago).strftime(form)


MENU = "".join(
    f'<li><a href="/{one}">{one.title()}</a></li>'
    for one in ("politics", "economy", "sport", "culture", "world")
)
NAV = f'<header><nav><ul>{MENU}<li><a href="/our-long-editorial-policy-page">Our long editorial policy page</a></li></ul></nav></header>'
FOOTER = (
    '<footer><ul><li><a href="/about-us-and-our-history">About this newspaper and its history</a></li>'
    '<li><a href="/terms-and-conditions-of-use">Terms and conditions of using this site</a></li>'
    '<li><a href="/advertise-with-us-now">Advertise with us in print and online</a></li></ul></footer>'
)


def front_page() -> Page:
    """A hero alone in its shape, cards, and a most-read box that repeats two of them with numbers."""
    hero = f'<section class="hero"><a href="/world/story-100-{0}"><img alt="Crowd"><h1>{EN[0]}</h1><p>Thousands came.</p></a></section>'
    cards = "".join(
        f'<article class="card"><a href="/world/story-100-{n}"><img alt="Photo: agency"></a><h3><a href="/world/story-100-{n}">{EN[n]}</a></h3>'
        f'<p class="standfirst">What happened next.</p><time datetime="{_stamp(_ago(hours=n))}">{n}h</time></article>'
        for n in range(1, 5)
    )
    most = "".join(
        f'<li><span>{n}</span><a href="/world/story-100-{n}?src=most-read#top">{EN[n]}</a></li>'
        for n in (2, 3)
    )
    html = f'<html lang="en"><body>{NAV}<main>{hero}<div class="grid">{cards}</div></main><aside class="most-read"><ol>{most}</ol></aside>{FOOTER}</body></html>'
    news = (
        (f"/world/story-100-{0}", EN[0], None),
        *((f"/world/story-100-{n}", EN[n], _ago(hours=n)) for n in range(1, 5)),
    )
    return Page(name="front page", html=html, news=news)


def section_with_labels() -> Page:
    """A whole card is one link: label, headline, summary and age; the label is no headline."""
    rows = "".join(
        f'<a class="teaser" href="/politics/{EN[n].lower().replace(" ", "-")}"><span class="label">Politics</span><div class="t">{EN[n]}</div>'
        f'<p>A longer summary of what was said and by whom, in more words than the headline has.</p><span class="age">{n + 1} hours ago</span></a>'
        for n in range(5)
    )
    news = tuple((f"/politics/{EN[n].lower().replace(' ', '-')}", EN[n], _ago(hours=n + 1)) for n in range(5))
    return Page(
        name="section of whole-card links",
        html=f'<html lang="en"><body>{NAV}<div id="page" class="has-menu">{rows}</div>{FOOTER}</body></html>',
        news=news,
    )


def tag_page() -> Page:
    """Short headlines under long tag links, and pages to turn."""
    rows = "".join(
        f'<div class="row"><h2 class="title"><a href="/{4100 + n}/{n}">{EN[n]}</a></h2><div class="tags"><a href="/tag/the-federal-government-of-iraq">The federal government of Iraq</a>'
        f'<a href="/author/our-own-correspondent-in-basra">By our own correspondent in Basra</a></div><span>Nov {22 - n}, 2026</span></div>'
        for n in range(1, 5)
    )
    pages = "".join(f'<a href="/tag/iraq/page/{n}">{n}</a>' for n in range(1, 9))
    news = tuple((f"/{4100 + n}/{n}", EN[n], _ago(hours=16, days=n)) for n in range(1, 5))
    return Page(
        name="tag page",
        html=f'<html><body>{NAV}{rows}<div class="pagination">{pages}</div>{FOOTER}</body></html>',
        news=news,
    )


def table_layout() -> Page:
    """Tables in tables without a class, the menu built as the news are; windows of 2003 that still stand."""
    menu = "".join(
        f'<tr><td><a href="index.php?cat={n}">{word}</a></td></tr>'
        for n, word in enumerate(("الأخبار السياسية", "الرياضة", "اقتصاد", "مقالات", "اتصل بنا"))
    )
    rows = "".join(
        f'<tr><td>{22 - n}/11/2026</td><td><img src="x.gif"></td><td><a href="index.php?id={8120 + n}">{AR[n]}</a></td></tr>'
        for n in range(5)
    )
    news = tuple((f"/index.php?id={8120 + n}", AR[n], _ago(hours=16, days=n)) for n in range(5))
    return Page(
        name="tables",
        html=f'<html dir="rtl" lang="ar"><body><table><tr><td><table>{menu}</table></td><td><table>{rows}</table></td></tr></table></body></html>',
        news=news,
    )


def rtl_relative() -> Page:
    """Arabic cards with Arabic-Indic digits and the age behind an icon."""
    ages = ("منذ ٢١ دقيقة", "قبل ساعتين", "منذ ٣ ساعات", "قبل يوم", "قبل ٥ أيام")
    spans = (_ago(minutes=21), _ago(hours=2), _ago(hours=3), _ago(days=1), _ago(days=5))
    rows = "".join(
        f'<div class="post-item"><a class="thumb" href="/ar/news/{n}77/%D8%AE%D8%A8%D8%B1-{n}"><img alt="صورة"></a><div class="body"><a href="/ar/news/{n}77/%D8%AE%D8%A8%D8%B1-{n}" class="ttl">{AR[n]}</a>'
        f'<div class="meta"><i class="fa fa-clock"></i> {ages[n]} <i class="fa fa-eye"></i> <span class="views">1403</span></div></div></div>'
        for n in range(5)
    )
    news = tuple((f"/ar/news/{n}77/%D8%AE%D8%A8%D8%B1-{n}", AR[n], spans[n]) for n in range(5))
    return Page(
        name="Arabic cards",
        html=f'<html lang="ar" dir="rtl"><body>{NAV}<div class="container">{rows}</div>{FOOTER}</body></html>',
        news=news,
    )


def headline_outside() -> Page:
    """The link is on the image only, the headline beside it."""
    rows = "".join(
        f'<div class="box"><a href="/details/{n}901"><img src="{n}.jpg"></a><div class="info"><h4>{AR[n]}</h4><span class="date">الأحد {22 - n} تشرين الثاني 2026 14:0{n} بتوقيت بغداد</span></div></div>'
        for n in range(4)
    )
    news = tuple(
        (f"/details/{n}901", AR[n], NOW - datetime(2026, 11, 22 - n, 11, n, tzinfo=UTC)) for n in range(4)
    )
    return Page(
        name="image links", html=f'<html lang="ar"><body>{NAV}{rows}{FOOTER}</body></html>', news=news
    )


def read_more() -> Page:
    """Words without a link, and "read more" under each."""
    rows = "".join(
        f'<div class="news"><div class="judul">{ID[n]}</div><p>Ringkasan berita nomor {n}.</p><small>{n + 2} jam yang lalu</small><a class="btn" href="/berita/baca/{n}55">Selengkapnya</a></div>'
        for n in range(4)
    )
    news = tuple((f"/berita/baca/{n}55", ID[n], _ago(hours=n + 2)) for n in range(4))
    return Page(name="read more", html=f'<html lang="id"><body>{NAV}{rows}{FOOTER}</body></html>', news=news)


def ticker() -> Page:
    """A ticker above that repeats the headlines cut off, with the whole in the title."""
    tick = "".join(f'<li><a title="{EN[n]}" href="/news/{n}4444">{EN[n][:24]}...</a></li>' for n in range(5))
    rows = "".join(
        f'<div class="item"><a href="/news/{n}4444"><span>{EN[n]}</span></a></div>' for n in range(2)
    )
    news = tuple((f"/news/{n}4444", EN[n], None) for n in range(5))
    return Page(
        name="ticker",
        html=f'<html><body>{NAV}<div class="breaking"><ul>{tick}</ul></div><div class="list">{rows}</div>{FOOTER}</body></html>',
        news=news,
    )


def wordpress() -> Page:
    """A WordPress loop with permalinks of the date, a comment form and a widget of categories."""
    rows = "".join(
        f'<article id="post-{n}" class="post-{n} post type-post status-publish hentry"><header class="entry-header"><h2 class="entry-title"><a href="/2026/11/22/item-{n}/" rel="bookmark">{EN[n]}</a></h2>'
        f'<div class="entry-meta"><a href="/2026/11/22/item-{n}/"><time class="entry-date published" datetime="2026-11-22T1{n}:00:00+03:00">November 22, 2026</time></a> by <a class="url fn n" href="/author/desk/">News Desk of the paper</a>'
        f' <a href="/2026/11/22/item-{n}/#respond">Leave a comment on this</a></div></header><div class="entry-summary"><p>Text. <a class="more-link" href="/2026/11/22/item-{n}/">Continue reading</a></p></div></article>'
        for n in range(4)
    )
    widget = "".join(
        f'<li class="cat-item"><a href="/category/news-from-the-provinces-{n}/">News from the provinces {n}</a></li>'
        for n in range(4)
    )
    news = tuple(
        (f"/2026/11/22/item-{n}/", EN[n], NOW - datetime(2026, 11, 22, 7 + n, tzinfo=UTC)) for n in range(4)
    )
    return Page(
        name="WordPress",
        html=f'<html lang="en-US"><body class="home blog">{NAV}<main class="site-main">{rows}</main><div class="widget"><ul>{widget}</ul></div>{FOOTER}</body></html>',
        news=news,
    )


def drupal() -> Page:
    """Drupal's views: numbered rows, fields in spans, addresses of nodes."""
    rows = "".join(
        f'<div class="views-row views-row-{n} {"odd" if n % 2 else "even"}"><div class="views-field views-field-title"><span class="field-content"><a href="/node/{n}312">{KU[n]}</a></span></div>'
        f'<div class="views-field views-field-created"><span class="field-content">{_stamp(_ago(hours=n), "%d/%m/%Y - %H:%M")}</span></div></div>'
        for n in range(3)
    )
    news = tuple((f"/node/{n}312", KU[n], _ago(hours=n)) for n in range(3))
    return Page(
        name="Drupal",
        html=f'<html lang="ckb" dir="rtl"><body>{NAV}<div class="view-content">{rows}</div>{FOOTER}</body></html>',
        news=news,
    )


def aspnet() -> Page:
    """ASP.NET: the whole page is one form, and an article is a number in the query; the country tells the clock."""
    rows = "".join(
        f'<div id="ctl00_rpt_ctl0{n}_p"><a href="Details.aspx?id={n + 7}"><img alt=""></a><a id="ctl00_rpt_ctl0{n}_t" href="Details.aspx?id={n + 7}">{AR[n]}</a><span>2026-11-22 1{n}:30</span></div>'
        for n in range(5)
    )
    menu = "".join(f'<a href="Section.aspx?sid={n}">أخبار المحافظات العراقية</a>' for n in range(4))
    news = tuple(
        (f"/Details.aspx?id={n + 7}", AR[n], NOW - datetime(2026, 11, 22, 7 + n, 30, tzinfo=UTC))
        for n in range(5)
    )
    return Page(
        name="ASP.NET",
        html=f'<html dir="rtl"><body><form method="post" action="./" id="form1">{menu}<div class="content">{rows}</div></form></body></html>',
        news=tuple((path, title, ago) for path, title, ago in news),
        url="https://agency.example.iq/",
    )


def next_data() -> Page:
    """A page drawn by its script: the body is empty, the list stands in its data; the menu too."""
    items = [
        {
            "id": n,
            "title": EN[n],
            "url": f"/article/{n}-abc",
            "publishedAt": _stamp(_ago(hours=n)),
            "excerpt": "<p>In short.</p>",
        }
        for n in range(5)
    ]
    menu = [
        {"title": "Politics", "url": "/politics"},
        {"title": "Economy", "url": "/economy"},
        {"title": "Sport", "url": "/sport"},
    ]
    data = json.dumps({"props": {"pageProps": {"menu": menu, "feed": {"items": items}}}})
    news = tuple((f"/article/{n}-abc", EN[n], _ago(hours=n)) for n in range(5))
    return Page(
        name="__NEXT_DATA__",
        html=f'<html><body><div id="__next"></div>{NAV}<script id="__NEXT_DATA__" type="application/json">{data}</script></body></html>',
        news=news,
    )


def next_stream() -> Page:
    """The newer way of the same: the data come in pieces of strings."""
    items = [
        {
            "node": {
                "headline": ID[n],
                "path": f"/berita/{n}1234/judul",
                "date": (NOW - _ago(hours=n)).timestamp() * 1000,
            }
        }
        for n in range(4)
    ]
    rows = "1:I[22,[]]\n2:" + json.dumps(["$", "div", None, {"edges": items}]) + "\n"
    pieces = "".join(
        f"<script>self.__next_f.push({json.dumps([1, piece])})</script>" for piece in (rows[:80], rows[80:])
    )
    news = tuple((f"/berita/{n}1234/judul", ID[n], _ago(hours=n)) for n in range(4))
    return Page(name="__next_f", html=f"<html><body>{NAV}{pieces}</body></html>", news=news)


def item_list() -> Page:
    """JSON-LD says what the cards leave out: the time with its zone."""
    rows = "".join(
        f'<div class="c"><a href="/s/{n}98765">{EN[n]}</a><span>{n + 1} hours ago</span></div>'
        for n in range(4)
    )
    items = [
        {
            "@type": "ListItem",
            "position": n,
            "item": {
                "@type": "NewsArticle",
                "headline": EN[n],
                "url": f"{SITE}/s/{n}98765",
                "datePublished": f"2026-11-22T1{n}:17:05+03:00",
            },
        }
        for n in range(4)
    ]
    ld = json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "CollectionPage",
            "mainEntity": {"@type": "ItemList", "itemListElement": items},
        }
    )
    news = tuple(
        (f"/s/{n}98765", EN[n], NOW - datetime(2026, 11, 22, 7 + n, 17, 5, tzinfo=UTC)) for n in range(4)
    )
    return Page(
        name="JSON-LD ItemList",
        html=f'<html><head><script type="application/ld+json">{ld}</script></head><body>{NAV}{rows}{FOOTER}</body></html>',
        news=news,
    )


def breaking() -> Page:
    """Breaking news without links: words and their age are all there is."""
    rows = "".join(
        f'<li class="brk"><span class="when">قبل {n * 7 + 3} دقيقة</span><p>عاجل: {AR[n]}</p></li>'
        for n in range(5)
    )
    news = tuple((None, f"عاجل: {AR[n]}", _ago(minutes=n * 7 + 3)) for n in range(5))
    return Page(
        name="items without a link",
        html=f'<html lang="ar"><body>{NAV}<ul>{rows}</ul>{FOOTER}</body></html>',
        news=news,
    )


def mosaic() -> Page:
    """Every story in another shape, as portals do it, among comment and share links."""
    shapes = ("<div><h2><a href='{0}'>{1}</a></h2></div>", "<section class='b'><p><a href='{0}'><b>{1}</b></a></p></section>",
              "<div class='x'><div class='y'><a href='{0}'>{1}</a></div></div>", "<ul class='z'><li><a href='{0}'><em>{1}</em></a></li></ul>")  # fmt: skip
    share = '<div class="share-buttons"><a href="/share/story-number-one-on-x">Share this on your page now</a></div>'
    rows = "".join(
        shape.format(f"/haber/baslik-{n}-{n}00123", ID[n]) + share for n, shape in enumerate(shapes)
    )
    news = tuple((f"/haber/baslik-{n}-{n}00123", ID[n], None) for n in range(4))
    return Page(
        name="mosaic", html=f"<html><body>{NAV}<div class='m'>{rows}</div>{FOOTER}</body></html>", news=news
    )


PAGES = (
    front_page(), section_with_labels(), tag_page(), table_layout(), rtl_relative(), headline_outside(), read_more(),
    ticker(), wordpress(), drupal(), aspnet(), next_data(), next_stream(), item_list(), breaking(), mosaic(),
)  # fmt: skip
