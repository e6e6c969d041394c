"""Notices to test with: one story from Basra in Arabic, and whatever a test changes in it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from alerts.notice import Item, Notice, Reason

NOW = datetime(2026, 11, 22, 16, 3, tzinfo=UTC)
TITLE = "البصرة: ميليشيات تطلق النار على متظاهرين"
BODY = (
    "أفاد مصدر أمني بأن مسلحين هاجموا نقطة تفتيش شمالي المدينة فجر اليوم. " * 4
    + "وقال المصدر إن عناصر من ميليشيات محلية أطلقوا الرصاص الحي قرب مبنى المحافظة. "
    + "ولم تصدر السلطات بيانا حتى الآن. " * 6
)


def reason(text: str, surface: str, **changes: Any) -> Reason:
    start = text.index(surface)
    made = Reason(
        term=surface,
        concept="militia",
        field="body",
        start=start,
        end=start + len(surface),
        surface=surface,
        lang="ar",
    )
    return replace(made, **changes)


def item(**changes: Any) -> Item:
    made = Item(
        rule="Militia in Basra",
        severity="high",
        story_title=TITLE,
        article_url="https://news.example.org/ar/2026/basra?id=4711",
        title=TITLE,
        summary="",
        text=BODY,
        lang="ar",
        source="وكالة الضفاف",
        country="IQ",
        tier=1,
        published=NOW - timedelta(minutes=6),
        first_seen=NOW,
        reasons=(reason(TITLE, "ميليشيات", field="title"), reason(BODY, "ميليشيات")),
        score=1.0,
        outlets=4,
        story="77",
    )
    return replace(made, **changes)


def notice(*items: Item, **changes: Any) -> Notice:
    made = Notice(id="msg_0001", kind="story", items=items or (item(),), owed_at=NOW)
    return replace(made, **changes)
