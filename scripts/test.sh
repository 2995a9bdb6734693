#!/usr/bin/env bash
# The checks, then what starts real servers, then what measures time, which has the machine to itself.
# Not here: `make rehearsal`, a whole hearing by the pages' buttons, which does not pass every time yet.
set -euo pipefail
cd "$(dirname "$0")/.."
began=$SECONDS
bash scripts/check.sh
echo "· parts and pages, on all cores"
.venv/bin/python -m pytest tests -q -m "not pure" --ignore tests/product \
    --ignore tests/browser/test_whole_hearing.py -n auto "$@"
echo "· the product, alone"
# Bounds of milliseconds on a machine that others may share: a missed one is measured once more, and both are told.
.venv/bin/python -m pytest tests/product -q --reruns 1 -rR "$@"
echo "test: $((SECONDS - began)) s"
