import pytest
from hypothesis import given
from hypothesis import strategies as st

from signaling.negotiation import TRIES, Negotiation, Phase, owner_of

pytestmark = pytest.mark.pure


def test_the_first_change_asks_for_an_offer_and_further_ones_wait_for_its_answer() -> None:
    negotiation, make = Negotiation().needed()
    assert make
    negotiation, make = negotiation.needed()
    assert not make
    negotiation = negotiation.made(4)
    negotiation, make = negotiation.needed()
    assert not make
    assert negotiation.awaits(4) and not negotiation.awaits(3)
    negotiation, make = negotiation.accepted()
    assert make and negotiation.phase is Phase.MAKING
    negotiation, make = negotiation.made(5).accepted()
    assert not make and negotiation == Negotiation()


def test_a_page_that_never_answers_is_asked_a_few_times_and_then_left_alone_until_something_changes() -> None:
    negotiation, make = Negotiation().needed()
    asked = 0
    while make:
        asked += 1
        negotiation, make = negotiation.made(asked).failed()
    assert asked == TRIES
    assert negotiation.needed()[1]


@given(st.lists(st.sampled_from(["needed", "made", "accepted", "failed"])))
def test_at_most_one_offer_is_ever_outstanding_and_no_change_is_forgotten(steps: list[str]) -> None:
    """Plays any order of events; `making` and `waiting` count what a media process and a page would have in hand."""
    negotiation, number, asked, covered = Negotiation(), 0, 0, True
    for step in steps:
        make = False
        if step == "needed":
            negotiation, make = negotiation.needed()
            covered = False
        elif step == "made" and negotiation.phase is Phase.MAKING:
            number += 1
            asked -= 1
            # The offer holds whatever was changed before it was made, unless the change came after the asking.
            covered = not negotiation.changed
            negotiation = negotiation.made(number)
        elif step == "accepted" and negotiation.awaits(number):
            negotiation, make = negotiation.accepted()
        elif step == "failed" and negotiation.awaits(number):
            tried = negotiation.tries
            negotiation, make = negotiation.failed()
            if tried >= TRIES:
                covered = True
        asked += make
        assert asked == (negotiation.phase is Phase.MAKING)
        if negotiation.phase is Phase.IDLE:
            assert covered


def test_a_renegotiation_and_an_ice_restart_have_the_same_owner_and_a_new_connection_another() -> None:
    first = "v=0\r\no=- 77 2 IN IP4 127.0.0.1\r\na=ice-ufrag:aaaa\r\na=fingerprint:sha-256 AB:CD\r\n"
    restarted = first.replace("77 2", "77 3").replace("aaaa", "bbbb")
    lower = first.replace("AB:CD", "ab:cd")
    assert owner_of(first) == owner_of(restarted) == owner_of(lower)
    assert owner_of(first) != owner_of(first.replace("AB:CD", "AB:CE"))
    assert owner_of(first) != owner_of(first.replace("77 2", "78 2"))
    assert owner_of("nonsense") == ("", frozenset())
