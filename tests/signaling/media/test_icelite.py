"""ICE-lite: an answer only to whoever knows the password, an address only to whoever has proved it."""

import socket
import struct

import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from signaling.media.icelite import (
    ADDRESS_HELD,
    ADDRESSES_PER_PEER,
    CONSENT_TIMEOUT,
    LARGEST_REQUEST,
    MOST_ATTRIBUTES,
    Agent,
    IceTable,
    _local_fragment,
    readable,
)

pytestmark = pytest.mark.pure


class Peer:
    def __init__(self) -> None:
        self.chosen: list[bytes] = []

    def address_chosen(self, address: bytes) -> None:
        self.chosen.append(address)


def address(port: int) -> bytes:
    return struct.pack("=H", socket.AF_INET) + struct.pack("!H", port) + socket.inet_aton("192.0.2.9") + bytes(8)


def request(agent: Agent, *, ufrag: str = "", password: str = "", nominate: bool = False) -> bytes:
    message = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    message.attributes["USERNAME"] = f"{ufrag or agent.ufrag}:far"
    message.attributes["PRIORITY"] = 1
    message.attributes["ICE-CONTROLLING"] = 7
    if nominate:
        message.attributes["USE-CANDIDATE"] = None
    message.add_message_integrity((password or agent.password).encode())
    return bytes(message)


@pytest.fixture
def table() -> IceTable:
    return IceTable()


@pytest.fixture
def agent(table: IceTable) -> Agent:
    return Agent(table, Peer(), 0.0)


def test_a_valid_request_is_answered_and_proves_the_address(table: IceTable, agent: Agent) -> None:
    data = request(agent)
    answer = table.answer(data, address(5), 3.0)
    assert answer is not None
    response = stun.parse_message(answer)
    assert response.message_class == stun.Class.RESPONSE and response.transaction_id == data[8:20]
    assert response.attributes["XOR-MAPPED-ADDRESS"] == ("192.0.2.9", 5)
    assert response.check_message_integrity(agent.password.encode())
    assert table.by_address == {address(5): agent} and agent.heard == 3.0


def test_whoever_does_not_know_the_password_gets_silence(table: IceTable, agent: Agent) -> None:
    good = request(agent)
    plain = stun.Message(message_method=stun.Method.BINDING, message_class=stun.Class.REQUEST)
    plain.attributes["USERNAME"] = f"{agent.ufrag}:far"
    for data in (
        request(agent, password="x" * 32),
        request(agent, ufrag="unknown"),
        bytes(plain),
        good[:-1],
        good[:30],
        good + b"\0\0\0\0",
        good[:4] + b"\0\0\0\0" + good[8:],
        b"\x01\x01" + good[2:],
        good[:20] + b"\x00\x06\x00\x02\xff\xfe\x00\x00" + good[28:],
        good[:20] + b"\x00\x01\x00\x08\x00\x09\x00\x01" + good[28:],
        good[:24] + b"\xff" + good[25:],
    ):
        assert table.answer(data, address(6), 1.0) is None
    assert not table.by_address


@given(st.binary(max_size=120))
def test_garbage_gets_silence(data: bytes) -> None:
    table = IceTable()
    agent = Agent(table, Peer(), 0.0)
    name = f"{agent.ufrag}:x".encode()
    body = struct.pack("!HH", 6, len(name)) + name + bytes(-len(name) % 4) + data
    head = struct.pack("!HHI", 1, len(body), stun.COOKIE) + bytes(12)
    assert table.answer(head + body, address(1), 0.0) is None
    assert table.answer(data, address(1), 0.0) is None


def test_nomination_moves_the_peer(table: IceTable, agent: Agent) -> None:
    owner = agent.owner
    assert isinstance(owner, Peer)
    table.answer(request(agent), address(1), 1.0)
    table.answer(request(agent), address(2), 1.0)
    assert owner.chosen == [address(1)], "the first address serves until one is nominated"
    table.answer(request(agent, nominate=True), address(2), 2.0)
    assert owner.chosen == [address(1), address(2)]


