#!/usr/bin/env bash
# The checks, then what starts real servers, then what measures time, which has the machine to itself.
set -euo pipefail
cd "$(dirname "$0")/.."
began=$SECONDS
.venv/bin/python -m tests.support.programs
bash scripts/check.sh
# Real browsers, databases and workers on a machine that others may share: one that misses is run once more, and told.
real() { .venv/bin/python -m pytest -q --reruns 1 -rR "$@"; }
echo "· parts and pages, three at a time: most of them wait for a server or a page"
real tests --ignore tests/product -m "not pure and not alone" -n 3 --dist worksteal "$@"
echo "· the product, two files at a time"
real tests/product -m "not alone" -n 2 --dist loadfile "$@"
echo "· what bounds milliseconds, alone; then whole sittings"
real tests --ignore tests/sittings -m alone "$@"
real tests/sittings "$@"
echo "test: $((SECONDS - began)) s"
