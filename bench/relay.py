"""The design of aiortc's examples, for comparison: RTCPeerConnection at the server, MediaRelay between, every picture
decoded once and encoded again for every listener. `python -m bench.relay SOCKET`.
"""

import asyncio
import json
import sys
from typing import Any

from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.contrib.media import MediaRelay

CONFIGURATION = RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)


class Relay:
    def __init__(self) -> None:
        self._relay = MediaRelay()
        self._connections: dict[tuple[str, str, str], RTCPeerConnection] = {}

    async def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        match request["do"]:
            case "publish":
                return {"sdp": await self._publish(request)}
            case "subscribe":
                return {"sdp": await self._subscribe(request)}
            case "answer":
                connection = self._connections[request["room"], request["seat"], "sub"]
                await connection.setRemoteDescription(RTCSessionDescription(sdp=request["sdp"], type="answer"))
            case "leave":
                for key in [one for one in self._connections if one[0] == request["room"]]:
                    await self._connections.pop(key).close()
        return {}

    async def _publish(self, request: dict[str, Any]) -> str:
        connection = RTCPeerConnection(CONFIGURATION)
        self._connections[request["room"], request["seat"], "pub"] = connection
        await connection.setRemoteDescription(RTCSessionDescription(sdp=request["sdp"], type="offer"))
        await connection.setLocalDescription(await connection.createAnswer())
        return connection.localDescription.sdp

    async def _subscribe(self, request: dict[str, Any]) -> str:
        connection = RTCPeerConnection(CONFIGURATION)
        self._connections[request["room"], request["seat"], "sub"] = connection
        for seat in request["publishers"]:
            for receiver in self._connections[request["room"], seat, "pub"].getReceivers():
                connection.addTrack(self._relay.subscribe(receiver.track, buffered=False))
        await connection.setLocalDescription(await connection.createOffer())
        return connection.localDescription.sdp


async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    relay = Relay()
    while line := await reader.readline():
        writer.write(json.dumps(await relay.answer(json.loads(line))).encode() + b"\n")


async def main() -> None:
    server = await asyncio.start_unix_server(serve, sys.argv[1], limit=1 << 22)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
