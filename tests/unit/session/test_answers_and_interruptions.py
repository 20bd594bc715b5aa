"""Answers that count, answers that do not, and what an interruption means: the rules behind T13 and T19 in their odd cases.

The behaviours themselves are in `test_s4_rules.py`.
"""

from datetime import timedelta
from typing import Any

import pytest

from server.domain.session import Command, Refusal, decide, due
from server.domain.session_setup import Person, role_id
from server.domain.session_state import ENGINE
from server.sessions.view import build_view
from tests.support.session_room import HOLDER, INSURED, START, Room, make_setup


def question() -> Room:
    return Room().recording().go_to("product_nature")


# ── answers ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_retry_limit_then_override_with_a_reason() -> None:
    room = question()
    room.speak_prompt()
    override = {"node_id": "product_nature", "person_id": "p_holder", "verdict": "affirmative"}
    for attempt in (1, 2, 3):
        assert (
            room.refused("override_answer", room.agent, **override, reason="方言口音，本人已确认").code == "OVERRIDE_NOT_ALLOWED"
        )
        room.answer(HOLDER, "unclear", "嗯嗯")
        if attempt < 3:
            room.ok("replay_prompt", room.agent, node_id=room.node_id)
            room.speak_prompt()
    assert room.refused("replay_prompt", room.agent, node_id=room.node_id).code == "REPLAY_LIMIT"
    assert room.refused("override_answer", room.agent, **override, reason="好").code == "REASON_TOO_SHORT"
    room.ok("override_answer", room.agent, **override, reason="方言口音，本人已确认")
    room.advance()
    assert room.state.nodes_done["product_nature"].has_override


def test_a_late_answer_changes_nothing() -> None:
    room = question()
    room.speak_prompt()
    window = room.window(HOLDER)
    room.answer(HOLDER, "unclear")
    heard: dict[str, Any] = {"verdict": "affirmative", "start_ms": 1, "end_ms": 2, "engine": "ctc"}
    assert room.ok("answer_heard", window_id=window, **heard) == []
    room.ok("replay_prompt", room.agent, node_id=room.node_id)
    assert room.ok("answer_heard", window_id=window, **heard) == []


def test_no_pass_without_audio() -> None:
    for change in ({"start_ms": None}, {"end_ms": None}, {"engine": ""}, {"start_ms": 5, "end_ms": 5}):
        room = question()
        room.speak_prompt()
        room.answer(HOLDER, **change)
        assert room.missing(room.refused("advance", room.agent, node_id=room.node_id)) == ["ANSWER_UNCLEAR"]


@pytest.mark.parametrize("text", ["不清楚", "我不清楚", "不太清楚", "没清楚"])
def test_a_negated_affirmative_is_never_affirmative(text: str) -> None:
    room = question()
    room.speak_prompt()
    events = room.answer(HOLDER, "affirmative", text)
    assert events[0].data["verdict"] == "unclear"
    assert events[0].data["engine_verdict"] == "affirmative"


def test_speech_down_means_not_measured_and_the_agent_decides() -> None:
    room = question()
    room.ok("engine_changed", engine="speech", is_up=False)
    room.speak_prompt()
    assert room.window(HOLDER) is None
    assert room.missing(room.refused("advance", room.agent, node_id=room.node_id)) == ["ANSWER_NOT_MEASURED"]
    room.ok(
        "override_answer",
        room.agent,
        node_id=room.node_id,
        person_id="p_holder",
        verdict="affirmative",
        reason="语音引擎不可用，客户答清楚",
    )
    room.advance()
    assert room.state.nodes_done["product_nature"].is_not_measured


def test_speech_lost_inside_a_window_is_not_measured() -> None:
    room = question()
    room.speak_prompt()
    room.ok("engine_changed", engine="speech", is_up=False)
    assert room.state.node is not None
    assert room.state.node.answers["p_holder"].verdict == "not_measured"


def test_nobody_is_told_to_speak_before_somebody_listens() -> None:
    room = question()
    room.speak_prompt()
    seat, window = room.state.seats["s_holder"], room.window(HOLDER)

    def told() -> tuple[str, str]:
        shown = build_view(room.state, seat.seat_id, room.now, None, {})
        assert shown.node is not None
        return shown.me.instruction.code, shown.node.answers[0].state

    assert told() == ("LISTEN", "waiting")
    room.wait(3)
    (event,) = room.ok("answer_accepted", window_id=window)
    assert event.data["closes_at"] == (room.now + timedelta(milliseconds=8000)).isoformat(), "the time begins with the listening"
    assert told() == ("ANSWER_NOW", "listening")
    assert room.ok("answer_accepted", window_id=window) == []
    room.answer(HOLDER, "unclear", "嗯嗯")
    assert room.ok("answer_accepted", window_id=window) == []
    assert told() == ("WAIT_FOR_REPEAT", "unclear")
    room.ok("replay_prompt", room.agent, node_id=room.node_id)
    room.speak_prompt()
    assert told() == ("LISTEN", "waiting"), "each window anew"


