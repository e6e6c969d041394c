"""A fleet: never more than its size, leases kept, nothing lost at the end."""

import asyncio

from structlog.testing import capture_logs

from scheduler.fleet import Fleet


class Yard:
    """Work to be claimed, and what became of it."""

    def __init__(self, *pieces: int) -> None:
        self.waiting = list(pieces)
        self.done: list[int] = []
        self.handed_back: list[int] = []
        self.extended: list[list[int]] = []
        self.started = asyncio.Event()
        self.go = asyncio.Event()

    async def claim(self, room: int) -> list[int]:
        taken, self.waiting = self.waiting[:room], self.waiting[room:]
        return taken

    async def do(self, piece: int) -> None:
        self.started.set()
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.handed_back.append(piece)
            raise
        if piece < 0:
            raise RuntimeError("a bug")
        self.done.append(piece)

    async def extend(self, pieces: object) -> None:
        self.extended.append(sorted(pieces))  # type: ignore[call-overload]

    def fleet(self, size: int, *, slow_seconds: float = 60) -> Fleet[int]:
        return Fleet(
            "test",
            size=size,
            claim=self.claim,
            do=self.do,
            extend=self.extend,
            slow_seconds=slow_seconds,
        )


async def test_a_fleet_takes_no_more_than_it_has_room_for_and_refills_by_itself() -> None:
    yard = Yard(1, 2, 3, 4, 5)
    fleet = yard.fleet(2)

    assert await fleet.fill() == 2
    assert await fleet.fill() == 0
    yard.go.set()
    while len(yard.done) < 5:
        await asyncio.sleep(0)

    assert sorted(yard.done) == [1, 2, 3, 4, 5]


async def test_what_is_slow_holds_no_place_until_there_is_three_times_too_much_of_it() -> None:
    yard = Yard(*range(1, 21))
    fleet = yard.fleet(2, slow_seconds=0)

    started = [await fleet.fill() for _ in range(5)]

    assert started == [2, 2, 2, 2, 0]
    assert fleet.busy == 8
    await fleet.close(patience=0)


async def test_leases_of_what_is_under_way_are_kept() -> None:
    yard = Yard(1, 2)
    fleet = yard.fleet(2)
    await fleet.fill()

    await fleet.stay()

    assert yard.extended == [[1, 2]]
    await fleet.close(patience=0)


async def test_a_bug_in_one_piece_is_logged_and_stops_no_other() -> None:
    yard = Yard(-1, 2)
    yard.go.set()

    with capture_logs() as logs:
        fleet = yard.fleet(2)
        await fleet.fill()
        while fleet.busy:
            await asyncio.sleep(0)

    assert yard.done == [2]
    assert [line["event"] for line in logs] == ["work_crashed"]


async def test_closing_waits_then_hands_back_and_claims_nothing_more() -> None:
    yard = Yard(1, 2, 3)
    fleet = yard.fleet(2)
    await fleet.fill()
    await yard.started.wait()

    await fleet.close(patience=0.01)

    assert sorted(yard.handed_back) == [1, 2]
    assert await fleet.fill() == 0
    assert yard.waiting == [3]
