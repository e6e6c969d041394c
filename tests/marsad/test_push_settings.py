"""The section [push]: off by default, whole or not at all, and every mistake in one clear line."""

from datetime import timedelta
from pathlib import Path

import pytest

from marsad.configuration import Configuration, host_and_port, load_configuration
from marsad.errors import BadInput


def loaded(folder: Path, push: str) -> Configuration:
    path = folder / "marsad.toml"
    path.write_text(f"[push]\n{push}", encoding="utf-8")
    return load_configuration(path, environ={})


def test_push_is_off_unless_it_is_asked_for() -> None:
    assert Configuration().push.listen is None


def test_push_is_set_by_two_addresses(tmp_path: Path) -> None:
    text = 'listen = "127.0.0.1:8711"\ncallback_url = "https://monitor.example/push/"\nlease = "5d"\n'

    push = loaded(tmp_path, text).push

    assert (push.listen, push.callback_url) == ("127.0.0.1:8711", "https://monitor.example/push")
    assert (push.lease, push.subscribe) == (timedelta(days=5), True)
    assert host_and_port("[::1]:8711") == ("::1", 8711)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('listen = "127.0.0.1:8711"', "callback_url is missing"),
        ('callback_url = "https://monitor.example/"', "listen is missing"),
        ('listen = "8711"\ncallback_url = "https://m.example"', "no place to listen"),
        ('listen = "localhost:8711"\ncallback_url = "https://m.example"', "no place to listen"),
        ('listen = "127.0.0.1:99999"\ncallback_url = "https://m.example"', "no place to listen"),
        ('listen = "127.0.0.1:1"\ncallback_url = "monitor.example"', "write https://host/path"),
        ('listen = "127.0.0.1:1"\ncallback_url = "https://u:p@m.example/"', "write https://host/path"),
        ('listen = "127.0.0.1:1"\ncallback_url = "https://m.example/?a=b"', "write https://host/path"),
        ('lease = "soon"', "is not a duration"),
        ('lease = "1s"', "push.lease"),
        ('listn = "127.0.0.1:1"', "listen"),
    ],
)
def test_a_mistake_is_told_in_one_line(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        loaded(tmp_path, text)

    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
