"""Laws that hold for any sequence of commands whatever, in any order, from anybody."""

from functools import cache
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from server.domain.answers import AFFIRMATIVE, NEGATIVE, SILENT, UNCLEAR, Heard, judged, polarity
from server.domain.session import COMMANDS, Actor, Refusal, initial, replay
from server.domain.session_state import AGENT, CUSTOMER, SYSTEM
from server.domain.talkscript import Lexicon
from tests.support.session_room import HOLDER, INSURED, SIGNATURE, START, Room, make_setup

SHORT = ("recording_consent", "agent_identity", "product_nature", "read_documents", "sign_documents", "closing")
SETUP = make_setup(only=SHORT)
SEATS = ("s_agent", "s_holder", "s_insured", "s_nobody")
PEOPLE = ("p_holder", "p_insured", "agent", "p_nobody")
DOCUMENTS = ("d_terms", "d_proposal_form", "d_insurance_prompt", "d_exclusion_note", "d_none")
CONTROLS = frozenset(
    (
        "start_recording", "advance", "replay_prompt", "prompt_read_aloud", "override_answer", "confirm_on_site", "add_note",
        "end_recording", "abort_session", "release_seat", "set_location",
    )
)  # fmt: skip


@st.composite
def steps(draw: st.DrawFn) -> tuple[str, Actor, dict[str, Any], float]:
    """A command with plausible parameters, from a plausible or impossible sender, after some time."""
    name = draw(st.sampled_from(sorted(COMMANDS)))
    kind = draw(st.sampled_from([AGENT, CUSTOMER, CUSTOMER, SYSTEM, SYSTEM]))
    seat = draw(st.sampled_from(SEATS))
    params: dict[str, Any] = {
        "seat_id": draw(st.sampled_from(SEATS[:3])),
        "person_id": draw(st.sampled_from(PEOPLE)),
        "document_id": draw(st.sampled_from(DOCUMENTS)),
        "document_ids": [draw(st.sampled_from(DOCUMENTS))],
        "person_ids": draw(st.sampled_from([["p_holder"], ["p_insured"], ["p_holder", "p_insured"]])),
        "role_ids": draw(st.sampled_from([["policyholder:p_holder"], ["insured:p_insured"], ["insured:p_nobody"]])),
        "location": draw(st.sampled_from(["remote", "with_agent"])),
        "mode": draw(st.sampled_from(["reader", "screen"])),
        "method": draw(st.sampled_from(["camera", "share", "on_site"])),
        "verdict": draw(st.sampled_from(["affirmative", "negative", "unclear", "silent", "not_measured", "nonsense"])),
        "reason": draw(st.sampled_from(["", "lobby_expired", "agent_absent", "一个写得足够长的理由"])),
        "engine": draw(st.sampled_from(["media", "speech", "vision"])),
        "is_up": draw(st.booleans()),
        "is_on": draw(st.booleans()),
        "is_active": draw(st.booleans()),
        "kind": draw(st.sampled_from(["mic", "camera", "screen"])),
        "leg_id": draw(st.sampled_from([None, "leg1", "leg2"])),
        "page": draw(st.integers(1, 4)),
        "zoom": draw(st.sampled_from([0.8, 1.0, 2.0])),
        "visible": draw(st.sampled_from([(0.0, 0.0, 0.5, 0.5), (0.0, 0.5, 1.0, 1.0), (0.3, 0.0, 0.7, 0.9)])),
        "strokes": SIGNATURE,
        "recording": True,
        "face_and_identity": True,
        "ai_voice": draw(st.sampled_from([True, True, True, False])),
        "completed": draw(st.sampled_from([True, True, False])),
        "duration_ms": draw(st.integers(0, 9000)),
        "problem": "X",
        "code": "DARK",
        "text": "是的",
        "expires_at": "2026-11-22T03:00:00+00:00",
        "until": "2026-11-22T02:10:00+00:00",
    }
    return name, Actor(kind, seat if kind != SYSTEM else ""), params, draw(st.sampled_from([0.0, 0.2, 1.0, 5.0, 70.0]))


def fitting(room: Room, name: str, params: dict[str, Any]) -> dict[str, Any]:
    """Parameters that name the current node, prompt, window and recording, so that walks get somewhere."""
    node = room.state.node
    windows = [run.window_id for run in node.answers.values() if run.window_id] if node else []
    t_ms = room.state.t_ms(room.now) or 0
    more: dict[str, Any] = {
        "node_id": node.node_id if node else "none",
        "prompt_id": node.prompt.prompt_id if node else "none",
        "window_id": windows[0] if windows else "none",
        "recording_id": "rec_1",
        "started_at": room.now.isoformat(),
        "ended_at": room.now.isoformat(),
        "t_ms": t_ms,
        "start_ms": t_ms,
        "end_ms": t_ms + 800,
        "engine": "ctc" if name == "answer_heard" else params["engine"],
        "marks": [],
    }
    return {**params, **more}


START_FROM = st.sampled_from(["empty", "lobby", "recording", "read_documents", "sign_documents", "closing"])
WALK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@cache
def reached(where: str) -> Room:
    """A room brought to a place once; states are values, so walks may start from it again and again."""
    room = Room(SETUP)
    if where == "empty":
        return room
    room.lobby_full()
    if where == "lobby":
        return room
    room.start()
    return room if where == "recording" else room.go_to(where)


