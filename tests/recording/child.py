"""Starts the recording child and reads what it says."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CHILD = Path(__file__).with_name("crash_child.py")


class Child:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said: list[dict[str, Any]] = []

    def until(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Read lines until one is as wanted; the child's end before that is a failure."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(json.loads(line))
            if condition(self.said[-1]):
                return self.said[-1]
        raise AssertionError(f"the child ended: {self.said}")


@contextmanager
def recording_child(directory: Path, *arguments: str) -> Iterator[Child]:
    command = [sys.executable, str(CHILD), str(directory), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Child(process)
        finally:
            process.kill()
