#!/bin/sh
# Build .venv in the project from the hash-pinned lock file; nothing outside the project is changed.
# usage: setup.sh run|dev    run: what the service needs; dev: the checks and tests as well
set -eu
cd "$(dirname "$0")/.."
what=${1:-run}
case $what in run) lock=requirements.lock ;; dev) lock=requirements-dev.lock ;; *) echo "usage: $0 run|dev" >&2; exit 2 ;; esac
stamp=.venv/.marsad-$what
if [ -e "$stamp" ] && [ -z "$(find "$lock" pyproject.toml deploy/setup.sh -newer "$stamp")" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

find_python() {
    for python in ${PYTHON:-} python3 python3.13 python3.12 python3.11; do
        if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo "$python"; return; fi
    done
    echo "set-up: Python 3.11 or newer is needed; install python3 or name one: make PYTHON=/path/to/python3" >&2
    exit 1
}
python=$(find_python)
if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    rm -rf .venv
    if ! "$python" -m venv .venv >.venv.log 2>&1; then
        rm -rf .venv .venv.log
        echo "set-up: $python cannot make a virtual environment; on Debian and Ubuntu run: apt-get install python3-venv" >&2
        exit 1
    fi
    rm -f .venv.log
fi
echo "set-up: installing from $lock into .venv (about a minute the first time)"
.venv/bin/python -m pip install -qq --disable-pip-version-check --no-input --require-hashes --only-binary :all: -r "$lock"
.venv/bin/python -m pip install -qq --disable-pip-version-check --no-input --no-deps --no-build-isolation --editable .
touch "$stamp"
