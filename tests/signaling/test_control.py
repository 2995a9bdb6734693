"""The messages between switchboard and media process, and the two ends of their socket."""

import asyncio
import os
import socket
import struct
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import pytest

from hearing.errors import Malformed
from signaling import control
from signaling.link import ControlServer, NodeFailed, NodeLink


def sample(kind: Any) -> Any:
    """Some value of the type `kind`."""
    if is_dataclass(kind) and isinstance(kind, type):
        hints = get_type_hints(kind)
        return kind(**{field.name: sample(hints[field.name]) for field in fields(kind)})
    if get_origin(kind) is tuple:
        inner = get_args(kind)
        return (sample(inner[0]),) * 2 if inner[-1] is Ellipsis else tuple(sample(one) for one in inner)
    if get_origin(kind) is UnionType:
        return sample(get_args(kind)[0])
    if get_origin(kind) is dict:
        return {"một": sample(get_args(kind)[1])}
    return {str: "Nguyễn", int: 7, bool: True, Any: [1, "two"]}[kind]


@pytest.mark.pure
@pytest.mark.parametrize("kind", control.MESSAGES.values(), ids=control.MESSAGES.keys())
def test_every_message_survives_the_wire(kind: type[Any]) -> None:
    message = sample(kind)
    frame = control.encode(3, message)
    assert control.decode(frame[control.LENGTH.size :]) == (3, message)


@pytest.mark.pure
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"nonsense",
        b"[]",
        b"[" * 100_000,
        b'{"number":1,"type":"Unknown","body":{}}',
        b'{"number":1,"type":"CloseRoom","body":{}}',
        b'{"number":1,"type":"CloseRoom","body":{"room":7}}',
        b'{"number":1,"type":"CloseRoom","body":{"room":"r","more":1}}',
        b'{"number":"1","type":"CloseRoom","body":{"room":"r"}}',
        b'{"number":1,"type":"SetEdges","body":{"room":"r","version":1,"edges":[["a","b"]]}}',
        b'{"number":1,"type":"SetEdges","body":{"room":"r","version":true,"edges":[]}}',
    ],
)
def test_what_is_not_a_message_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        control.decode(data)


class Node:
    """A control server whose answers are simple."""

    def __init__(self) -> None:
        self.asked: list[Any] = []
        self.server = ControlServer(self.answer, self.greet)

    def answer(self, request: control.Request[Any]) -> control.Reply:
        self.asked.append(request)
        match request:
            case control.Hello():
                return control.State(rooms=())
            case control.Offer():
                raise Malformed("no fingerprint")
            case control.ClosePeer():
                raise RuntimeError("broken")
            case control.CloseRoom():
                return control.Done()
            case _:
                return control.Answer(peer="p", sdp="")

    def greet(self, generation: int) -> control.Ready:
        return control.Ready(pid=os.getpid(), port=1, addresses=("127.0.0.1",), generation=generation)


@pytest.fixture
async def node(tmp_path: Path) -> Any:
    node = Node()
    await node.server.listen(tmp_path / "media.sock")
    yield node
    await node.server.close()


async def test_a_question_gets_its_reply_and_blame_is_told_apart(node: Node, tmp_path: Path) -> None:
    link = await NodeLink.connect(tmp_path / "media.sock", 1, lambda news: None)
    assert link.ready is not None and link.ready.generation == 1
    assert await link.ask(control.CloseRoom(room="r")) == control.Done()
    with pytest.raises(Malformed, match="no fingerprint"):
        await link.ask(control.Offer(peer="p", sdp="", sources={}))
    with pytest.raises(NodeFailed, match="broken"):
        await link.ask(control.ClosePeer(peer="p"))
    with pytest.raises(NodeFailed, match="answered by Answer"):
        await link.ask(control.Statistics(room="r"))
    assert await link.ask(control.CloseRoom(room="r")) == control.Done()
    await link.close()


async def test_a_newer_controller_takes_over_and_an_older_one_is_refused(node: Node, tmp_path: Path) -> None:
    lost = asyncio.Event()
    heard: list[control.News] = []
    first = await NodeLink.connect(tmp_path / "media.sock", 1, lambda news: None, lost.set)
    second = await NodeLink.connect(tmp_path / "media.sock", 2, heard.append)
    await asyncio.wait_for(lost.wait(), 60)
    with pytest.raises(NodeFailed):
        await first.ask(control.CloseRoom(room="r"))
    with pytest.raises(Malformed, match="generation 1 is over"):
        await NodeLink.connect(tmp_path / "media.sock", 1, lambda news: None)
    node.server.tell(control.OfferNeeded(peer="p"))
    assert await second.ask(control.CloseRoom(room="r")) == control.Done()
    assert heard[-1] == control.OfferNeeded(peer="p")
    await second.close()


async def test_garbage_on_the_socket_ends_that_connection_only(node: Node, tmp_path: Path) -> None:
    link = await NodeLink.connect(tmp_path / "media.sock", 1, lambda news: None)
    for data in (struct.pack("!I", 1 << 31), struct.pack("!I", 4) + b"oops", control.encode(1, control.Done())):
        reader, writer = await asyncio.open_unix_connection(tmp_path / "media.sock")
        writer.write(data)
        assert await asyncio.wait_for(reader.read(), 60) == b""
        writer.close()
    assert await link.ask(control.CloseRoom(room="r")) == control.Done()
    await link.close()


async def test_the_end_of_the_node_answers_every_open_question(tmp_path: Path) -> None:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "mute.sock"))
    listener.listen()
    listener.setblocking(False)
    connecting = asyncio.ensure_future(NodeLink.connect(tmp_path / "mute.sock", 1, lambda news: None))
    connection, _ = await asyncio.get_running_loop().sock_accept(listener)
    connection.close()
    with pytest.raises(NodeFailed):
        await asyncio.wait_for(connecting, 60)
    listener.close()
