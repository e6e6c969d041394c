"""Children: whatever a job does, the others and the service go on."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from spiders.children import ChildFailed, Children

ENTRY = "children_jobs:open_jobs"


@pytest.fixture
async def children():
    async with Children(ENTRY, count=1, cpu_seconds=1, memory_bytes=128 << 20, wall_seconds=20) as pool:
        yield pool


async def appears(path: Path) -> str:
    async with asyncio.timeout(20):
        while not path.exists() or not path.read_text():
            await asyncio.sleep(0.01)
    return path.read_text()


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def ends(pid: int) -> None:
    async with asyncio.timeout(20):
        while lives(pid):
            await asyncio.sleep(0.01)


async def test_a_job_is_answered_in_every_script(children: Children):
    assert await children.run("echo", "بغداد Bağdat") == "بغداد Bağdat"


async def test_one_child_answers_many_jobs(children: Children):
    assert await children.run("pid", "") == await children.run("pid", "")


@pytest.mark.parametrize(
    ("task", "text", "kind", "says"),
    [
        ("spin", "", "cpu", "processor time"),
        ("swallow", "400", "memory", "out of memory"),
        ("segfault", "", "crash", "SIGSEGV"),
        ("leave", "", "crash", "code 3"),
        ("fail", "", "error", "ValueError: no such thing"),
    ],
)
async def test_a_bad_job_fails_by_name_and_the_next_one_works(
    children: Children, task: str, text: str, kind: str, says: str
):
    with pytest.raises(ChildFailed, match=says) as failure:
        await children.run(task, text)

    assert failure.value.kind == kind
    assert await children.run("echo", "still here") == "still here"


async def test_a_job_that_waits_for_ever_is_killed_and_the_others_go_on(tmp_path: Path):
    async with Children(ENTRY, count=2, wall_seconds=1) as children:
        waiting = asyncio.create_task(children.run("sleep", str(tmp_path / "mark")))
        pid = int(await appears(tmp_path / "mark"))
        assert [await children.run("echo", str(n)) for n in range(5)] == list("01234")

        with pytest.raises(ChildFailed) as failure:
            await waiting

        assert failure.value.kind == "time"
        assert not lives(pid)


async def test_an_answer_beyond_the_cap_is_an_error(children: Children):
    async with Children(ENTRY, count=1, output_bytes=1000) as small:
        with pytest.raises(ChildFailed, match="1001 bytes, more than 1000"):
            await small.run("much", "1001")
        assert await small.run("much", "10") == "x" * 10


async def test_each_child_is_told_the_setup_before_its_next_job(children: Children):
    await children.configure("rules 1")
    assert await children.run("told", "") == "rules 1"
    await children.configure("rules 2")
    assert await children.run("told", "") == "rules 2"


async def test_a_new_child_is_told_the_setup_too(children: Children):
    await children.configure("rules")
    with pytest.raises(ChildFailed):
        await children.run("leave", "")
    assert await children.run("told", "") == "rules"


async def test_a_setup_that_fails_is_told_to_every_job_until_it_is_mended(children: Children):
    await children.configure("broken")
    for _ in range(2):
        with pytest.raises(ChildFailed, match="setting up: ValueError: cannot be compiled"):
            await children.run("told", "")
    await children.configure("good")
    assert await children.run("told", "") == "good"


async def test_a_child_killed_between_jobs_costs_no_job(children: Children):
    pid = int(await children.run("pid", ""))
    os.kill(pid, signal.SIGKILL)
    await ends(pid)

    assert await children.run("echo", "x") == "x"


async def test_a_child_worn_by_many_jobs_is_replaced_without_losing_one(children: Children):
    first = await children.run("pid", "")
    for _ in range(3):
        assert await children.run("keep", "40") == ""
    assert await children.run("pid", "") != first


async def test_a_cancelled_job_leaves_the_pool_whole(children: Children, tmp_path: Path):
    waiting = asyncio.create_task(children.run("sleep", str(tmp_path / "mark")))
    pid = int(await appears(tmp_path / "mark"))
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting

    assert await children.run("echo", "x") == "x"
    assert not lives(pid)


async def test_jobs_queue_when_all_children_are_busy(children: Children):
    answers = await asyncio.gather(*(children.run("echo", str(n)) for n in range(50)))
    assert answers == [str(n) for n in range(50)]


async def test_what_a_job_prints_never_mixes_with_its_answer(children: Children):
    assert await children.run("print", "") == "quiet"
    assert await children.run("echo", "x") == "x"


async def test_no_secret_of_the_parent_reaches_a_child(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MARSAD_DSN", "postgresql://canary")
    async with Children(ENTRY, count=1) as children:
        assert "canary" not in await children.run("environment", "")


async def test_an_entry_that_cannot_be_opened_is_said_at_the_start():
    with pytest.raises(ChildFailed, match="RuntimeError: its model is missing"):
        async with Children("children_jobs:open_nothing", count=2):
            pass


async def test_children_end_with_the_pool():
    async with Children(ENTRY, count=2) as children:
        pid = int(await children.run("pid", ""))
    assert not lives(pid)


async def test_children_die_with_a_killed_parent(tmp_path: Path):
    program = (
        "import asyncio\nfrom spiders.children import Children\n"
        "async def main():\n"
        f"    async with Children({ENTRY!r}, count=1) as pool:\n"
        f"        await pool.run('sleep', {str(tmp_path / 'mark')!r})\n"
        "asyncio.run(main())\n"
    )
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
    with subprocess.Popen([sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": paths}) as parent:
        pid = int(await appears(tmp_path / "mark"))
        parent.kill()
        parent.wait()
    await ends(pid)
