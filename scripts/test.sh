#!/usr/bin/env bash
# The checks, then what starts real servers, then what measures time, which has the machine to itself.
set -euo pipefail
cd "$(dirname "$0")/.."
began=$SECONDS
.venv/bin/python -m tests.support.programs
bash scripts/check.sh
echo "· parts and pages, three at a time: most of them wait for a server or a page"
# Real browsers, databases and workers on a machine that others may share: one that misses is run once more, and told.
.venv/bin/python -m pytest tests -q -m "not pure and not alone" -n 3 --dist worksteal --reruns 1 -rR "$@"
echo "· what bounds milliseconds or holds many windows, alone"
# On a machine that others may share: a missed bound is measured once more, and both are told.
.venv/bin/python -m pytest tests -q -m alone --reruns 1 -rR "$@"
echo "test: $((SECONDS - began)) s"
