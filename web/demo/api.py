"""The JSON API as a robot, or any other system, sees it: a token and a few calls."""

from dataclasses import dataclass, field
from typing import Any

import aiohttp


class ApiRefused(Exception):
    """The API answered with an error; the message holds the call, the status and what the server said."""


@dataclass
class Api:
    """One signed-in caller. Close it when done."""

    origin: str
    token: str = ""
    _session: aiohttp.ClientSession = field(default_factory=aiohttp.ClientSession)

    async def sign_in(self, name: str, password: str) -> None:
        self.token = (await self.post("/api/sign-in", {"name": name, "password": password}))["token"]

    async def exchange(self, code: str) -> dict[str, Any]:
        """Trade an invitation for a session bound to its seat."""
        answer: dict[str, Any] = await self.post("/api/invitations/exchange", {"code": code})
        self.token = answer["token"]
        return answer

    async def get(self, path: str) -> Any:
        return await self._call("GET", path, None)

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        return await self._call("POST", path, body)

    async def close(self) -> None:
        await self._session.close()

    async def _call(self, method: str, path: str, body: dict[str, Any] | None) -> Any:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        async with self._session.request(method, self.origin + path, json=body, headers=headers) as answer:
            if answer.status >= 400:
                raise ApiRefused(f"{method} {path}: {answer.status} {await answer.text()}")
            return await answer.json()
