"""Where a measurement lives: two network namespaces joined by virtual interfaces, and a core for each side."""

import os
import resource
import subprocess
from pathlib import Path

LOAD_CORE, SERVER_CORE = 0, 1


class Network:
    """The load stays outside, servers run inside, because Janus refuses loopback. Leave it to have it removed."""

    def __init__(self) -> None:
        number = os.getpid()
        self._namespace, self._outer = f"hearing-bench-{number}", f"hb{number}"
        # Two measurements at once would be worth nothing, but they must not take each other's addresses away.
        third = number % 250 + 1
        self.server_address, self.load_address = f"10.199.{third}.2", f"10.199.{third}.1"

    def __enter__(self) -> "Network":
        for command in (
            f"ip netns add {self._namespace}",
            f"ip link add {self._outer} type veth peer name load netns {self._namespace}",
            f"ip addr add {self.load_address}/24 dev {self._outer}",
            f"ip link set {self._outer} up",
            f"ip -n {self._namespace} addr add {self.server_address}/24 dev load",
            f"ip -n {self._namespace} link set load up",
            f"ip -n {self._namespace} link set lo up",
        ):
            subprocess.run(command.split(), check=True, capture_output=True)
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["ip", "netns", "del", self._namespace], check=False, capture_output=True)
        subprocess.run(["ip", "link", "del", self._outer], check=False, capture_output=True)

    def launch(self, command: list[str], directory: Path, log: Path) -> "subprocess.Popen[bytes]":
        """Start `command` on the servers' side and core, in `directory`, where it may leave no core file."""
        place = ["ip", "netns", "exec", self._namespace, "taskset", "-c", str(SERVER_CORE)]
        environment = {**os.environ, "PYTHONPATH": os.getcwd()}
        with log.open("ab") as output:
            return subprocess.Popen(
                [*place, *command],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=directory,
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CORE, (0, 0)),
            )
