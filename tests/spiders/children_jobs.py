"""Jobs for the tests of Children: each does one bad thing to its process."""

import ctypes
import json
import os
import sys
import time


class Jobs:
    def __init__(self) -> None:
        self.told = ""
        self.kept: list[bytearray] = []

    def setup(self, text: str) -> None:
        if text == "broken":
            raise ValueError("cannot be compiled")
        self.told = text

    def run(self, task: str, text: str) -> str:
        return getattr(self, f"do_{task}")(text)

    def do_echo(self, text: str) -> str:
        return text

    def do_told(self, text: str) -> str:
        return self.told

    def do_pid(self, text: str) -> str:
        return str(os.getpid())

    def do_environment(self, text: str) -> str:
        return json.dumps(dict(os.environ))

    def do_spin(self, text: str) -> str:
        while True:
            pass

    def do_sleep(self, text: str) -> str:
        with open(text, "w", encoding="ascii") as mark:
            mark.write(str(os.getpid()))
        time.sleep(600)
        return ""

    def do_swallow(self, text: str) -> str:
        return str(len([bytes(1 << 20) for _ in range(int(text))]))

    def do_keep(self, text: str) -> str:
        self.kept.append(bytearray(int(text) << 20))
        return ""

    def do_segfault(self, text: str) -> str:
        return str(ctypes.string_at(0))

    def do_fail(self, text: str) -> str:
        raise ValueError("no\nsuch thing")

    def do_leave(self, text: str) -> str:
        sys.exit(3)

    def do_much(self, text: str) -> str:
        return "x" * int(text)

    def do_print(self, text: str) -> str:
        print("J\0\0\0\0 noise", flush=True)
        os.write(2, b"more noise")
        return "quiet"


def open_jobs() -> Jobs:
    return Jobs()


def open_nothing() -> Jobs:
    raise RuntimeError("its model is missing")
