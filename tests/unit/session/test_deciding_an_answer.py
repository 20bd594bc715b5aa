"""The agent decides an answer only for somebody who is in the room and heard the whole question there."""

from typing import Any

import pytest

from server.sessions.schemas import AllowedAction, AnswerCard
from server.sessions.view import build_view
from tests.support.session_room import HOLDER, INSURED, Room

REASON = "客户点头表示同意"


def silent_to_the_limit() -> Room:
    """At the recording consent the policyholder has said nothing three times."""
    room = Room().recording()
    room.speak_prompt()
    room.answer(INSURED, text="同意")
    for attempt in (1, 2, 3):
        room.answer(HOLDER, "silent", "")
        if attempt < 3:
            room.ok("replay_prompt", room.agent, node_id=room.node_id)
            room.speak_prompt()
    return room


def decision(room: Room, verdict: str = "affirmative") -> dict[str, Any]:
    return {"node_id": room.node_id, "person_id": "p_holder", "verdict": verdict, "reason": REASON}


def offered(room: Room) -> tuple[AllowedAction, AnswerCard]:
    view = build_view(room.state, room.agent.seat_id, room.now, None, {})
    assert view.node is not None
    action = next(a for a in view.allowed_actions if a.action == "override_answer")
    return action, next(a for a in view.node.answers if a.person_id == "p_holder")


def interrupt(room: Room) -> None:
    room.ok("media_interrupted", seat_id="s_holder", leg_id=room.state.seats["s_holder"].leg_id)


def leave(room: Room) -> None:
    room.ok("leave_room", room.seat(HOLDER))


def close(room: Room) -> None:
    room.ok("media_closed", seat_id="s_holder", leg_id=room.state.seats["s_holder"].leg_id, reason="closed")


@pytest.mark.parametrize("go", [interrupt, leave, close])
@pytest.mark.parametrize("verdict", ["affirmative", "negative"])
def test_nobody_decides_for_somebody_who_is_not_in_the_room(go: Any, verdict: str) -> None:
    room = silent_to_the_limit()
    action, card = offered(room)
    assert action.enabled
    assert card.can_override
    go(room)
    refusal = room.refused("override_answer", room.agent, **decision(room, verdict))
    assert (refusal.code, refusal.params["person_id"], refusal.params["name"]) == ("PERSON_NOT_PRESENT", "p_holder", HOLDER.name)
    action, card = offered(room)
    assert not action.enabled
    assert not card.can_override


def test_who_was_asked_while_present_and_comes_back_may_be_decided_for() -> None:
    room = silent_to_the_limit()
    leave(room)
    room.enter(HOLDER)
    assert offered(room)[0].enabled
    room.ok("override_answer", room.agent, **decision(room))
    room.advance()


def test_who_was_decided_for_and_then_left_keeps_the_decision_and_is_waited_for() -> None:
    room = silent_to_the_limit()
    room.ok("override_answer", room.agent, **decision(room))
    leave(room)
    assert room.missing(room.refused("advance", room.agent, node_id=room.node_id)) == ["PERSON_NOT_PRESENT"]
    room.enter(HOLDER)
    room.advance()


@pytest.mark.parametrize("go", [interrupt, leave, close])
def test_a_try_that_was_left_in_the_middle_is_no_try(go: Any) -> None:
    room = Room().recording()
    room.speak_prompt()
    room.answer(INSURED, text="同意")
    for _ in (1, 2):
        room.answer(HOLDER, "silent", "")
        room.ok("replay_prompt", room.agent, node_id=room.node_id)
        room.speak_prompt()
    window = room.window(HOLDER)
    assert window is not None
    go(room)
    assert room.window(HOLDER) is None
    assert room.ok("answer_lost", window_id=window) == [], "the try went with the person"
    if go is leave:
        room.ok("enter_room", room.seat(HOLDER))
    room.connect(room.seat(HOLDER), "leg_again")
    assert room.refused("override_answer", room.agent, **decision(room)).code == "NODE_MUST_REPEAT"
    action, card = offered(room)
    assert not action.enabled
    assert not card.can_override
    room.ok("replay_prompt", room.agent, node_id=room.node_id)
    room.speak_prompt()
    room.answer(HOLDER, text="同意")
    room.advance()


def test_who_leaves_during_the_prompt_and_is_back_before_its_end_did_not_hear_it() -> None:
    room = Room().recording()
    assert room.state.node is not None
    prompt_id = room.state.node.prompt.prompt_id
    room.ok("prompt_started", prompt_id=prompt_id, t_ms=room.t_ms(), duration_ms=3000, marks=[])
    leave(room)
    room.enter(HOLDER)
    room.ok("prompt_finished", prompt_id=prompt_id, t_ms=room.t_ms(), completed=True)
    assert room.window(HOLDER) is None
    room.answer(INSURED, text="同意")
    assert room.missing(room.refused("advance", room.agent, node_id=room.node_id))[0] == "NODE_MUST_REPEAT"


def test_without_speech_only_those_who_are_there_are_decided_for() -> None:
    room = Room().recording()
    room.ok("engine_changed", engine="speech", is_up=False)
    interrupt(room)
    room.speak_prompt()
    assert room.refused("override_answer", room.agent, **decision(room)).code == "PERSON_NOT_PRESENT"
    room.ok("media_resumed", seat_id="s_holder", leg_id=room.state.seats["s_holder"].leg_id)
    assert room.refused("override_answer", room.agent, **decision(room)).code == "NODE_MUST_REPEAT"
    insured = {**decision(room), "person_id": "p_insured"}
    room.ok("override_answer", room.agent, **insured)
