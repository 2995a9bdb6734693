"""Bad input of every kind against the running product while a hearing goes on: a clear answer or silence, and nobody
else notices. Each test is followed by the same question to the two robots in the courtroom (`Calm.check`).
"""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.product import (
    attack_house,
    attack_http,
    attack_media,
    attack_odd,
    attack_sdp,
    attack_secrets,
    attack_socket,
    attack_strangers,
)
from tests.product.attack_house import Calm, Court, House
from tests.support.product import Product

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(product: Product) -> AsyncIterator[House]:
    async with attack_house.visiting(product) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def court(house: House) -> AsyncIterator[Court]:
    found = await attack_house.schedule(house)
    try:
        await attack_house.hold(found)
        yield found
    finally:
        await found.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def watched(court: Court) -> AsyncIterator[Calm]:
    calm = Calm(court)
    await calm.begin()
    yield calm
    await calm.end()


@pytest_asyncio.fixture(loop_scope="module")
async def calm(watched: Calm) -> AsyncIterator[Calm]:
    watched.reset()
    yield watched
    await watched.check()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def token(house: House) -> str:
    """Of the victim: one who has a seat, and turns against the house."""
    return await house.token(attack_socket.SEAT)


async def test_the_watch_itself(calm: Calm) -> None:
    """The control: without an attack nothing stirs, and the watch sees that packets really flow."""
    assert all(count > 0 for count in calm.packets().values())


async def test_strangers_at_the_socket(calm: Calm, house: House, court: Court) -> None:
    await attack_socket.check_strangers(house, court)


async def test_refused_commands(calm: Calm, court: Court, token: str) -> None:
    await attack_socket.check_refused(court, token)


async def test_repeated_commands(calm: Calm, court: Court) -> None:
    await attack_socket.check_repeated(court)


async def test_malformed_commands(calm: Calm, court: Court, token: str) -> None:
    await attack_socket.check_malformed(court, token)


async def test_broken_frames(calm: Calm, court: Court, token: str) -> None:
    await attack_socket.check_frames(court, token)


async def test_silent_sockets(calm: Calm, court: Court) -> None:
    await attack_socket.check_silent(court)


async def test_floods(calm: Calm, court: Court, token: str) -> None:
    await attack_socket.check_flood(court, token)


async def test_two_tabs(calm: Calm, court: Court, token: str) -> None:
    await attack_socket.check_two_tabs(court, token)


async def test_a_session_that_ends(calm: Calm, house: House, court: Court) -> None:
    await attack_socket.check_ended_session(house, court)


async def test_descriptions(calm: Calm, court: Court, token: str) -> None:
    await attack_sdp.check_sdp(court, token)


async def test_datagrams(calm: Calm, court: Court) -> None:
    await attack_media.check_datagrams(court)


async def test_forged_senders(calm: Calm, court: Court) -> None:
    await attack_media.check_forged_sender(court)


async def test_a_flood_of_datagrams(calm: Calm, court: Court) -> None:
    await attack_media.check_flood(court)


async def test_strangers_during_a_handshake(calm: Calm, house: House, court: Court) -> None:
    await attack_media.check_handshake(house, court)


async def test_what_an_isolated_witness_may_not_know(calm: Calm, house: House, court: Court) -> None:
    await attack_secrets.check_witness(house, court)


async def test_what_strangers_may_not_know(calm: Calm, house: House, court: Court) -> None:
    sessions = await attack_strangers.open_sessions(house, court)
    assert await attack_strangers.check_api(house, court, sessions) > 100
    await attack_strangers.check_pages(house, court, sessions)
    await attack_strangers.check_sealed(house, court, sessions)


async def test_odd_secrets(calm: Calm, house: House) -> None:
    async with attack_http.elsewhere(house, "127.0.0.30") as door:
        await attack_http.check_odd_secrets(door)


async def test_requests_from_elsewhere(calm: Calm, house: House) -> None:
    await attack_http.check_elsewhere(house)


async def test_hosts(calm: Calm, house: House) -> None:
    await attack_http.check_hosts(house)


async def test_broken_http(calm: Calm, house: House) -> None:
    await attack_http.check_smuggling(house)


async def test_paths(calm: Calm, house: House, court: Court) -> None:
    await attack_http.check_paths(house, court)


async def test_bodies(calm: Calm, house: House) -> None:
    await attack_http.check_bodies(house)


async def test_slow_bodies(calm: Calm, house: House) -> None:
    await attack_http.check_slow(house)


async def test_ranges(calm: Calm, house: House, court: Court) -> None:
    await attack_http.check_ranges(house, court)


async def test_invitations(calm: Calm, house: House, court: Court) -> None:
    token = await attack_http.check_invitation(house, court)
    await attack_http.check_fixation(house, token)


async def test_guessing(calm: Calm, house: House) -> None:
    async with attack_http.elsewhere(house, "127.0.0.31") as door:
        await attack_http.check_guessing(door)
        await attack_http.check_sign_in(door)


async def test_an_invitation_used_many_times_at_once(calm: Calm, house: House, court: Court) -> None:
    await attack_odd.check_parallel_replays(house, court)


async def test_frames_that_break_the_protocol_below(calm: Calm, house: House, token: str) -> None:
    await attack_odd.check_frames_below(house, token)


async def test_descriptions_at_their_limits(calm: Calm, court: Court, token: str) -> None:
    await attack_sdp.check_limits_of_sdp(court, token)


async def test_mutated_descriptions(calm: Calm, court: Court, token: str) -> None:
    await attack_sdp.check_mutated(court, token)


async def test_odd_names_of_things(calm: Calm, court: Court, token: str) -> None:
    await attack_odd.check_odd_ids(court, token)


async def test_what_stays_between_counsel_and_client(court: Court) -> None:
    await attack_secrets.check_confidential(court)


async def test_what_stays_in_the_deliberation(house: House, court: Court) -> None:
    await attack_secrets.check_deliberation(house, court)


async def test_the_log_names_nobody(house: House) -> None:
    """Last: over everything above."""
    attack_secrets.check_log(house)
