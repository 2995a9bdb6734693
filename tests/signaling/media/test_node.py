"""Two seats meet over the real socket; what the plan says is what the wire carries."""

from pathlib import Path

from tests.signaling.media.court import Picture, Tone, court, until


async def test_two_seats_hear_and_see_each_other(tmp_path: Path) -> None:
    async with court(tmp_path) as room:
        judge, clerk = room.seat("judge"), room.seat("clerk")
        await room.plan(("j-mic", "clerk", "audio"), ("j-cam", "clerk", "video"), ("c-mic", "judge", "audio"))
        await judge.subscribe()
        await clerk.subscribe()
        await judge.publish({"j-mic": Tone(), "j-cam": Picture()})
        await clerk.publish({"c-mic": Tone()})
        await until(lambda: judge.received.get("c-mic", 0) > 20, what="judge hears")
        await until(lambda: min(clerk.received.get(one, 0) for one in ("j-mic", "j-cam")) > 10, what="clerk sees")
        statistics = await room.statistics()
        assert statistics.egress["judge"].packets >= judge.packets > 0
