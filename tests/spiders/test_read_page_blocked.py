"""Refusals, challenges and walls are told from articles, also from articles about them."""

from datetime import UTC, datetime

import pytest

from spiders.entries import Page
from spiders.readers.page import read_page

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://news.example.org/2026/basra-march"
NEWS = "<p>" + "The provincial council said on Sunday that two lines had failed near the port. " * 6 + "</p>"


def read(title: str, body: str, head: str = "") -> Page:
    page = f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    return read_page(page.encode(), url=URL, now=NOW)


@pytest.mark.parametrize(
    ("title", "body"),
    [
        (
            "Just a moment...",
            "<script>window._cf_chl_opt={cType:'managed'}</script><h1>news.example.org</h1>",
        ),
        (
            "Bir dakika lütfen...",
            "<script src='/cdn-cgi/challenge-platform/h/b/orchestrate/chl_page/v1'></script>",
        ),
        ("لحظة من فضلك…", "<noscript>Enable JavaScript and cookies to continue</noscript>"),
        ("Nur einen Moment…", "<div id='challenge-error-text'></div>"),
        ("Tunggu sebentar...", "<p>Memeriksa peramban Anda.</p>"),
        ("Attention Required! | Cloudflare", "<div id='cf-error-details'>Sorry, you have been blocked</div>"),
        ("Access Denied", "<p>You don't have permission to access this page. Reference&#32;&#35;18.2f</p>"),
        ("&nbsp;", "<div id='sec-if-cpt-container'>Powered and protected by</div>"),
        (
            "news.example.org",
            "<p>Please enable JS</p><script src='https://ct.captcha-delivery.com/c.js'></script>",
        ),
        ("Access to this page has been denied", "<div id='px-captcha'>Press and hold</div>"),
        ("", "<iframe src='/_Incapsula_Resource?SWUDNSAI=31&incident_id=1'>Request unsuccessful.</iframe>"),
        ("Sucuri WebSite Firewall - Access Denied", "<h1>Access Denied - Sucuri Website Firewall</h1>"),
        ("You are being redirected...", "<script>sucuri_cloudproxy_js=''</script>Javascript is required."),
        ("DDoS-Guard", "<p>Checking your browser before accessing news.example.org.</p>"),
        ("در حال انتقال به سایت مورد نظر هستید...", "<script src='/__arcsjs'></script><p>لطفا صبر کنید</p>"),
        ("Human Verification", "<script>window.gokuProps={}; AwsWafIntegration.getToken()</script>"),
        ("Making sure you&#39;re not a bot!", "<p>Protected by Anubis</p>"),
        ("", "<iframe src='http://10.10.34.34?type=Invalid Site'></iframe>"),
        ("403 Forbidden", "<h1>403 Forbidden</h1><hr>nginx"),
    ],
)
def test_a_challenge_of_each_kind_is_blocked(title: str, body: str):
    page = read(title, body)
    assert (page.kind, page.text) == ("blocked", "")


@pytest.mark.parametrize(
    ("title", "body", "head"),
    [
        ("Access denied: army closes bridge in Mosul", NEWS, ""),
        ("Forbidden city: archaeologists return to Ur", NEWS, ""),
        ("Just a moment: how Baghdad's skyline changed", NEWS, ""),
        ("Cloudflare outage hits Iraqi media", NEWS + "<p>Readers saw “you have been blocked”.</p>" * 30, ""),
        (
            "Websites in Erbil go dark",
            "<p>“Checking your browser before accessing” was all that readers in Erbil saw on Sunday.</p>"
            * 3,
            "<meta property='og:type' content='article'>",
        ),
        (
            "Flood in Basra",
            "<p>Flood water has reached the city centre of Basra, officials said on Sunday evening.</p>" * 3
            + "<script src='/cdn-cgi/challenge-platform/scripts/jsd/main.js'></script>"
            + "<script src='https://js.datadome.co/tags.js'></script><script src='/_Incapsula_Resource?x'></script>",
            "",
        ),
    ],
)
def test_an_article_about_blocking_or_behind_its_scripts_is_an_article(title: str, body: str, head: str):
    page = read(title, f"<article><h1>{title}</h1>{body}</article>", head)
    assert page.kind == "article"
    assert page.text


CONSENT = (
    "<p>We and our 842 partners use cookies and tracking to store and read information on your device.</p>"
    "<p>With your consent we and our partners show personalised ads. See our privacy policy and cookie policy.</p>"
    "<button>Accept all cookies</button> <button>I agree and continue</button> <a href='/p'>Privacy settings</a>"
)


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("Before you continue", CONSENT),
        (
            "Log in to continue",
            "<form><input name='u'><input type='password'><button>Log in</button></form>" * 3,
        ),
        ("تسجيل الدخول", "<p>للمشتركين فقط</p><form><input type='password'></form>"),
    ],
)
def test_a_wall_of_consent_or_login_is_empty(title: str, body: str):
    page = read(title, body)
    assert (page.kind, page.text, page.title) == ("empty", "", title)


def test_a_news_page_with_a_consent_banner_and_a_login_box_is_an_article():
    login = "<form class='login'>Log in <input type='password'></form>"
    page = read(
        "Two lines fail in Basra", f"<div class='consent'>{CONSENT}</div>{login}<article>{NEWS * 3}</article>"
    )
    assert page.kind == "article"
    assert "provincial council" in page.text
