"""Runs commands for the tests: imports the command line once, then forks a process for each command it is asked for.

Reads a JSON request per line, answers {"pid"} and, when the command has ended, {"code"}. Importing takes seconds
on a busy machine and says nothing about the command; everything else is as in a process of its own.
"""

import json
import os
import signal
import sys
import traceback
from typing import Any

from marsad.cli import main


def serve() -> None:
    asked, answer = os.fdopen(os.dup(0)), os.fdopen(os.dup(1), "w", buffering=1)
    print(json.dumps({"ready": True}), file=answer)
    for line in asked:
        request = json.loads(line)
        pid = os.fork()
        if pid == 0:
            asked.close()
            answer.close()
            become(request)
        print(json.dumps({"pid": pid}), file=answer)
        _, status = os.waitpid(pid, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), file=answer)


def become(request: dict[str, Any]) -> None:
    """Be the command, then end as the interpreter would."""
    for number, (path, flags) in enumerate(
        [(request["stdin"], os.O_RDONLY), (request["stdout"], os.O_WRONLY), (request["stderr"], os.O_WRONLY)]
    ):
        os.dup2(os.open(path, flags), number)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    if request["uid"] is not None:
        os.setgroups([])
        os.setgid(request["uid"])
        os.setuid(request["uid"])
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell's background jobs start with it ignored
    sys.argv = ["marsad", *request["argv"]]
    code: object = 1
    try:
        main()
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 0)


if __name__ == "__main__":
    serve()