def test_a_restart_keeps_the_old_credentials_until_the_new_are_used(table: IceTable, agent: Agent) -> None:
    ufrag, password = agent.ufrag, agent.password
    agent.restart()
    assert agent.ufrag != ufrag and agent.password != password
    assert table.answer(request(agent, ufrag=ufrag, password=password, nominate=True), address(1), 1.0)
    assert table.answer(request(agent, nominate=True), address(1), 2.0)
    assert table.answer(request(agent, ufrag=ufrag, password=password), address(1), 3.0) is None


def test_addresses_are_few_and_expire(table: IceTable, agent: Agent) -> None:
    for port in range(1, ADDRESSES_PER_PEER + 10):
        table.answer(request(agent), address(port), float(port))
    assert len(table.by_address) == ADDRESSES_PER_PEER
    table.answer(request(agent, nominate=True), address(900), 100.0)
    agent.expire(101.0 + CONSENT_TIMEOUT)
    assert list(table.by_address) == [address(900)], "the address in use stays"


def test_closing_forgets_everything(table: IceTable, agent: Agent) -> None:
    agent.restart()
    table.answer(request(agent), address(1), 1.0)
    agent.close()
    assert not table.by_address and not table.agents


def test_an_address_that_changes_hands_belongs_to_the_last(table: IceTable, agent: Agent) -> None:
    other = Agent(table, Peer(), 0.0)
    table.answer(request(agent), address(1), 1.0)
    assert table.answer(request(other), address(1), 1.0 + ADDRESS_HELD)
    assert table.by_address[address(1)] is other
    agent.close()
    assert table.by_address[address(1)] is other


def test_nobody_takes_an_address_that_another_uses(table: IceTable, agent: Agent) -> None:
    """As one in the call could who forges the sender of a request with his own, valid password."""
    forger = Agent(table, Peer(), 0.0)
    table.answer(request(agent), address(1), 1.0)
    assert table.answer(request(forger), address(1), 0.9 + ADDRESS_HELD) is None
    assert table.by_address[address(1)] is agent and not forger.addresses
    table.answer(request(agent), address(1), 5.0)
    assert table.answer(request(forger), address(1), 4.9 + ADDRESS_HELD) is None, "each request holds it further"


def test_a_request_of_many_attributes_is_not_searched_through(table: IceTable, agent: Agent) -> None:
    """Otherwise four bytes of an attacker would cost us a round of a loop each."""
    empty = b"\x80\x99\x00\x00"
    good = request(agent)
    for count, answered in ((0, True), (MOST_ATTRIBUTES - 1, False), (MOST_ATTRIBUTES, False)):
        body = empty * count + good[20:]
        data = good[:2] + struct.pack("!H", len(body)) + good[4:20] + body
        found = _local_fragment(data)
        assert (found == agent.ufrag) is (count < MOST_ATTRIBUTES)
        assert (table.answer(data, address(1), 1.0) is not None) is answered, "the integrity covers what was put before"
    padded = good[:20] + b"\x80\x99" + struct.pack("!H", LARGEST_REQUEST) + bytes(LARGEST_REQUEST) + good[20:]
    assert _local_fragment(padded[:2] + struct.pack("!H", len(padded) - 20) + padded[4:]) is None


def test_an_ipv4_address_behind_the_ipv6_socket_is_shown_as_ipv4() -> None:
    raw = struct.pack("=H", socket.AF_INET6) + struct.pack("!HI", 9, 0)
    mapped = raw + b"\0" * 10 + b"\xff\xff" + socket.inet_aton("192.0.2.1") + bytes(4)
    six = raw + socket.inet_pton(socket.AF_INET6, "2001:db8::1") + bytes(4)
    assert readable(mapped) == ("192.0.2.1", 9) and readable(six) == ("2001:db8::1", 9)
