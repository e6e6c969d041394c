"""How each rule stands: at work or off, new, well, without any match so far, or with an open incident of its own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from language.languages import admits
from scheduler.rulehealth import FLOODING, SILENT, SLOW, SUBJECT
from storage.database import Database
from storage.incidents import list_open_incidents
from storage.rulehealth import HourOfLanguage, RuleActivity, article_hours, rule_activities
from storage.volumes import RuleStanding, list_standings

LONGEST_LOOK = timedelta(days=28)  # back, for the articles that a rule without a match was held against
NEVER_AFTER = timedelta(days=3)
NEVER_ARTICLES = 500  # in its languages: of fewer a rare thing need not be one
# What a rule that counts makes of itself, in a word; "raised" where people know of a spike, a high count or a silence.
COUNTING = {"learn": "learning", "rest": "counting", "close": "counting"}
STATES = {SILENT: "silent", FLOODING: "floods", SLOW: "slow"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A rule's activity, its state in a word or two, and what there is to say about that."""

    activity: RuleActivity
    state: str
    why: str = ""

    @property
    def is_well(self) -> bool:
        return self.state in ("well", "new", "off", "learning", "counting", "raised")


async def standings(db: Database, now: datetime) -> list[Standing]:
    """How every rule stands, by name."""
    async with db.connection() as conn:
        activities = await rule_activities(conn)
        troubles = {
            one.subject.removeprefix(SUBJECT): (one.kind, one.detail)
            for one in await list_open_incidents(conn)
            if one.kind in STATES
        }
        barren = [one for one in activities if one.enabled and not one.live_since_change]
        since = max(min((one.changed_at for one in barren), default=now), now - LONGEST_LOOK)
        articles = await article_hours(conn, since=since) if barren else []
        volumes = {one.rule: one for one in await list_standings(conn)}
    found = [standing_of(one, troubles.get(one.name), articles, now) for one in activities]
    return [_counting(one, volumes.get(one.activity.name)) for one in found]


def _counting(standing: Standing, volume: RuleStanding | None) -> Standing:
    """What a rule that counts has to say for itself, where nothing is wrong with it."""
    if volume is None or standing.state not in ("well", "new"):
        return standing
    since = f", since {volume.since:%Y-%m-%d %H:%M} UTC" if volume.state == "learn" else ""
    state = "raised" if volume.open else COUNTING.get(volume.state, "counting")
    return Standing(activity=standing.activity, state=state, why=volume.detail + since)


def standing_of(
    activity: RuleActivity,
    trouble: tuple[str, str] | None,
    articles: Sequence[HourOfLanguage],
    now: datetime,
) -> Standing:
    """Say how one rule stands. `articles` reach back to its last change, if it has not matched since."""
    if not activity.enabled:
        return Standing(activity=activity, state="off")
    if trouble is not None:
        return Standing(activity=activity, state=STATES[trouble[0]], why=trouble[1])
    if activity.live_since_change:
        return Standing(activity=activity, state="well")
    age = now - activity.changed_at
    read = _read(activity.languages, articles, activity.changed_at)
    if age < NEVER_AFTER or read < NEVER_ARTICLES:
        return Standing(activity=activity, state="new", why=f"no match yet in {_days(age)}, {read} articles")
    held = f"{_days(min(age, LONGEST_LOOK))} and {read} articles in its languages"
    if activity.total:
        return Standing(activity=activity, state="no match", why=f"none since it was changed: {held}")
    return Standing(activity=activity, state="never matched", why=f"not once in {held}")


def _read(languages: Sequence[str], articles: Sequence[HourOfLanguage], since: datetime) -> int:
    allowed = frozenset(languages)
    by_language: dict[str, int] = {}
    for one in articles:
        if one.hour >= since - timedelta(hours=1):
            by_language[one.lang] = by_language.get(one.lang, 0) + one.count
    return _sum_of(by_language, allowed)


def _sum_of(by_language: Mapping[str, int], allowed: frozenset[str]) -> int:
    return sum(count for lang, count in by_language.items() if not allowed or admits(allowed, lang))


def _days(span: timedelta) -> str:
    days = span.days
    return "1 day" if days == 1 else f"{days} days"
