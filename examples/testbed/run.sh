#!/bin/sh
# Runs the testbed with the Python that has its requirements: TESTBED_PYTHON, the folder's .venv, or
# python3.11.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
if [ -z "${TESTBED_PYTHON:-}" ]; then
    TESTBED_PYTHON=python3.11
    [ -x "$here/.venv/bin/python" ] && TESTBED_PYTHON="$here/.venv/bin/python"
fi
# exec: signals reach the starter itself.
exec "$TESTBED_PYTHON" "$here/run.py" "$@"
