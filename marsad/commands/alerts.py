"""`marsad alert`: what was raised, what was delivered, what is still owed."""

import getpass
import uuid
from datetime import UTC, datetime
from typing import Annotated

import typer

from alerts.channels import parse_settings, recipients, send
from alerts.notice import Item, Notice, Reason
from alerts.outcome import Delivered, Outcome
from alerts.whereabouts import trails
from marsad.commands.front import front_of, iso, print_row, run_async, table
from marsad.errors import BadInput
from marsad.gateway import open_means
from marsad.store import open_store
from storage.alerts import AlertRow, ack_alert, list_alerts
from storage.channels import list_channels
from storage.deliveries import DeliveryRow, dead_letters, replay

app = typer.Typer(help="What was raised, what was delivered, what is still owed.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="A JSON row each.")]


@app.command("list")
def list_command(
    ctx: typer.Context,
    rule: Annotated[str | None, typer.Option("--rule", help="Only of this rule.")] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=10_000, help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """The latest alerts, of stories and of incidents, newest first, with what became of their deliveries."""

    async def rows() -> list[AlertRow]:
        async with front_of(ctx).store() as store, store.db.connection() as conn:
            return await list_alerts(conn, limit=limit, rule=rule)

    found = run_async(rows())
    if as_json:
        for alert in found:
            print_row(_alert_row(alert))
        return
    columns = ("id", "when", "rule", "story, trouble or number", "source", "deliveries", "seen by", "where")
    table("Alerts", columns, [_alert_cells(alert) for alert in found])


@app.command("ack")
def ack_command(
    ctx: typer.Context,
    alert_id: Annotated[int, typer.Argument(help="Its id in marsad alert list.")],
    who: Annotated[str | None, typer.Option("--by", help="Who has seen it; default: you.")] = None,
) -> None:
    """Say that somebody has seen to an alert."""
    name = who or getpass.getuser()

    async def ack() -> bool:
        async with front_of(ctx).store() as store, store.db.transaction() as conn:
            return await ack_alert(conn, alert_id, name)

    if not run_async(ack()):
        raise BadInput(f"alert {alert_id}: no such alert, or seen to already; see marsad alert list")
    typer.echo(f"alert {alert_id}: seen by {name}")


@app.command("dead")
def dead_command(ctx: typer.Context, as_json: Json = False) -> None:
    """Messages that were given up, with the reason; marsad alert replay sends them again."""

    async def rows() -> list[DeliveryRow]:
        async with front_of(ctx).store() as store, store.db.connection() as conn:
            return await dead_letters(conn, limit=1000)

    letters = run_async(rows())
    if as_json:
        for letter in letters:
            print_row(_letter_row(letter))
        return
    columns = ("message", "rule or trouble", "channel", "recipient", "attempts", "why")
    table(
        "Dead letters",
        columns,
        [(d.message_id, d.about, d.channel, d.recipient, d.attempts, d.detail or "") for d in letters],
    )


@app.command("replay")
def replay_command(
    ctx: typer.Context,
    message_id: Annotated[str | None, typer.Argument(help="One message; left out with --since.")] = None,
    since: Annotated[datetime | None, typer.Option("--since", help="All given up since then (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option("--until", help="And until then (UTC).")] = None,
) -> None:
    """Owe dead letters again, under the same id."""
    if message_id is None and since is None:
        raise BadInput("nothing to replay; give a message from marsad alert dead, or --since")

    async def again() -> int:
        async with front_of(ctx).store() as store, store.db.transaction() as conn:
            return await replay(conn, message_id=message_id, since=_utc(since), until=_utc(until))

    due = run_async(again())
    if not due and message_id is not None:
        raise BadInput(f"{message_id}: no such dead letter; see marsad alert dead")
    typer.echo("1 message is due again" if due == 1 else f"{due} messages are due again")


@app.command("test")
def test_command(
    ctx: typer.Context, channel: Annotated[str, typer.Argument(help="The name of the channel.")]
) -> None:
    """Send a test message through a channel's real path now, and say what came of it."""
    outcomes = run_async(_test(ctx, channel))
    for recipient, outcome in outcomes:
        typer.echo(f"{recipient}: {_said(outcome)}")
    if not all(isinstance(outcome, Delivered) for _, outcome in outcomes):
        raise typer.Exit(1)


async def _test(ctx: typer.Context, name: str) -> list[tuple[str, Outcome]]:
    configuration = front_of(ctx).configuration()
    async with open_store(configuration, connections=2) as store:
        async with store.db.connection() as conn:
            channels = {c.name: c for c in await list_channels(conn)}
        if name not in channels:
            known = ", ".join(sorted(channels)) or "none; run marsad apply first"
            raise BadInput(f"{name}: no such channel; known: {known}")
        found = channels[name]
        settings = parse_settings(found.kind, found.settings, name=found.name)
        now = datetime.now(UTC)
        async with open_means(configuration) as means:
            return [
                (r, await send(_test_notice(now), settings=settings, recipient=r, means=means, now=now))
                for r in recipients(settings)
            ]


def _test_notice(now: datetime) -> Notice:
    title = "Test message: alerts reach you · رسالة تجريبية"
    item = Item(
        rule="Test",
        severity="low",
        story_title=title,
        article_url="https://example.org/marsad-test",
        title=title,
        summary="Somebody ran `marsad alert test`. No article was found; nothing needs to be done.",
        text="",
        lang="en",
        source="Marsad",
        country=None,
        tier=None,
        published=now,
        first_seen=now,
        reasons=(
            Reason(term="test", concept=None, field="title", start=0, end=4, surface="Test", lang="en"),
        ),
        score=1.0,
    )
    return Notice(id=uuid.uuid4().hex, kind="story", items=(item,), owed_at=now)


def _said(outcome: Outcome) -> str:
    return (
        f"delivered ({outcome.detail})"
        if isinstance(outcome, Delivered)
        else f"not delivered: {outcome.reason}"
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment


def _alert_cells(alert: AlertRow) -> tuple[object, ...]:
    deliveries = ", ".join(f"{count} {state}" for state, count in sorted(alert.deliveries.items()))
    return (
        alert.id,
        alert.created_at,
        alert.rule or f"({alert.kind})",
        alert.story_title or f"{alert.trouble or alert.kind}: {alert.detail}",
        alert.source,
        deliveries or "nobody to tell",
        alert.acked_by or "",
        ", ".join(trails(alert.places, "en")),
    )


def _alert_row(alert: AlertRow) -> dict[str, object]:
    return {
        "id": alert.id,
        "created_at": iso(alert.created_at),
        "rule": alert.rule,
        "severity": alert.severity,
        "kind": alert.kind,
        "story": alert.story_title,
        "url": alert.article_url,
        "source": alert.source,
        "lang": alert.lang,
        "incident": alert.incident_id,
        "trouble": alert.trouble,
        "detail": alert.detail,
        "deliveries": alert.deliveries,
        "places": list(alert.places),
        "acked_by": alert.acked_by,
        "acked_at": iso(alert.acked_at),
    }


def _letter_row(letter: DeliveryRow) -> dict[str, object]:
    return {
        "message_id": letter.message_id,
        "kind": letter.kind,
        "rule": letter.rule,
        "about": letter.about,
        "channel": letter.channel,
        "recipient": letter.recipient,
        "attempts": letter.attempts,
        "owed_at": iso(letter.owed_at),
        "finished_at": iso(letter.finished_at),
        "why": letter.detail,
    }
