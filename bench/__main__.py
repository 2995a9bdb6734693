"""`make bench`: the measurements, one after the other; the results stand in `bench/results.json`."""

import subprocess
import sys

from bench import forwarding

MINUTES = {"record": 2.0, "recording": 3.0, "forwarding": 0.0, "joins": 2.0}
"""About how long each takes; `forwarding` says it itself."""
NAMED_ONLY = {"hostile": 1.0, "room": 4.0}
"""Trials that hold or do not, with bounds of their own; they are run when they are named."""


def main() -> int:
    """Run every part, or only those named; other arguments (such as `--quick`) are handed to each of them."""
    known = MINUTES | NAMED_ONLY
    parts = [name for name in sys.argv[1:] if name in known] or list(MINUTES)
    rest = [argument for argument in sys.argv[1:] if argument not in known]
    if "--quick" not in rest:
        total = sum(known[name] for name in parts)
        if "forwarding" in parts:
            total += forwarding.minutes(forwarding.parser().parse_known_args(rest)[0])
        print(f"{', '.join(parts)}: about {total:.0f} minutes", flush=True)
    failed = []
    for part in parts:
        print(f"\n== bench.{part} ==", flush=True)
        if subprocess.run([sys.executable, "-m", f"bench.{part}", *rest], check=False).returncode:
            failed.append(part)
    if failed:
        print(f"\nnot finished: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
