import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hearing.errors import Malformed
from signaling.protocol import (
    SDP_LIMIT,
    Delivery,
    Flow,
    Hello,
    IceServers,
    Levels,
    MediaRestarted,
    Moved,
    NeedSubscribe,
    OfferedSource,
    Order,
    Publish,
    Published,
    Quality,
    Refusal,
    Stream,
    Subscribe,
    Subscribed,
    View,
    Welcome,
    parse,
    serialise,
)

pytestmark = pytest.mark.pure

SDP = "v=0\r\no=- 1 2 IN IP4 0.0.0.0\r\ns=-\r\n"
SOURCE = {"mid": "0", "source": "s1", "kind": "microphone", "label": "Built-in"}
PUBLISH = {"type": "publish", "sdp": SDP, "sources": [SOURCE]}


def test_each_message_is_parsed_into_its_type() -> None:
    assert parse("hello", {"hearing": "h"}) == Hello(hearing="h")
    assert parse("hello", {"hearing": "h", "after": None}) == Hello(hearing="h")
    assert parse("hello", {"hearing": "h", "after": 7}) == Hello(hearing="h", after=7)
    order = {"op_id": "1", "name": "RaiseHand", "args": {"reason": "speak"}}
    assert parse("command", order) == Order(op_id="1", name="RaiseHand", args={"reason": "speak"})
    source = OfferedSource(mid="0", source="s1", kind="microphone", label="Built-in")
    assert parse("signal", PUBLISH) == Publish(sdp=SDP, sources=(source,))
    assert parse("signal", {"type": "subscribed", "offer": 3, "sdp": SDP}) == Subscribed(offer=3, sdp=SDP)
    assert parse("signal", {"type": "need-subscribe"}) == NeedSubscribe()
    assert parse("signal", {"type": "view", "sizes": {"s1": 640, "s2": 0}}) == View(sizes={"s1": 640, "s2": 0})
    assert parse("signal", {"type": "view", "sizes": {}}) == View(sizes={})


def test_a_quality_report_keeps_its_figures_only() -> None:
    report = {
        "type": "quality",
        "rtt_ms": 20,
        "loss": 0.5,
        "name": "x",
        "ok": True,
        "nan": float("nan"),
        "big": 10**400,
    }
    assert parse("signal", report) == Quality(report={"rtt_ms": 20.0, "loss": 0.5})


@pytest.mark.parametrize(
    ("event", "payload"),
    [
        ("goodbye", {}),
        ("hello", None),
        ("hello", []),
        ("hello", {}),
        ("hello", {"hearing": ""}),
        ("hello", {"hearing": "h" * 65}),
        ("hello", {"hearing": "a\nb"}),
        ("hello", {"hearing": 4}),
        ("hello", {"hearing": "h", "after": -1}),
        ("hello", {"hearing": "h", "after": True}),
        ("hello", {"hearing": "h", "after": 1 << 53}),
        ("hello", {"hearing": "h", "colour": 1}),
        ("command", {"op_id": "1", "name": "RaiseHand"}),
        ("command", {"op_id": "1", "name": "RaiseHand", "args": []}),
        ("command", {"op_id": None, "name": "RaiseHand", "args": {}}),
        ("command", {"op_id": "1", "name": "RaiseHand", "args": {}, "by": "judge"}),
        ("signal", {}),
        ("signal", {"type": "shout"}),
        ("signal", {"type": "need-subscribe", "more": 1}),
        ("signal", {"type": "subscribed", "offer": "1", "sdp": SDP}),
        ("signal", {"type": "subscribed", "offer": 1, "sdp": "<html>"}),
        ("signal", {**PUBLISH, "sdp": "v=0" + "x" * SDP_LIMIT}),
        ("signal", {**PUBLISH, "sdp": SDP + "\nm=audio" * 13}),
        ("signal", {**PUBLISH, "sources": [SOURCE] * 13}),
        ("signal", {**PUBLISH, "sources": [SOURCE, {**SOURCE, "source": "s2"}]}),
        ("signal", {**PUBLISH, "sources": [SOURCE, {**SOURCE, "mid": "1"}]}),
        ("signal", {**PUBLISH, "sources": [{**SOURCE, "label": "x" * 201}]}),
        ("signal", {**PUBLISH, "sources": ["microphone"]}),
        ("signal", {"type": "quality", **{f"f{n}": n for n in range(65)}}),
        ("signal", {"type": "view"}),
        ("signal", {"type": "view", "sizes": ["s1"]}),
        ("signal", {"type": "view", "sizes": {"s1": "640"}}),
        ("signal", {"type": "view", "sizes": {"s1": True}}),
        ("signal", {"type": "view", "sizes": {"s1": 640.5}}),
        ("signal", {"type": "view", "sizes": {"s1": -1}}),
        ("signal", {"type": "view", "sizes": {"s1": 1 << 20}}),
        ("signal", {"type": "view", "sizes": {"": 1}}),
        ("signal", {"type": "view", "sizes": {"s" * 65: 1}}),
        ("signal", {"type": "view", "sizes": {f"s{n}": n for n in range(65)}}),
        ("signal", {"type": "view", "sizes": {}, "more": 1}),
    ],
)
def test_whatever_is_not_exactly_a_message_is_malformed(event: str, payload: object) -> None:
    with pytest.raises(Malformed):
        parse(event, payload)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)


