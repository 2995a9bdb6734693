"""Debian's Firefox without a window, with made-up devices, driven over WebDriver BiDi (its own WebSocket).

Rule: what a person presses is pressed with the pointer at its place on the screen; what is read, is read in the page.
"""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from tests.support.ports import free_port

PROGRAM = "firefox-esr"
PATIENCE_S = 30.0

PREFERENCES: dict[str, Any] = {
    "media.navigator.streams.fake": True,
    "media.navigator.permission.disabled": True,
    "media.autoplay.default": 0,
    "media.peerconnection.ice.loopback": True,  # a machine may have no other network
    "media.peerconnection.ice.obfuscate_host_addresses": False,
    "media.gmp-manager.updateEnabled": False,
    "intl.accept_languages": "vi-VN, vi",
    # Nothing but the court is asked for anything.
    "app.update.disabledForTesting": True,
    "app.normandy.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.safebrowsing.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.server": "data:,",
}

FIND = """(names, tag) => {
  const seen = (one) => one.getClientRects().length && getComputedStyle(one).visibility !== 'hidden';
  const called = (one) => (one.getAttribute('aria-label') ?? one.textContent ?? '').replace(/\\s+/g, ' ').trim();
  const labels = (one) => [...(one.labels ?? [])].map((label) => label.textContent.replace(/\\s+/g, ' ').trim());
  return [...document.querySelectorAll(tag)].find((one) => seen(one)
    && [called(one), ...labels(one)].some((name) => names.some((wanted) => name.startsWith(wanted))));
}"""


@dataclass
class Firefox:
    """One window. `call` is a BiDi command; the rest is what a person does."""

    socket: aiohttp.ClientWebSocketResponse
    context: str = ""
    version: str = ""
    _number: int = 0
    _answers: dict[int, asyncio.Future[Any]] = field(default_factory=dict)

    async def read(self) -> None:
        async for message in self.socket:
            body = json.loads(message.data)
            if (waiting := self._answers.pop(body.get("id"), None)) is not None and not waiting.done():
                waiting.set_result(body)

    async def call(self, method: str, **parameters: Any) -> Any:
        self._number += 1
        waiting = self._answers[self._number] = asyncio.get_running_loop().create_future()
        await self.socket.send_json({"id": self._number, "method": method, "params": parameters})
        answer = await asyncio.wait_for(waiting, PATIENCE_S)
        assert answer["type"] == "success", f"{method}: {answer}"
        return answer["result"]

    async def open(self, before: str) -> None:
        """Begin; the script `before` runs first in every page."""
        self.version = (await self.call("session.new", capabilities={}))["capabilities"]["browserVersion"]
        self.context = (await self.call("browsingContext.getTree"))["contexts"][0]["context"]
        await self.call("script.addPreloadScript", functionDeclaration=f"() => {{ {before} }}")

    async def goto(self, url: str) -> None:
        await self.call("browsingContext.navigate", context=self.context, url=url, wait="complete")

    async def evaluate(self, expression: str) -> Any:
        """The value of a JavaScript expression, awaited when it is a promise."""
        answer = await self.call(
            "script.evaluate",
            expression=f"(async () => JSON.stringify((await ({expression})) ?? null))()",
            target={"context": self.context},
            awaitPromise=True,
            userActivation=False,
        )
        assert answer["type"] == "success", answer.get("exceptionDetails", {}).get("text")
        return json.loads(answer["result"]["value"])

    async def until(self, expression: str, patience_s: float = PATIENCE_S) -> Any:
        """Wait until the expression is true; pages that come and go meanwhile are no fault."""
        end = asyncio.get_running_loop().time() + patience_s
        while True:
            try:
                if found := await self.evaluate(expression):
                    return found
            except AssertionError:
                pass
            if asyncio.get_running_loop().time() > end:
                text = await self.evaluate("document.body.innerText")
                raise AssertionError(f"waited {patience_s:.0f} s in vain for: {expression}\n{text[:2000]}")
            await asyncio.sleep(0.1)

    async def press(self, *names: str, tag: str = "button, a[href], input, summary") -> None:
        """Click what is called one of `names`, once it is there."""
        finder = f"({FIND})({json.dumps(names)}, {json.dumps(tag)})"
        await self.until(f"Boolean({finder})")
        place = f"""(() => {{ const one = {finder}; one.scrollIntoView({{block: 'center'}});
            const box = one.getBoundingClientRect();
            return [Math.round(box.x + box.width / 2), Math.round(box.y + box.height / 2)]; }})()"""
        x, y = await self.evaluate(place)
        await self.call("input.performActions", context=self.context, actions=[{
            "type": "pointer", "id": "mouse", "actions": [
                {"type": "pointerMove", "x": x, "y": y}, {"type": "pointerDown", "button": 0},
                {"type": "pointerUp", "button": 0},
            ],
        }])  # fmt: skip

    async def type(self, label: str, text: str) -> None:
        await self.press(label, tag="input")
        keys = [{"type": kind, "value": one} for one in text for kind in ("keyDown", "keyUp")]
        await self.call(
            "input.performActions", context=self.context, actions=[{"type": "key", "id": "keys", "actions": keys}]
        )


@asynccontextmanager
async def firefox(folder: Path, before: str = "") -> AsyncIterator[Firefox]:
    """A fresh profile in `folder`, ended with the block."""
    program = shutil.which(PROGRAM)
    assert program is not None, f"{PROGRAM} is missing: make setup-tests"
    profile = folder / "profile"
    profile.mkdir(parents=True)
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
    (profile / "user.js").write_text("\n".join(lines))
    port = free_port()
    with (folder / "firefox.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            program, "--headless", "--no-remote", "--profile", str(profile), f"--remote-debugging-port={port}",
            stdout=log, stderr=log, env={"HOME": str(folder), "PATH": "/usr/bin:/bin"},
        )  # fmt: skip
    try:
        async with aiohttp.ClientSession() as session:
            found = Firefox(await _connected(session, port, process))
            reading = asyncio.ensure_future(found.read())
            try:
                await found.open(before)
                yield found
            finally:
                reading.cancel()
                await asyncio.gather(reading, return_exceptions=True)
    finally:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()


async def _connected(
    session: aiohttp.ClientSession, port: int, process: asyncio.subprocess.Process
) -> aiohttp.ClientWebSocketResponse:
    end = asyncio.get_running_loop().time() + PATIENCE_S
    while True:
        try:
            return await session.ws_connect(f"http://127.0.0.1:{port}/session", max_msg_size=1 << 24)
        except aiohttp.ClientError:
            assert process.returncode is None, "Firefox has ended"
            assert asyncio.get_running_loop().time() < end, "Firefox does not answer"
            await asyncio.sleep(0.2)
