"""The command line for these tests: one process imports it, each command is a fork of that process."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import CommandLine, start_server, stop_server


@pytest.fixture(scope="session")
def command_server() -> "Iterator[subprocess.Popen[str]]":
    server = start_server()
    yield server
    stop_server(server)


@pytest.fixture
def marsad(command_server: "subprocess.Popen[str]", tmp_path: Path) -> CommandLine:
    """Runs commands with a home of their own."""
    return CommandLine(server=command_server, folder=tmp_path)
