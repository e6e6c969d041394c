from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from alerts.webhook import PostFailed
from marsad.configuration import Configuration, GateSettings
from marsad.errors import BadInput
from marsad.gateway import open_collector, open_means, policy_of
from spiders.fetching import FailureKind, FetchFailed, FetchRequest


def configuration(**gate) -> Configuration:
    return Configuration(gate=GateSettings(**gate))


def file_with(folder: Path, text: str, *, mode: int = 0o600) -> Path:
    path = folder / "proxy"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_proxy_with_its_password_is_read_from_a_file_of_ours(tmp_path: Path) -> None:
    path = file_with(tmp_path, "socks5h://desk:canary@127.0.0.1:9050\n")

    policy = policy_of(configuration(proxy_file=path))

    assert policy.proxy is not None
    assert (policy.proxy.place, policy.proxy.user, policy.proxy.password) == (
        "socks5h://127.0.0.1:9050",
        "desk",
        "canary",
    )
    assert "canary" not in repr(policy)


@pytest.mark.parametrize(
    ("text", "mode", "said"),
    [
        ("socks5h://desk:canary@127.0.0.1:9050", 0o644, "chmod 600"),
        ("socks5://desk:canary@127.0.0.1:9050", 0o600, "write socks5h://host:port"),
        ("desk:canary", 0o600, "write it as http://host:port"),
    ],
)
def test_a_proxy_file_that_cannot_be_used_is_said_without_its_secret(
    text: str, mode: int, said: str, tmp_path: Path
) -> None:
    path = file_with(tmp_path, text, mode=mode)

    with pytest.raises(BadInput) as caught:
        policy_of(configuration(proxy_file=path))

    assert str(path) in str(caught.value)
    assert said in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("gate", "said"),
    [
        ({"proxy": "socks5://127.0.0.1:9050"}, "socks5h"),
        ({"proxy": "127.0.0.1:9050"}, "write it as"),
        ({"proxy": "http://desk:canary@proxy.example:3128"}, "proxy_file"),
        ({"proxy": "http://proxy.example:3128", "proxy_file": "/x"}, "not both"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_refused_when_settings_are_read(gate: dict, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        GateSettings(**gate)


async def test_sources_and_webhooks_use_the_proxy_and_nothing_else_when_it_is_down() -> None:
    down = configuration(proxy="http://127.0.0.1:9", ports=(80, 443))
    async with open_collector(down) as collector, open_means(down) as means:
        page = await collector.fetch(FetchRequest(url="http://news.example/"))
        post = await means.post("https://hook.example/", headers={}, body=b"{}", timeout=timedelta(seconds=5))

    assert isinstance(page, FetchFailed)
    assert page.kind is FailureKind.CONNECT
    assert isinstance(post, PostFailed)
    assert "the proxy http://127.0.0.1:9 cannot be reached" in page.reason
    assert "the proxy http://127.0.0.1:9 cannot be reached" in post.reason
