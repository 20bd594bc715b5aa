"""What the agent is told to do is what the agent can do: replay while tries are left, then decide; no start unheard or unseen."""

import pytest

from server.domain.session_checks import node_missing, start_missing
from server.sessions.instruction import instruction
from tests.support.session_room import HOLDER, INSURED, Room


def told(room: Room) -> tuple[str, list[tuple[str, object]]]:
    code, _ = instruction(room.state, room.state.agent_seat, room.now)
    lacking = [(r.code, r.params["attempts_left"]) for r in node_missing(room.state, room.now) if "attempts_left" in r.params]
    return code, lacking


@pytest.mark.parametrize("verdict", ["silent", "unclear", "negative"])
def test_a_replay_is_asked_for_only_while_one_is_left(verdict: str) -> None:
    room = Room().recording()
    room.speak_prompt()
    room.answer(INSURED, text="同意")
    seen = []
    for attempt in (1, 2, 3):
        room.answer(HOLDER, verdict, "不同意" if verdict == "negative" else "")
        seen.append(told(room))
        if attempt < 3:
            room.ok("replay_prompt", room.agent, node_id=room.node_id)
            room.speak_prompt()
    code = f"ANSWER_{verdict.upper()}"
    assert seen == [("REPEAT_PROMPT", [(code, 2)]), ("REPEAT_PROMPT", [(code, 1)]), ("DECIDE_ANSWER", [(code, 0)])]
    assert room.refused("replay_prompt", room.agent, node_id=room.node_id).code == "REPLAY_LIMIT"


def test_no_replay_is_asked_for_while_the_prompt_that_somebody_missed_still_plays() -> None:
    room = Room().recording()
    assert room.state.node is not None
    prompt_id = room.state.node.prompt.prompt_id
    room.ok("prompt_started", prompt_id=prompt_id, t_ms=room.t_ms(), duration_ms=3000, marks=[])
    room.ok("media_connected", seat_id="s_holder", leg_id="leg_reloaded")
    assert told(room)[0] == "LISTEN"
    assert room.refused("replay_prompt", room.agent, node_id=room.node_id).code == "PROMPT_PLAYING"
    room.wait(3)
    room.ok("prompt_finished", prompt_id=prompt_id, t_ms=room.t_ms(), completed=True)
    assert told(room)[0] == "REPEAT_PROMPT"
    room.ok("replay_prompt", room.agent, node_id=room.node_id)


@pytest.mark.parametrize(
    ("problem", "code"),
    [
        ("SERVICE_RESTARTED", "REPEAT_PROMPT"),
        ("PROMPT_LOST", "REPEAT_PROMPT"),
        ("MEDIA_UNAVAILABLE", "REPEAT_PROMPT"),
        ("UNAVAILABLE", "READ_ALOUD"),
    ],
)
def test_a_prompt_that_was_cut_short_is_played_again_and_one_without_a_voice_is_read(problem: str, code: str) -> None:
    room = Room().recording()
    assert room.state.node is not None
    room.ok("prompt_failed", prompt_id=room.state.node.prompt.prompt_id, problem=problem)
    assert told(room)[0] == code
    command = {"REPEAT_PROMPT": ("replay_prompt", {"node_id": room.node_id}), "READ_ALOUD": ("prompt_read_aloud", {})}[code]
    room.ok(command[0], room.agent, **command[1])


def test_a_decision_against_is_told_as_the_agents_own() -> None:
    room = Room().recording()
    room.speak_prompt()
    room.answer(INSURED, text="同意")
    room.answer(HOLDER, "not_measured", "")
    assert told(room)[0] == "DECIDE_OR_REPEAT"
    override = {"person_id": "p_holder", "verdict": "negative", "reason": "客户摇头表示不同意"}
    room.ok("override_answer", room.agent, node_id=room.node_id, **override)
    (reason,) = (r for r in node_missing(room.state, room.now) if r.code == "ANSWER_NEGATIVE")
    assert reason.params["is_overridden"] is True


def test_no_recording_starts_without_the_agents_voice_and_picture() -> None:
    room = Room().lobby_full()
    assert start_missing(room.state) == []
    agent = room.setup.agent.seat_id
    for kind, code in (("mic", "AGENT_NO_SOUND"), ("camera", "AGENT_NO_PICTURE")):
        leg = room.state.agent_seat.leg_id
        room.ok("track_changed", seat_id=agent, kind=kind, is_on=False, leg_id=leg)
        refusal = room.refused("start_recording", room.agent, recording_id="rec_1")
        assert (refusal.code, room.missing(refusal)) == ("START_INCOMPLETE", [code])
        room.ok("track_changed", seat_id=agent, kind=kind, is_on=True, leg_id=leg)
    assert start_missing(room.state) == []


def test_no_recording_starts_before_a_customer_is_seen_and_heard() -> None:
    room = Room().lobby_full()
    seat = room.state.seat_of(HOLDER.person_id)
    assert seat is not None
    for kind, code in (("mic", "PERSON_NO_SOUND"), ("camera", "PERSON_NO_PICTURE")):
        room.ok("track_changed", seat_id=seat.seat_id, kind=kind, is_on=False, leg_id=seat.leg_id)
        refusal = room.refused("start_recording", room.agent, recording_id="rec_1")
        assert (refusal.code, room.missing(refusal)) == ("START_INCOMPLETE", [code])
        assert refusal.params["missing"][0]["params"]["name"] == HOLDER.name
        room.ok("track_changed", seat_id=seat.seat_id, kind=kind, is_on=True, leg_id=seat.leg_id)
    assert start_missing(room.state) == []
