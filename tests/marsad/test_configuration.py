"""Configuration: file, then environment, then command line; a typo is an error and a secret stays one."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from marsad.configuration import Configuration, database_of, load_configuration
from marsad.errors import BadInput


def written(folder: Path, text: str) -> Path:
    path = folder / "marsad.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_command_line_wins_over_the_environment_and_the_environment_over_the_file(tmp_path: Path) -> None:
    path = written(
        tmp_path, 'home = "/file"\ndsn = "postgresql://file"\n[collect]\nreaders = 3\nper_host = 4\n'
    )

    made = load_configuration(
        path,
        environ={"MARSAD_HOME": "/environment", "MARSAD_COLLECT__READERS": "5"},
        overrides={"home": Path("/line")},
    )

    assert (made.home, database_of(made)) == (Path("/line"), "postgresql://file")
    assert (made.collect.readers, made.collect.per_host) == (5, 4)


def test_nothing_set_is_a_whole_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    made = load_configuration(environ={"XDG_CONFIG_HOME": str(tmp_path)})

    assert made == Configuration()
    assert (made.watch, database_of(made)) == (("iraq",), None)


def test_the_file_is_found_here_then_where_the_user_keeps_such_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "config")}
    (tmp_path / "config" / "marsad").mkdir(parents=True)
    written(tmp_path / "config" / "marsad", 'home = "/tokyo"')
    assert load_configuration(environ=environ).home == Path("/tokyo")

    written(tmp_path, 'home = "/baghdad"')
    assert load_configuration(environ=environ).home == Path("/baghdad")


def test_lists_are_written_with_commas_in_the_environment() -> None:
    environ = {
        "MARSAD_WATCH": "iraq, /etc/marsad/watch",
        "MARSAD_GATE__ALLOW_NETWORKS": "10.1.0.0/16,fd00::/8",
    }

    made = load_configuration(environ=environ)

    assert made.watch == ("iraq", "/etc/marsad/watch")
    assert made.gate.allow_networks == (ip_network("10.1.0.0/16"), ip_network("fd00::/8"))


def test_a_network_is_never_guessed() -> None:
    with pytest.raises(BadInput, match=r"MARSAD_GATE__ALLOW_NETWORKS.*10\.1\.2\.3/8"):
        load_configuration(environ={"MARSAD_GATE__ALLOW_NETWORKS": "10.1.2.3/8"})


def test_a_dsn_is_read_from_its_own_file(tmp_path: Path) -> None:
    (tmp_path / "dsn").write_text("postgresql:///news\n")

    made = load_configuration(environ={"MARSAD_DSN_FILE": str(tmp_path / "dsn")})

    assert database_of(made) == "postgresql:///news"


def test_secrets_do_not_show() -> None:
    environ = {
        "MARSAD_DSN": "postgresql://u:canary@db/news",
        "MARSAD_SMTP__HOST": "mail.example.org",
        "MARSAD_SMTP__SENDER": "marsad@example.org",
        "MARSAD_SMTP__USERNAME": "marsad",
        "MARSAD_SMTP__PASSWORD": "canary",
    }

    assert "canary" not in repr(load_configuration(environ=environ))
    with pytest.raises(BadInput) as refused:
        load_configuration(environ={**environ, "MARSAD_SMTP__PASSWORD_FILE": "/x"})
    assert "canary" not in str(refused.value)


def test_of_several_faults_the_typo_is_said_first_because_it_causes_the_others() -> None:
    with pytest.raises(BadInput) as refused:
        load_configuration(environ={"MARSAD_SMTP__HOTS": "mail"})

    assert "MARSAD_SMTP__HOTS" in str(refused.value)
    assert "did you mean host?" in str(refused.value)
    assert "more)" in str(refused.value)
