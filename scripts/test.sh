#!/usr/bin/env bash
# Everything: the checks, then what starts real servers, then what measures time, which has the machine to itself.
set -euo pipefail
cd "$(dirname "$0")/.."
began=$SECONDS
bash scripts/check.sh
echo "· parts, on all cores"
.venv/bin/python -m pytest tests -q -m "not pure" --ignore tests/product --ignore tests/browser -n auto "$@"
echo "· pages and product, one after the other"
.venv/bin/python -m pytest tests/browser tests/product -q "$@"
echo "test: $((SECONDS - began)) s"
