"""The whole text of an article, where extraction alone gives a part of it; and no word lost on hostile pages."""

import json
import time
from datetime import UTC, datetime

import pytest

from language.words import tokens
from spiders.entries import Page
from spiders.readers.completion import completed
from spiders.readers.leads import with_lead
from spiders.readers.markup import plain
from spiders.readers.page import read_page
from spiders.readers.structured import structured
from spiders.readers.xml import html_tree

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
URL = "https://news.example.org/2026/basra-march"
PARAGRAPHS = [
    "Thousands of people marched through the centre of Basra on Saturday evening to protest against power cuts.",
    "The provincial council said that two transmission lines had failed and that repairs would take until Friday.",
    "Witnesses said the march ended peacefully before midnight, although several roads stayed closed on Sunday.",
    "Shop owners near the old market kept their doors shut for a second day and asked the governor for generators.",
    "The ministry of electricity in Baghdad promised to send engineers and spare parts from a depot near Nasiriyah.",
    "Doctors at the teaching hospital said that they had enough fuel for their own machines until the weekend only.",
]


def markup(paragraphs: list[str], named: str = "") -> str:
    return "".join(f"<p{named}>{paragraph}</p>" for paragraph in paragraphs)


def read(body: str, head: str = "") -> Page:
    page = f"<html><head><title>March in Basra</title>{head}</head><body>{body}</body></html>"
    return read_page(page.encode(), url=URL, now=NOW)


def test_an_article_in_two_boxes_is_read_whole():
    boxes = "".join(
        f"<div class='body'>{markup(PARAGRAPHS[n : n + 3], ' class=text')}</div><div class='ad'></div>"
        for n in (0, 3)
    )
    page = read(f"<main><article class='story'><h1>March in Basra</h1>{boxes}</article></main>")
    assert [page.text.index(paragraph) for paragraph in PARAGRAPHS] == sorted(
        map(page.text.index, PARAGRAPHS)
    )


@pytest.mark.parametrize(
    ("lead", "head"),
    [
        ("<div class='article-preamble'><p>{}</p></div>", ""),
        ("<h2 class='c-subtitle'>{}</h2>", ""),
        ("<div class='Article_elementLead__x1'>{}</div>", ""),
        ("<div><span>{}</span></div>", "<meta name='description' content='{}'>"),
    ],
)
def test_a_standfirst_is_found_by_its_name_or_by_the_description(lead: str, head: str):
    words = "Power cuts of twenty hours a day have driven people onto the streets"
    text = f"<div class='text'>{markup(PARAGRAPHS)}</div>"
    page = read(
        f"<article><header><h1>March in Basra</h1>{lead.format(words)}</header>{text}</article>",
        head.format(words),
    )
    assert page.text == "\n".join([words, *PARAGRAPHS])


@pytest.mark.parametrize("label", ["Read also:", "اقرأ أيضا:", "Baca juga:", "MORE |"])
def test_a_label_and_a_link_to_another_story_is_no_text_of_this_one(label: str):
    link = (
        f"<p><strong>{label}</strong> <a href='/x'>Two killed as boat sinks on the Tigris near Mosul</a></p>"
    )
    page = read(f"<article><h1>March</h1>{markup(PARAGRAPHS[:3])}{link}{markup(PARAGRAPHS[3:])}</article>")
    assert page.text == "\n".join(PARAGRAPHS)


def test_a_sentence_that_ends_in_a_link_stays():
    sentence = "The council published the list of all streets without power here: <a href='/x'>list of the streets</a>"
    page = read(f"<article><h1>March</h1>{markup([*PARAGRAPHS[:3], sentence, *PARAGRAPHS[3:]])}</article>")
    assert "list of the streets" in page.text


def test_a_dropped_paragraph_comes_back_to_its_place():
    tree = html_tree(f"<article><div class='text'>{markup(PARAGRAPHS)}</div></article>")
    assert tree is not None
    kept = "\n".join([*PARAGRAPHS[:3], *PARAGRAPHS[4:]])

    assert completed(kept, tree) == "\n".join(PARAGRAPHS)


@pytest.mark.parametrize("box", ["article", "div"])
def test_a_second_story_on_the_page_is_not_mixed_into_the_first(box: str):
    second = [f"In Mosul, {paragraph.lower()} So said officials in Mosul." for paragraph in PARAGRAPHS[:3]]
    stories = [f"<{box}><div class='text'>{markup(one)}</div></{box}>" for one in (PARAGRAPHS, second)]
    stories.insert(1, "<h2><a href='/2'>March in Mosul</a></h2>" if box == "div" else "")
    tree = html_tree("<html><body>" + "".join(stories) + "</body></html>")
    assert tree is not None

    assert completed("\n".join(PARAGRAPHS), tree) == "\n".join(PARAGRAPHS)


