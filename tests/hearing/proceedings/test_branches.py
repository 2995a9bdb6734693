"""The rules and the scripts together walk nearly every branch of the proceedings: whoever adds a rule adds its cases.

Measured without the random commands of the properties, so that the figure is the same in every run. It starts pytest
once more and so is no pure test.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[3]
CASES = ("tests/hearing/proceedings/test_rules.py", "tests/hearing/proceedings/test_catalogue.py",
         "tests/hearing/test_scripts.py")  # fmt: skip
LEAST_PERCENT = 95


def test_nearly_every_branch_of_the_proceedings_is_walked(tmp_path: Path) -> None:
    measured, told = tmp_path / "measured", tmp_path / "told.json"
    environment = {**os.environ, "COVERAGE_FILE": str(measured)}

    def run(*arguments: str) -> None:
        command = [sys.executable, "-m", "coverage", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]

    run("run", "--branch", "--source=hearing/proceedings", "-m", "pytest", *CASES, "-q", "-p", "no:cacheprovider",
        "-p", "no:xdist")  # fmt: skip
    run("json", "-o", str(told))
    found = json.loads(told.read_text())
    total = found["totals"]
    assert total["num_branches"] > 700, "the proceedings were not measured"
    walked = 100 * total["covered_branches"] / total["num_branches"]
    missing = {name: file["missing_branches"] for name, file in found["files"].items() if file["missing_branches"]}
    assert walked >= LEAST_PERCENT, f"{walked:.1f} % of the branches are walked; not these: {missing}"