@given(
    event=st.sampled_from(["hello", "command", "signal", "x"]),
    payload=JSON
    | st.fixed_dictionaries(
        {},
        optional={
            "hearing": JSON,
            "after": JSON,
            "op_id": JSON,
            "name": JSON,
            "args": JSON,
            "type": st.sampled_from(["publish", "subscribed", "need-subscribe", "quality", "view"]),
            "sdp": JSON,
            "sources": JSON,
            "offer": JSON,
            "sizes": JSON,
        },
    ),
)
def test_no_payload_whatever_makes_the_parser_fail_otherwise(event: str, payload: object) -> None:
    try:
        parse(event, payload)
    except Malformed as fault:
        assert fault.reason


def test_every_message_down_is_json_under_its_name() -> None:
    clock = {"hearing_ms": 5, "utc": "2026-01-01T00:00:00Z"}
    welcome = Welcome(seq=1, view={"a": 1}, people={}, clock=clock, media={"iceServers": []}, connection="c")
    assert serialise(welcome) == (
        "welcome",
        {"seq": 1, "view": {"a": 1}, "people": {}, "clock": clock, "media": {"iceServers": []}, "connection": "c"},
    )
    assert serialise(Delivery(seq=2, entry=None, view=None)) == ("entry", {"seq": 2, "entry": None, "view": None})
    stream = Stream(mid="0", source="s", kind="audio")
    signals = {
        Published(sdp="v=0"): {"type": "published", "sdp": "v=0"},
        Subscribe(offer=1, sdp="v=0", streams=(stream,), peer="p"): {
            "type": "subscribe",
            "offer": 1,
            "sdp": "v=0",
            "streams": [{"mid": "0", "source": "s", "kind": "audio"}],
            "peer": "p",
        },
        MediaRestarted(): {"type": "media-restarted"},
        Moved(): {"type": "moved"},
        Refusal(code="x"): {"type": "refused", "code": "x"},
    }
    for down, body in signals.items():
        assert serialise(down) == ("signal", body)
        assert json.loads(json.dumps(body)) == body
    flow = {"type": "flow", "sources": {"s": "off", "t": "large"}, "limited": ["s"]}
    assert serialise(Flow(sources={"s": "off", "t": "large"}, limited=("s",))) == ("signal", flow)
    servers = [{"urls": ["turn:t"]}]
    assert serialise(IceServers(servers=tuple(servers))) == ("signal", {"type": "ice-servers", "servers": servers})
    assert serialise(Levels(levels={"s": -20})) == ("signal", {"type": "levels", "levels": {"s": -20}})
