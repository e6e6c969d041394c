"""The headline of a page, where it states several."""

import json
from datetime import UTC, datetime

import pytest

from spiders.readers.page import read_page

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TEXT = (
    "<p>Thousands of people marched through the centre of Basra on Saturday evening against power cuts.</p>"
    * 4
)


def title(
    *,
    og: str = "",
    twitter: str = "",
    ld: str = "",
    h1: str = "",
    tab: str = "",
    site: str = "",
    more: str = "",
) -> str:
    stated = json.dumps({"@type": "NewsArticle", "headline": ld}, ensure_ascii=False)
    metas = {"og:title": og, "twitter:title": twitter, "og:site_name": site}
    head = "".join(f'<meta property="{name}" content="{text}">' for name, text in metas.items() if text)
    page = (
        f"<html><head><title>{tab}</title>{head}<script type='application/ld+json'>{stated}</script></head>"
        f"<body><article>{f'<h1>{h1}</h1>' if h1 else ''}{TEXT}{more}</article></body></html>"
    )
    return read_page(page.encode(), url="https://www.examplenews.org/2026/march", now=NOW).title


def test_what_sharing_and_search_agree_on_is_the_title():
    assert title(og="March in Basra", ld="March in Basra", h1="Power cuts") == "March in Basra"


def test_of_variants_the_one_that_the_page_itself_uses_is_the_title():
    share = "<a href='#' title='Thousands march in Basra'>share</a><script>x={t:'Thousands march in Basra'}</script>"
    assert (
        title(og="You won't believe Basra", ld="Thousands march in Basra", more=share)
        == "Thousands march in Basra"
    )
    share = share.replace("Thousands march in Basra", "You won't believe Basra")
    assert (
        title(og="You won't believe Basra", ld="Thousands march in Basra", more=share)
        == "You won't believe Basra"
    )


def test_a_pair_of_social_titles_yields_to_what_readers_and_search_engines_see():
    both = {"og": "This is why Basra is angry", "twitter": "This is why Basra is angry"}
    assert (
        title(**both, ld="Thousands march in Basra", h1="Thousands march in Basra")
        == "Thousands march in Basra"
    )


@pytest.mark.parametrize("ending", [" | Example News", " - Example News", " – examplenews", "｜Example News"])
def test_the_name_of_the_site_is_cut_off(ending: str):
    assert (
        title(og=f"March in Basra{ending}", tab=f"March in Basra{ending}", site="Example News")
        == "March in Basra"
    )


def test_a_dash_in_a_headline_stays():
    assert title(og="Basra - a city without power", site="Example News") == "Basra - a city without power"


def test_the_h1_that_is_only_the_name_of_the_site_is_no_headline():
    assert (
        title(h1="Example News", tab="March in Basra | Example News", site="Example News") == "March in Basra"
    )


def test_a_headline_cut_for_search_engines_is_given_in_full():
    full = "Thousands of people march through the centre of Basra against power cuts that last twenty hours a day"
    assert title(ld=full[:96] + "…", h1=full) == full