def begin(where: str) -> Room:
    start = reached(where)
    room = Room(SETUP, START)
    room.state, room.log, room.now = start.state, list(start.log), start.now
    return room


@WALK
@given(START_FROM, st.lists(steps(), max_size=25))
def test_laws_of_any_walk(where: str, walk: list[tuple[str, Actor, dict[str, Any], float]]) -> None:
    room = begin(where)
    for name, actor, params, seconds in walk:
        room.wait(seconds)
        before = room.state
        decided = room.do(name, actor, **fitting(room, name, params))
        after = room.state
        if isinstance(decided, Refusal):
            assert after is before
            continue
        # A customer can never advance, nor use any control of the agent.
        if decided and actor.kind != AGENT:
            assert name not in CONTROLS
        # Nothing but the recording's close after the end.
        if before.is_over:
            assert {event.type for event in decided} <= {"recording_stopped"}
            assert after.phase == before.phase
        # No next during a share; nodes go one forward, never back, never two.
        if before.node is not None and after.node is not None and before.node.index != after.node.index:
            assert name == "advance"
            assert after.node.index == before.node.index + 1
            assert before.share is None
        # At most one share, by somebody who is there.
        if after.share is not None:
            assert after.phase == "recording"
            assert after.seats[after.share.seat_id].presence == "present"
        # Recording starts only from a full lobby.
        if before.phase == "lobby" and after.phase == "recording":
            assert name == "recording_started"
            assert before.recording.state == "starting"
        # No answer window while the prompt is not over.
        if after.node is not None and not after.is_over:
            open_windows = [run for run in after.node.answers.values() if run.window_id]
            assert not open_windows or after.node.prompt.state in ("finished", "read_aloud")
        # Roles have one holder each.
        claimed = [role for seat in after.seats.values() for role in seat.role_ids]
        assert len(claimed) == len(set(claimed))
        assert after.phase in ("lobby", "recording", "ended", "declined", "aborted")
    # The log alone gives the same state.
    assert replay(initial(SETUP, room.state.created_at), room.log) == room.state


@WALK
@given(st.sampled_from(["recording", "read_documents", "sign_documents", "closing"]), st.lists(steps(), max_size=25))
def test_a_completed_session_has_every_answer_and_every_paper(
    where: str, walk: list[tuple[str, Actor, dict[str, Any], float]]
) -> None:
    room = begin(where)
    for name, actor, params, seconds in walk:
        room.wait(seconds)
        room.do(name, actor, **fitting(room, name, params))
    done = set(room.state.nodes_done)
    order = [node.node_id for node in SETUP.nodes]
    assert done == set(order[: len(done)]), "no node is skipped"
    for spec in SETUP.nodes:
        if spec.node_id not in done:
            continue
        given_to = {
            event.data["person_id"]
            for event in room.log
            if event.type in ("answer_given", "answer_overridden")
            and event.data["node_id"] == spec.node_id
            and event.data["verdict"] == "affirmative"
        }
        if spec.lexicon is not None:
            assert {p.person_id for p in SETUP.standing_for(spec.audience)} <= given_to
    if room.state.phase == "ended":
        assert done == set(order)
    for event in room.log:
        if event.type == "answer_given" and event.data["verdict"] == "affirmative":
            assert event.data["end_ms"] > event.data["start_ms"], "no pass without audio"
            assert event.data["engine"]


@given(st.text(alphabet="不没是的清楚明白同意我太有了嗯", max_size=8))
def test_no_text_with_a_negated_phrase_is_affirmative(text: str) -> None:
    lexicon = Lexicon(("清楚", "是的", "同意", "明白"), ("不清楚", "不是", "没有", "不同意", "不明白"))
    found = polarity(text, lexicon)
    assert found in (AFFIRMATIVE, NEGATIVE, UNCLEAR, SILENT)
    for phrase in lexicon.affirmative:
        for sign in "不没":
            if sign + phrase in text:
                assert found != AFFIRMATIVE


@given(
    st.sampled_from(["affirmative", "negative", "unclear", "silent", "not_measured", "pass", ""]),
    st.one_of(st.none(), st.integers(-5, 5000)),
    st.one_of(st.none(), st.integers(-5, 5000)),
    st.sampled_from(["", "ctc"]),
    st.integers(0, 4000),
)
def test_a_verdict_needs_audio_after_the_prompt(
    verdict: str, start: int | None, end: int | None, engine: str, ended: int
) -> None:
    lexicon = Lexicon(("清楚",), ("不清楚",))
    counted, _ = judged(Heard(verdict, "清楚", "清楚", 0.9, start, end, engine), lexicon, not_before_ms=ended)
    if counted in (AFFIRMATIVE, NEGATIVE):
        assert counted == verdict
        assert engine
        assert start is not None
        assert end is not None
        assert ended <= start < end


def test_walks_reach_the_interesting_places() -> None:
    """The laws above would be empty if walks never got past the lobby."""
    room = begin("closing")
    assert len(room.state.nodes_done) == len(SHORT) - 1
    room.finish_node()
    room.ok("end_recording", room.agent)
    assert room.state.phase == "ended"
    assert room.state.ledger.entry(HOLDER.person_id, "d_terms").dwell_ms > 0
    assert room.state.ledger.entry(INSURED.person_id, "d_proposal_form").signature_sha256
