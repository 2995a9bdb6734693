#!/usr/bin/env bash
# Everything that needs no server, no browser and no network, in under a minute.
set -euo pipefail
cd "$(dirname "$0")/.."
began=$SECONDS
step() { printf '· %-18s' "$1"; shift; local at=$SECONDS; "$@" >.setup/check.log 2>&1 || { echo; cat .setup/check.log; exit 1; }; echo "$((SECONDS - at)) s"; }
mkdir -p .setup
step "format" .venv/bin/ruff format --check .
step "lint" .venv/bin/ruff check .
step "types" .venv/bin/mypy
step "import contracts" .venv/bin/lint-imports
step "pure tests" .venv/bin/python -m pytest tests -q -m pure -n auto
tail -1 .setup/check.log
echo "check: $((SECONDS - began)) s"