def test_a_byline_between_headline_and_text_is_no_standfirst():
    byline = "Jane Doe has reported from Basra for twenty years and writes on water."
    boxes = f"<div class='author-intro'>{byline}</div><div class='text'>{markup(PARAGRAPHS)}</div>"
    tree = html_tree(f"<article><h1>March in Basra</h1>{boxes}</article>")
    assert tree is not None
    text = "\n".join(PARAGRAPHS)

    assert with_lead(text, tree, structured(tree)) == text


def test_a_text_that_json_ld_states_twice_is_taken_from_the_page():
    stated = json.dumps({"@type": "NewsArticle", "articleBody": " ".join(PARAGRAPHS * 2)})
    page = read(
        f"<article>{markup(PARAGRAPHS)}</article>", f"<script type='application/ld+json'>{stated}</script>"
    )
    assert page.text == "\n".join(PARAGRAPHS)


def test_the_rest_of_a_text_that_only_json_ld_states_is_taken_from_there():
    stated = json.dumps({"@type": "NewsArticle", "articleBody": "\n".join(PARAGRAPHS)})
    page = read(
        f"<article>{markup(PARAGRAPHS[:3])}</article>",
        f"<script type='application/ld+json'>{stated}</script>",
    )
    assert page.text == "\n".join(PARAGRAPHS)


FRAGMENT = markup(PARAGRAPHS) + "<figure><figcaption><p>A photo of the bridge</p></figcaption></figure>"


@pytest.mark.parametrize(
    "script",
    [
        f"self.__next_f.push([1,{json.dumps(FRAGMENT)}])",
        f"self.__next_f.push([1,{json.dumps('2a:' + json.dumps({'body': FRAGMENT}))}])",
        f"window.__STATE__ = {json.dumps({'story': {'html': FRAGMENT}}).replace('<', chr(92) + 'u003c')};",
    ],
)
def test_an_article_that_only_a_script_would_draw_is_read(script: str):
    page = read(f"<div id='root'></div><script>{script}</script>")
    assert (page.text, page.degraded) == ("\n".join(PARAGRAPHS), None)


def test_a_script_of_strings_without_paragraphs_is_no_article():
    strings = json.dumps(["const a = 'b' < 'c';" * 40, "x" * 3000])
    assert read(f"<div id='root'></div><script>var x = {strings}</script>").kind == "empty"


KEYWORD = "Qayyarah"
STORY = markup([*PARAGRAPHS, f"Soldiers reached {KEYWORD} by night and closed the road."] * 4)


@pytest.mark.parametrize(
    "page",
    [
        "<div>" * 255 + STORY,
        "<div>" * 100_000 + STORY,
        "<font><b>" * 3000 + STORY,
        STORY + "<!--" * 100_000,
        "<a " * 50_000 + ">" + STORY,
        "<![" + STORY + "<![" * 20_000,
        STORY.replace("Basra", "Bas\0ra") + "\0" * 50_000,
        STORY + "<table><tr><td>" * 20_000,
        "<p" * 50_000 + ">" + STORY,
        STORY + "&" * 200_000,
        STORY + "<script>x='<p" + '\\"' * 200_000,
    ],
    ids=["255", "100k", "fonts", "comments", "a", "cdata", "nul", "tables", "p", "amp", "script"],
)
def test_no_hostile_markup_hides_a_word_nor_holds_a_reader(page: str):
    start = time.process_time()
    found = read_page(f"<html><body>{page}</body></html>".encode(), url=URL, now=NOW)

    assert KEYWORD in found.text
    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    "hidden",
    [
        "<b>mil</b>itia",
        "mil<wbr>itia",
        "mil&shy;itia",
        "<span>mil</span><span>itia</span>",
        "mil<!-- x -->itia",
        "mil&#8203;itia",
    ],
)
def test_a_word_that_tags_cut_stays_one_word(hidden: str):
    sentence = (
        f"The {hidden} opened fire on residents near the bridge and left before the police had arrived."
    )
    page = read(
        f"<article class='story'><h1>March</h1><div class='text'>{markup([*PARAGRAPHS, sentence])}</div></article>"
    )

    words = {token.folded for token in tokens(page.text)} & {
        token.folded for token in tokens(plain(sentence))
    }
    assert "militia" in words
