import base64
import logging
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hostile import LOOPBACK, Exchange, HostileOrigin, Told

from spiders.access import AccessError, headers_for, read_access, read_private
from spiders.collector import Collector
from spiders.fetching import FetchRequest
from spiders.gate.policy import GatePolicy

CANARY = "k4n4ry-s3cr3t"


def secret(folder: Path, text: str, *, mode: int = 0o600) -> Path:
    path = folder / "access"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.fixture
async def origin() -> AsyncIterator[HostileOrigin]:
    async with HostileOrigin() as hostile:
        yield hostile


def test_each_way_to_write_access_becomes_its_header(tmp_path: Path) -> None:
    path = secret(
        tmp_path,
        "# subscription of the desk\n\nX-Api-Key: k: 1\n  basic Aladdin:open sesame: بغداد\n"
        "cookie session=abc\nCOOKIE lang=ar\n",
    )

    headers = read_access(path).headers

    login = base64.b64encode("Aladdin:open sesame: بغداد".encode()).decode()
    assert headers == {
        "X-Api-Key": "k: 1",
        "Authorization": f"Basic {login}",
        "Cookie": "session=abc; lang=ar",
    }
    assert read_access(secret(tmp_path, "bearer abc.def", mode=0o400)).headers == {
        "Authorization": "Bearer abc.def"
    }


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660, 0o700, 0o444])
def test_a_file_that_others_may_read_is_refused_with_the_remedy(mode: int, tmp_path: Path) -> None:
    path = secret(tmp_path, f"bearer {CANARY}", mode=mode)

    with pytest.raises(AccessError, match=f"mode {mode:04o}.*chmod 600 {path}"):
        read_access(path)
    with pytest.raises(AccessError, match="chmod 600"):
        headers_for(str(path))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"{CANARY}", "line 1 cannot be read"),
        (f"# x\nbasic {CANARY}", "line 2 has no colon"),
        (f"cookie {CANARY}", "line 1 has no ="),
        (f"X-Key: {CANARY}\x07", "line 1 holds a control character"),
        (f"X-Key: {CANARY}\nx-key: {CANARY}", "line 2: X-Key was given before"),
        (f"basic a:{CANARY}\nbearer {CANARY}", "line 2: Authorization was given before"),
        (f"Host: {CANARY}", "line 1: Host is not a header to set"),
        (f"Bad Name: {CANARY}", "line 1 cannot be read"),
        (f"# {CANARY}", "nothing in it"),
        ("", "nothing in it"),
        (CANARY * 9000, "longer than"),
    ],
)
def test_a_file_that_cannot_be_used_is_named_in_one_line_without_the_secret(
    text: str, said: str, tmp_path: Path
) -> None:
    path = secret(tmp_path, text)

    with pytest.raises(AccessError) as caught:
        read_access(path)

    assert said in str(caught.value)
    assert str(path) in str(caught.value)
    assert CANARY not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_file_is_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe, 0o600)
    binary = tmp_path / "binary"
    binary.write_bytes(b"bearer \xff\xfe")
    binary.chmod(0o600)

    for path, said in (
        (pipe, "not a file"),
        (tmp_path, "directory"),
        (tmp_path / "none", "No such file"),
        (binary, "UTF-8"),
    ):
        with pytest.raises(AccessError, match=said):
            read_private(path)
    with pytest.raises(AccessError, match="No such file"):
        headers_for(str(tmp_path / "none"))


def test_a_changed_file_is_read_anew_and_an_unchanged_one_is_not(tmp_path: Path, monkeypatch) -> None:
    path = secret(tmp_path, "bearer one")
    reads: list[Path] = []
    monkeypatch.setattr("spiders.access.read_access", lambda each: reads.append(each) or read_access(each))

    first = [headers_for(str(path)) for _ in range(3)]
    path.write_text("bearer two")
    os.utime(path, ns=(1, 1))

    assert [each["Authorization"] for each in first] == ["Bearer one"] * 3
    assert headers_for(str(path)) == {"Authorization": "Bearer two"}
    assert len(reads) == 2
    assert headers_for(None) == {}


async def test_secrets_go_to_the_sources_own_origin_and_to_nobody_else(
    origin: HostileOrigin, tmp_path: Path
) -> None:
    path = secret(tmp_path, f"basic desk:{CANARY}\ncookie session={CANARY}\nX-Key: {CANARY}")
    async with HostileOrigin() as abroad:
        abroad.answers("/taken", "302 Found", Location=origin.url("/back"))
        origin.answers("/out", "302 Found", Location=abroad.url("/taken"))
        origin.answers("/in", "302 Found", Location="/home")
        origin.answers("/home", body=b"for subscribers")
        origin.answers("/back", body=b"from abroad")
        async with Collector(GatePolicy(allow_networks=LOOPBACK)) as collector:
            for start in ("/in", "/out"):
                request = FetchRequest(url=origin.url(start), headers=headers_for(str(path)))
                await collector.fetch(request)

        with_secret = [seen.path for seen in origin.seen if CANARY in str(seen.headers)]
        assert with_secret == ["/in", "/home", "/out"]
        assert [CANARY in str(seen.headers) for seen in abroad.seen] == [False]
    names = {"authorization", "cookie", "x-key"}
    assert not [each.path for each in origin.seen if each.path == "/back" and names & set(each.headers)]


async def test_a_secret_shows_in_no_log_and_no_reason(origin: HostileOrigin, tmp_path: Path, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    path = secret(tmp_path, f"basic desk:{CANARY}\ncookie session={CANARY}\nX-Key: {CANARY}")
    coded = base64.b64encode(f"desk:{CANARY}".encode()).decode()

    async def breaks(exchange: Exchange) -> None:
        exchange.reset()

    urls = [
        origin.answers("/", body=b"news"),
        origin.answers("/401", "401 Unauthorized"),
        origin.answers("/loop", "302 Found", Location="/loop"),
        origin.answers("/inside", "302 Found", Location="http://10.0.0.1/"),
        origin.on("/breaks", breaks),
        "http://nowhere.example/",
        "ftp://example.org/",
    ]
    said: list[str] = []
    async with Collector(GatePolicy(allow_networks=LOOPBACK), resolver=Told()) as collector:
        for url in urls:
            request = FetchRequest(url=url, headers=headers_for(str(path)))
            said += [repr(request), repr(await collector.fetch(request))]
    said += [caplog.text, repr(read_access(path))]

    assert any(CANARY in str(seen.headers) for seen in origin.seen)
    assert not [text for text in said if CANARY in text or coded in text]