@pytest.mark.parametrize(
    ("node_id", "words"), [("recording_consent", ("同意", "不同意")), ("product_nature", ("清楚", "不清楚"))]
)
def test_a_customer_is_told_the_words_of_this_question(node_id: str, words: tuple[str, str]) -> None:
    """清楚 answers no 是否同意: the scorer of that question would ask again."""
    room = Room().recording().go_to(node_id)
    room.speak_prompt()
    assert room.state.node is not None
    for run in tuple(room.state.node.answers.values()):
        room.ok("answer_accepted", window_id=run.window_id)
    told = build_view(room.state, "s_holder", room.now, None, {}).me.instruction
    assert (told.code, told.params["yes"], told.params["no"]) == ("ANSWER_NOW", *words)


def test_an_engine_that_never_answers_is_not_measured() -> None:
    room = question()
    room.speak_prompt()
    room.wait(60)
    room.fire_timers()
    assert room.state.node is not None
    assert room.state.node.answers["p_holder"].verdict == "not_measured"


def test_voice_down_agent_reads_aloud_and_answers_open() -> None:
    room = question()
    assert room.state.node is not None
    room.ok("prompt_failed", prompt_id=room.state.node.prompt.prompt_id, problem="UNAVAILABLE")
    assert room.window(HOLDER) is None
    room.ok("prompt_read_aloud", room.agent)
    room.answer(HOLDER)
    room.advance()


def test_elderly_customers_get_more_time() -> None:
    old = Person("p_holder", "s_holder", "张三丰", ("policyholder",), 66, True)
    young, aged = question(), Room(make_setup((old, INSURED))).recording().go_to("product_nature")
    lengths = []
    for room in (young, aged):
        room.speak_prompt()
        event = next(e for e in reversed(room.log) if e.type == "answer_window_opened")
        lengths.append(event.data["timeout_ms"])
    assert lengths == [8000, 12000]


def test_spoken_refusal_of_consent_cannot_be_overridden_and_declines() -> None:
    room = Room().recording()
    room.speak_prompt()
    room.answer(INSURED, text="同意")
    for attempt in (1, 2, 3):
        room.answer(HOLDER, "negative", "不同意")
        if attempt < 3:
            room.ok("replay_prompt", room.agent, node_id=room.node_id)
            room.speak_prompt()
    params = {"node_id": room.node_id, "person_id": "p_holder", "reason": "客户其实同意录制"}
    assert room.refused("override_answer", room.agent, verdict="affirmative", **params).code == "CONSENT_NOT_GIVEN"
    assert room.refused("advance", room.agent, node_id=room.node_id).code == "NODE_INCOMPLETE"
    room.ok("override_answer", room.agent, verdict="negative", **params)
    assert room.state.phase == "declined"
    assert room.state.recording.state == "stopping"


def test_customer_may_decline_at_any_time() -> None:
    room = question()
    room.ok("decline", room.seat(INSURED), reason="")
    assert room.state.phase == "declined"


def test_agent_cannot_decline_for_the_customer_later_on() -> None:
    assert question().refused("decline", question().agent, reason="").code == "PHASE_WRONG"


# ── interruptions ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_node_spoken_while_a_required_person_was_interrupted_must_be_repeated() -> None:
    room = question()
    assert room.state.node is not None
    prompt_id = room.state.node.prompt.prompt_id
    room.ok("prompt_started", prompt_id=prompt_id, t_ms=room.t_ms(), duration_ms=3000, marks=[])
    leg = room.state.seats["s_holder"].leg_id
    room.ok("media_interrupted", seat_id="s_holder", leg_id=leg)
    room.wait(3)
    room.ok("prompt_finished", prompt_id=prompt_id, t_ms=room.t_ms(), completed=True)
    room.ok("media_resumed", seat_id="s_holder", leg_id=leg)
    assert room.window(HOLDER) is None
    assert room.refused("advance", room.agent, node_id=room.node_id).code == "NODE_MUST_REPEAT"
    room.ok("replay_prompt", room.agent, node_id=room.node_id)
    room.speak_prompt()
    room.answer(HOLDER)
    room.advance()


