"""Matching: articles per second against the rules of the pack, one processor, as the reading children do it."""

import random
import time
from dataclasses import dataclass

from bench.feeds import ALARMS, ALERTING, LANGUAGES, SEED, article
from marsad.watchfile import load_watch
from rules.document import Document
from rules.engine import Engine
from scheduler.ruleset import concepts_of, rule_of

WORDS = 500  # of an article; a feed's entry has some fifty
WARM_UP = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    """How fast, and how many rules and hits that was."""

    rules: int
    articles: int
    hits: int
    per_second: float  # of processor time


def measure(articles: int = 300) -> Matching:
    """Hold every rule against made-up articles of 500 words."""
    watch = load_watch(["iraq"])
    concepts = concepts_of({concept.name: concept.terms for concept in watch.concepts})
    engine = Engine([rule_of(spec) for spec in watch.rules], concepts)
    for document in _documents("warm", WARM_UP):
        engine.match(document)
    documents = _documents("measured", articles)
    began = time.process_time()
    hits = sum(len(engine.match(document)) for document in documents)
    seconds = time.process_time() - began
    return Matching(rules=len(watch.rules), articles=articles, hits=hits, per_second=articles / seconds)


def _documents(name: str, count: int) -> list[Document]:
    rng = random.Random(f"{SEED}-{name}")
    return [_document(rng, LANGUAGES[i % len(LANGUAGES)]) for i in range(count)]


def _document(rng: random.Random, lang: str) -> Document:
    body = article(rng, lang, words=WORDS)
    if rng.randrange(ALERTING) == 0:
        body = f"{body}. {ALARMS[lang]}"
    return Document(title=article(rng, lang, words=9), body=body, lang=lang, source="Paper")
