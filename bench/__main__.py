"""`make bench`: the measurements, one after the other; the results stand in `bench/results.json`."""

import subprocess
import sys

PARTS = ("bench.record", "bench.recording", "bench.forwarding")
NAMED_ONLY = ("bench.hostile", "bench.room")
"""Trials that hold or do not, with bounds of their own; they are run when they are named."""


def main() -> int:
    """Run every part, or only those named; other arguments (such as `--quick`) are handed to each of them."""
    known = PARTS + NAMED_ONLY
    named = [f"bench.{name}" for name in sys.argv[1:] if f"bench.{name}" in known]
    rest = [argument for argument in sys.argv[1:] if f"bench.{argument}" not in known]
    failed = []
    for part in named or PARTS:
        print(f"\n== {part} ==", flush=True)
        if subprocess.run([sys.executable, "-m", part, *rest], check=False).returncode:
            failed.append(part)
    if failed:
        print(f"\nnot finished: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