def test_interruption_in_the_answer_must_be_repeated_even_after_the_limit() -> None:
    room = question()
    room.speak_prompt()
    for _ in range(2):
        room.answer(HOLDER, "silent", "")
        room.ok("replay_prompt", room.agent, node_id=room.node_id)
        room.speak_prompt()
    leg = room.state.seats["s_holder"].leg_id
    room.ok("media_interrupted", seat_id="s_holder", leg_id=leg)
    room.ok("media_resumed", seat_id="s_holder", leg_id=leg)
    assert room.refused("advance", room.agent, node_id=room.node_id).code == "NODE_MUST_REPEAT"
    room.ok("replay_prompt", room.agent, node_id=room.node_id)
    room.speak_prompt()
    room.answer(HOLDER)
    room.advance()


def test_a_quick_reload_during_the_prompt_is_a_gap_as_well() -> None:
    room = question()
    assert room.state.node is not None
    room.ok("prompt_started", prompt_id=room.state.node.prompt.prompt_id, t_ms=room.t_ms(), duration_ms=3000, marks=[])
    room.ok("media_connected", seat_id="s_holder", leg_id="leg_reloaded")
    assert "media_closed" in room.types()
    assert room.state.seats["s_holder"].presence == "present"
    assert room.state.node.must_repeat == {"p_holder"}


def test_long_interruption_is_leaving_and_the_seat_waits() -> None:
    room = question()
    room.ok("media_interrupted", seat_id="s_holder", leg_id=room.state.seats["s_holder"].leg_id)
    room.wait(61)
    room.fire_timers()
    assert room.state.seats["s_holder"].presence == "left"
    assert room.state.phase == "recording"
    room.ok("enter_room", room.seat(HOLDER))
    room.connect(room.seat(HOLDER), "leg_again")
    assert room.state.seats["s_holder"].presence == "present"


def test_negative_agent_leaves_recording_goes_on_and_controls_freeze() -> None:
    room = Room().recording().go_to("sign_documents")
    room.speak_prompt()
    room.ok("leave_room", room.agent)
    assert room.state.phase == "recording"
    assert room.state.recording.state == "running"
    assert room.refused("start_share", room.seat(HOLDER), mode="reader").code == "AGENT_AWAY"
    room.ok("enter_room", room.agent)
    room.connect(room.agent, "leg_back")
    room.share(HOLDER)


def test_agent_away_holds_answers_back_until_the_return() -> None:
    room = question()
    leg = room.state.agent_seat.leg_id
    room.ok("media_interrupted", seat_id="s_agent", leg_id=leg)
    room.speak_prompt()
    assert room.window(HOLDER) is None
    room.ok("media_resumed", seat_id="s_agent", leg_id=leg)
    assert room.window(HOLDER) is not None


def test_agent_who_never_returns_aborts_the_session() -> None:
    room = question()
    room.ok("leave_room", room.agent)
    room.wait(901)
    room.fire_timers()
    assert (room.state.phase, room.state.outcome_reason) == ("aborted", "agent_absent")


def test_media_process_lost_interrupts_everybody_and_comes_back() -> None:
    room = question()
    room.ok("engine_changed", engine="media", is_up=False)
    assert {s.presence for s in room.state.seats.values() if s.role_ids} == {"interrupted"}
    assert room.state.phase == "recording"
    room.ok("engine_changed", engine="media", is_up=True)
    for seat in ("s_agent", "s_holder", "s_insured"):
        room.ok("media_connected", seat_id=seat, leg_id=f"{seat}_2")
    room.ok("replay_prompt", room.agent, node_id=room.node_id)
    room.speak_prompt()
    room.answer(HOLDER)
    room.advance()


def test_unused_lobby_expires() -> None:
    room = Room().engines_up()
    room.wait(7201)
    room.fire_timers()
    assert room.state.phase == "aborted"


def test_failed_start_leaves_the_lobby_open() -> None:
    room = Room().lobby_full()
    room.ok("start_recording", room.agent, recording_id="rec_1")
    room.ok("recording_failed", problem="UNAVAILABLE")
    assert room.state.phase == "lobby"
    room.start()


def test_timers_are_due_at_the_rulebook_moments() -> None:
    room = Room().engines_up()
    assert due(room.state) == [(START + timedelta(seconds=7200), Command("expire", ENGINE, {"reason": "lobby_expired"}))]


def test_unknown_command_is_refused() -> None:
    refusal = decide(Room().state, Command("become_agent", ENGINE), START)
    assert isinstance(refusal, Refusal)
    assert refusal.code == "COMMAND_UNKNOWN"


def test_role_ids_name_role_and_person() -> None:
    assert role_id("insured", INSURED) == "insured:p_insured"
