"""The behaviours T1–T23 of the remote recording, and its negative tests, one test or more for each line.

T1 (registration) is tested in `tests/integration/core/test_sign_in.py`; T2, T3 (identity) and T5 over HTTP in
`tests/integration/sessions/test_join.py`.
"""

from datetime import timedelta
from typing import Any

import pytest

from server.domain.ledger import missing as lacking
from server.domain.session import decide, due
from server.domain.session_checks import may_join_media, start_missing
from server.domain.session_setup import Person
from tests.support.session_room import HOLDER, INSURED, SIGNATURE, Room, make_setup

CHILD = Person("p_child", "s_child", "张小宝", ("insured",), 8, False, represented_by="p_guard")
GUARDIAN = Person("p_guard", "s_guard", "李秀英", ("guardian",), 38, True, phone_last4="3333")
BOTH = Person("p_both", "s_both", "赵一一", ("policyholder", "insured"), 35, True)
SPOUSE = Person("p_spouse", "s_spouse", "钱二二", ("insured",), 66, True, phone_last4="1111")


def reading() -> Room:
    return Room().recording().go_to("read_documents")


def question() -> Room:
    return Room().recording().go_to("product_nature")


# ── before ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_t3_no_reading_or_signing_before_recording() -> None:
    room = Room().lobby_full()
    for name, params in (
        ("document.open", {"document_id": "d_terms"}),
        ("document.view", {"document_id": "d_terms", "page": 1, "zoom": 1.0, "visible": (0, 0, 1, 1)}),
        ("document.sign", {"document_id": "d_proposal_form", "person_id": None, "strokes": SIGNATURE}),
        ("start_share", {"mode": "reader"}),
    ):
        assert room.refused(name, room.seat(HOLDER), **params).code == "PHASE_WRONG"


def test_t4_agent_notes_questions_inside_the_node() -> None:
    room = question()
    room.ok("add_note", room.agent, text="客户问犹豫期从哪天算起，已按条款解释")
    assert room.state.node is not None
    assert room.state.node.notes[0][1].startswith("客户问")
    assert room.refused("add_note", room.seat(HOLDER), text="x").code == "FORBIDDEN"


def test_t4_consent_precedes_everything_and_refusal_declines() -> None:
    room = Room().engines_up()
    room.enter_agent()
    room.claim(HOLDER)
    assert room.refused("enter_room", room.seat(HOLDER)).code == "CONSENT_MISSING"
    room.ok("give_consents", room.seat(HOLDER), recording=False, face_and_identity=True, ai_voice=True)
    assert room.state.phase == "declined"
    assert room.refused("start_recording", room.agent).code == "SESSION_OVER"


# ── room ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_t6_agent_enters_first_and_customers_wait() -> None:
    room = Room().engines_up()
    room.claim(HOLDER)
    room.consent(HOLDER)
    room.ok("enter_room", room.seat(HOLDER))
    seat = room.state.seats["s_holder"]
    assert seat.presence == "waiting"
    reason = may_join_media(room.state, seat)
    assert reason is not None
    assert reason.code == "AGENT_NOT_IN"
    room.enter_agent()
    assert may_join_media(room.state, room.state.seats["s_holder"]) is None


def test_t6_recording_cannot_start_until_all_roles_are_present() -> None:
    room = Room().engines_up()
    room.enter_agent()
    room.claim(HOLDER)
    room.consent(HOLDER)
    room.enter(HOLDER)
    refusal = room.refused("start_recording", room.agent)
    assert refusal.code == "START_INCOMPLETE"
    assert [(m["code"], m["params"]["person_id"]) for m in refusal.params["missing"]] == [("ROLE_UNCLAIMED", "p_insured")]


def test_t6_negative_start_without_insured() -> None:
    room = Room().lobby_full()
    room.ok("media_interrupted", seat_id="s_insured", leg_id=room.state.seats["s_insured"].leg_id)
    refusal = room.refused("start_recording", room.agent)
    assert refusal.code == "START_INCOMPLETE"
    assert room.missing(refusal) == ["PERSON_NOT_PRESENT"]


def test_t7_one_person_takes_several_roles() -> None:
    room = Room(make_setup((BOTH,), insured_is_policyholder=True)).engines_up()
    room.enter_agent()
    room.ok("claim_roles", role_ids=["policyholder:p_both"], person_ids=["p_both"])
    assert [r.params["role"] for r in start_missing(room.state) if r.code == "ROLE_UNCLAIMED"] == ["insured"]
    room.claim(BOTH)
    room.consent(BOTH)
    room.enter(BOTH)
    assert start_missing(room.state) == []


def test_t7_two_people_before_one_phone_take_both_roles() -> None:
    room = Room(make_setup((HOLDER, SPOUSE))).engines_up()
    room.enter_agent()
    roles = ["policyholder:p_holder", "insured:p_spouse"]
    room.ok("claim_roles", role_ids=roles, person_ids=["p_holder", "p_spouse"])
    room.consent(HOLDER)
    room.enter(HOLDER)
    assert start_missing(room.state) == []
    room.start()
    room.speak_prompt()
    # They hear each other, so their windows open one after the other.
    assert room.window(HOLDER) is not None
    assert room.window(SPOUSE) is None
    room.answer(HOLDER)
    assert room.window(SPOUSE) is not None


def test_t7_role_not_in_the_application_is_refused() -> None:
    room = Room()
    refusal = room.refused("claim_roles", role_ids=["guardian:p_holder"], person_ids=["p_holder"])
    assert refusal.code == "ROLE_NOT_IN_CASE"


def test_t7_role_of_somebody_else_is_refused() -> None:
    room = Room()
    assert room.refused("claim_roles", role_ids=["insured:p_insured"], person_ids=["p_holder"]).code == "ROLE_FOREIGN"


def test_t7_role_already_taken_is_refused() -> None:
    room = Room(make_setup((HOLDER, SPOUSE)))
    same_phone = ["p_holder", "p_spouse"]
    room.ok("claim_roles", role_ids=["policyholder:p_holder"], person_ids=same_phone)
    room.consent(HOLDER)
    room.ok("enter_room", room.seat(HOLDER))
    both = ["insured:p_spouse", "policyholder:p_holder"]
    assert room.refused("claim_roles", role_ids=both, person_ids=same_phone).code == "ROLE_TAKEN"
    assert room.refused("claim_roles", role_ids=["policyholder:p_holder"], person_ids=["p_spouse"]).code == "ROLE_TAKEN"


def test_t7_negative_same_person_two_codes_returns_to_the_one_seat() -> None:
    room = Room()
    room.claim(HOLDER)
    seats = {s.seat_id for s in room.state.seats.values() if s.role_ids}
    assert room.ok("claim_roles", role_ids=["policyholder:p_holder"], person_ids=["p_holder"]) == []
    assert {s.seat_id for s in room.state.seats.values() if s.role_ids} == seats
    assert sum("policyholder:p_holder" in s.role_ids for s in room.state.seats.values()) == 1


def test_t8_entering_is_not_recording() -> None:
    room = Room().lobby_full()
    assert room.state.phase == "lobby"
    assert room.state.recording.state == "idle"
    room.start()
    assert (room.state.phase, room.state.recording.state) == ("recording", "running")


@pytest.mark.parametrize(
    "command", ["start_recording", "advance", "replay_prompt", "end_recording", "override_answer", "abort_session"]
)
def test_t9_only_the_agent_controls(command: str) -> None:
    params = {"node_id": "x", "person_id": "p_holder", "reason": "x" * 10, "verdict": "affirmative"}
    for room in (Room().lobby_full(), question()):
        for person in (HOLDER, INSURED):
            assert room.refused(command, room.seat(person), **params).code == "FORBIDDEN"


def test_t10_negative_customer_calls_next() -> None:
    room = question()
    room.finish_node()
    assert room.refused("advance", room.seat(HOLDER), node_id=room.node_id).code == "FORBIDDEN"
    assert room.node_id == "product_nature"


# ── nodes ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_t11_agent_shows_certificates_and_policyholder_confirms() -> None:
    room = Room().recording().go_to("agent_identity")
    room.speak_prompt()
    refusal = room.refused("advance", room.agent, node_id=room.node_id)
    assert room.missing(refusal) == ["AGENT_ID_NOT_CONFIRMED", "AGENT_NOT_HEARD"]
    room.say()
    assert room.refused("confirm_id", room.agent, node_id=room.node_id, person_id="agent", method="camera").code == "FORBIDDEN"
    insured = room.seat(INSURED)
    assert room.refused("confirm_id", insured, node_id=room.node_id, person_id="agent", method="camera").code == "FORBIDDEN"
    room.ok("confirm_id", room.seat(HOLDER), node_id=room.node_id, person_id="agent", method="camera")
    room.advance()


def test_t12_each_customer_shows_their_own_certificate() -> None:
    room = Room().recording().go_to("customer_identity")
    room.speak_prompt()
    for person in (HOLDER, INSURED):  # the agent looks at them; no customer vouches for another, or for themselves
        params = {"node_id": room.node_id, "person_id": "p_holder", "method": "camera"}
        assert room.refused("confirm_id", room.seat(person), **params).code == "FORBIDDEN"
    room.ok("confirm_id", room.agent, node_id=room.node_id, person_id="p_holder", method="camera")
    refusal = room.refused("advance", room.agent, node_id=room.node_id)
    assert [m["params"]["person_id"] for m in refusal.params["missing"]] == ["p_insured"]
    room.ok("start_share", room.seat(INSURED), mode="screen")
    room.ok("confirm_id", room.agent, node_id=room.node_id, person_id="p_insured", method="share")
    room.ok("stop_share", room.seat(INSURED), reason="user")
    room.advance()


def test_t12_minor_is_represented_by_the_guardian() -> None:
    setup = make_setup((HOLDER, CHILD, GUARDIAN), insured_is_minor=True)
    room = Room(setup).recording().go_to("customer_identity")
    room.speak_prompt()
    refusal = room.refused("advance", room.agent, node_id=room.node_id)
    assert [m["params"]["person_id"] for m in refusal.params["missing"]] == ["p_holder", "p_guard"]
    assert "s_child" not in room.state.seats


def test_t13_prompt_plays_by_itself_and_a_question_needs_a_spoken_reply() -> None:
    room = question()
    assert room.state.node is not None
    assert room.state.node.prompt.state == "preparing"
    room.speak_prompt()
    assert room.missing(room.refused("advance", room.agent, node_id=room.node_id)) == ["ANSWER_PENDING"]
    room.answer(HOLDER)
    room.advance()


def test_t13_replay_repeats_the_same_text_and_is_logged() -> None:
    room = question()
    room.speak_prompt()
    room.answer(HOLDER, "unclear", "嗯")
    first = next(e for e in room.log if e.type == "prompt_requested" and e.data["node_id"] == room.node_id)
    room.ok("replay_prompt", room.agent, node_id=room.node_id)
    again = [e for e in room.log if e.type == "prompt_requested" and e.data["node_id"] == room.node_id][-1]
    assert again.data["text_sha256"] == first.data["text_sha256"]
    assert again.data["prompt_id"] != first.data["prompt_id"]
    assert room.types().count("prompt_replayed") == 1


def test_t13_answers_open_only_after_the_prompt_has_ended() -> None:
    room = question()
    assert room.window(HOLDER) is None
    assert room.state.node is not None
    room.ok("prompt_started", prompt_id=room.state.node.prompt.prompt_id, t_ms=room.t_ms(), duration_ms=3000, marks=[])
    assert room.window(HOLDER) is None
    room.ok("prompt_finished", prompt_id=room.state.node.prompt.prompt_id, t_ms=room.t_ms(), completed=True)
    assert room.window(HOLDER) is not None


def test_t13_negative_tts_echo_does_not_count_as_an_answer() -> None:
    room = question()
    room.speak_prompt()
    ended = room.state.node.prompt.finished_t_ms if room.state.node else 0
    assert ended is not None
    events = room.answer(HOLDER, start_ms=ended - 800, end_ms=ended - 100)
    assert events[0].data["verdict"] == "unclear"
    assert "BEFORE_PROMPT_END" in events[0].data["reasons"]
    assert room.missing(room.refused("advance", room.agent, node_id=room.node_id)) == ["ANSWER_UNCLEAR"]


def test_t13_a_stopped_prompt_opens_no_answers() -> None:
    room = question()
    assert room.state.node is not None
    prompt_id = room.state.node.prompt.prompt_id
    room.ok("prompt_started", prompt_id=prompt_id, t_ms=room.t_ms(), duration_ms=3000, marks=[])
    room.ok("prompt_finished", prompt_id=prompt_id, t_ms=room.t_ms(), completed=False)
    assert room.window(HOLDER) is None
    assert "PROMPT_NOT_FINISHED" in room.missing(room.refused("advance", room.agent, node_id=room.node_id))


def test_t14_every_document_to_its_bottom_titles_enlarged() -> None:
    room = reading()
    room.speak_prompt()
    room.share_and_do_all(HOLDER)
    room.advance()
    entry = room.state.ledger.entry("p_holder", "d_terms")
    assert entry.title_ms >= 500
    assert set(entry.pages) == {1, 2, 3}


def test_t14_negative_document_at_90_percent_scroll() -> None:
    room = reading()
    room.speak_prompt()
    room.share(HOLDER)
    room.ok("document.open", room.seat(HOLDER), document_id="d_terms")
    room.view_for_number(HOLDER, "d_terms")
    room.wait(1)
    for page in (1, 2, 3):
        room.view(HOLDER, "d_terms", page, bottom=0.9)
        room.wait(2)
    room.view(HOLDER, "d_terms", 3, bottom=0.9)
    room.unshare(HOLDER)
    refusal = room.refused("advance", room.agent, node_id=room.node_id)
    assert room.missing(refusal) == ["DOCUMENT_BOTTOM_NOT_REACHED"]
    assert refusal.params["missing"][0]["params"]["pages"] == [1, 2, 3]
    assert refusal.params["missing"][0]["params"]["document_name"] == "保险条款"


def test_t14_negative_title_not_zoomed() -> None:
    room = reading()
    room.speak_prompt()
    room.share(HOLDER)
    room.ok("document.open", room.seat(HOLDER), document_id="d_terms")
    for zoom in (1.0, 1.49):  # the title is on screen for long, and not large enough
        room.ok("document.view", room.seat(HOLDER), document_id="d_terms", page=1, zoom=zoom, visible=(0.17, 0.0, 0.83, 0.4))
        room.wait(5)
    for page in (1, 2, 3):
        room.view(HOLDER, "d_terms", page)
        room.wait(2)
    room.view(HOLDER, "d_terms", 3)
    entry = room.state.ledger.entry("p_holder", "d_terms")
    assert (entry.title_ms, entry.number_ms) == (0, 0)
    room.unshare(HOLDER)
    assert room.missing(room.refused("advance", room.agent, node_id=room.node_id)) == ["DOCUMENT_TITLE_NOT_ENLARGED"]


def test_t14_a_title_beside_the_screen_is_not_shown_enlarged() -> None:
    room = reading()
    room.speak_prompt()
    room.share(HOLDER)
    room.ok("document.open", room.seat(HOLDER), document_id="d_terms")
    for page, visible in ((1, (0.0, 0.5, 0.5, 1.0)), (2, (0.2, 0.0, 0.75, 0.3))):  # below it, and on another page
        room.ok("document.view", room.seat(HOLDER), document_id="d_terms", page=page, zoom=1.8, visible=visible)
        room.wait(5)
    room.view(HOLDER, "d_terms", 3)
    assert room.state.ledger.entry("p_holder", "d_terms").title_ms == 0


def test_t14_signing_needs_the_number_enlarged_as_well() -> None:
    room = Room().recording().go_to("sign_documents")
    room.speak_prompt()
    room.share(HOLDER)
    paper = room.setup.document("d_exclusion_note")
    assert paper is not None
    room.ok("document.open", room.seat(HOLDER), document_id=paper.document_id)
    room.ok("document.view", room.seat(HOLDER), document_id=paper.document_id, page=1, zoom=2.0, visible=(0.25, 0.0, 0.75, 0.13))
    room.wait(1)
    room.view(HOLDER, paper.document_id, 1)
    room.wait(2)
    room.view(HOLDER, paper.document_id, 1)
    codes = [code for code, _ in lacking(room.state.ledger.entry("p_holder", paper.document_id), paper, "sign", room.setup.rules)]
    assert codes == ["DOCUMENT_NUMBER_NOT_ENLARGED", "DOCUMENT_NOT_SIGNED"]


def test_t14_read_first_then_sign() -> None:
    room = Room().recording().go_to("sign_documents")
    room.speak_prompt()
    room.share(HOLDER)
    room.ok("document.open", room.seat(HOLDER), document_id="d_proposal_form")
    params = {"document_id": "d_proposal_form", "person_id": None, "strokes": SIGNATURE}
    assert room.refused("document.sign", room.seat(HOLDER), **params).code == "DOCUMENT_NOT_READ"
    room.read(HOLDER, "d_proposal_form")
    dot = [[{"x": 0.5, "y": 0.5, "t": 0}]]
    assert room.refused("document.sign", room.seat(HOLDER), **{**params, "strokes": dot}).code == "SIGNATURE_EMPTY"
    signed = room.sign(HOLDER, "d_proposal_form")[0]
    assert len(signed.data["strokes_sha256"]) == 64
    assert room.refused("document.sign", room.seat(HOLDER), **params).code == "SIGNATURE_EXISTS"


def test_t14_pages_claimed_without_time_are_not_seen() -> None:
    room = reading()
    room.speak_prompt()
    room.share(HOLDER)
    room.ok("document.open", room.seat(HOLDER), document_id="d_terms")
    for page in (1, 2, 3):
        room.view(HOLDER, "d_terms", page)
    room.unshare(HOLDER)
    codes = room.missing(room.refused("advance", room.agent, node_id=room.node_id))
    assert codes == ["DOCUMENT_PAGES_UNSEEN", "DOCUMENT_TITLE_NOT_ENLARGED", "DOCUMENT_DWELL_SHORT"]


def test_t14_impossible_reports_are_refused() -> None:
    room = reading()
    room.speak_prompt()
    room.share(HOLDER)
    seat = room.seat(HOLDER)
    view = {"document_id": "d_terms", "page": 1, "zoom": 1.0, "visible": (0.0, 0.0, 1.0, 1.0)}
    assert room.refused("document.view", seat, **view).code == "DOCUMENT_NOT_OPENED"
    room.ok("document.open", seat, document_id="d_terms")
    for wrong in ({"page": 4}, {"visible": (0.5, 0.0, 0.4, 1.0)}, {"zoom": 3.0}):
        assert room.refused("document.view", seat, **{**view, **wrong}).code == "VIEW_INVALID"


def test_t15_negative_next_during_share() -> None:
    room = reading()
    room.speak_prompt()
    room.share(HOLDER)
    refusal = room.refused("advance", room.agent, node_id=room.node_id)
    assert refusal.code == "SESSION_SHARE_ACTIVE"
    assert refusal.params["name"] == "张三丰"


def test_t16_negative_two_shares_at_once() -> None:
    room = Room().recording().go_to("sign_documents")
    room.speak_prompt()
    room.share(HOLDER)
    assert room.refused("start_share", room.seat(INSURED), mode="reader").code == "SESSION_SHARE_ACTIVE"
    assert room.refused("start_share", room.agent, mode="screen").code == "SESSION_SHARE_ACTIVE"
    room.unshare(HOLDER)
    room.share(INSURED)
    assert room.state.share is not None
    assert room.state.share.seat_id == "s_insured"


def test_t16_customers_share_one_after_the_other() -> None:
    room = Room().recording().go_to("sign_documents")
    room.speak_prompt()
    room.share_and_do_all(HOLDER)
    refusal = room.refused("advance", room.agent, node_id=room.node_id)
    assert {m["params"]["person_id"] for m in refusal.params["missing"]} == {"p_insured"}
    room.share_and_do_all(INSURED)
    room.advance()


def test_t17_people_with_the_agent_are_confirmed_by_the_agent() -> None:
    room = reading()
    room.speak_prompt()
    params = {"node_id": room.node_id, "person_id": "p_holder", "document_ids": ["d_terms"]}
    assert room.refused("confirm_on_site", room.agent, **params).code == "PERSON_NOT_ON_SITE"
    room.ok("set_location", room.agent, seat_id="s_holder", location="with_agent")
    assert "DOCUMENT_NOT_OPENED" in room.missing(room.refused("advance", room.agent, node_id=room.node_id))
    assert room.refused("start_share", room.seat(HOLDER), mode="reader").code == "SHARE_NOT_NEEDED"
    room.ok("document.open", room.seat(HOLDER), document_id="d_terms")
    assert room.refused("confirm_on_site", room.seat(HOLDER), **params).code == "FORBIDDEN"
    assert room.refused("confirm_on_site", room.agent, **{**params, "document_ids": ["d_nothing"]}).code == "DOCUMENT_UNKNOWN"
    room.ok("confirm_on_site", room.agent, **params)
    room.advance()


def test_t18_one_share_may_cover_all_documents() -> None:
    room = reading()
    room.speak_prompt()
    room.share(HOLDER)
    room.read(HOLDER, "d_terms")
    for document in ("d_insurance_prompt", "d_exclusion_note", "d_proposal_form"):
        room.read(HOLDER, document)
        room.sign(HOLDER, document)
    room.unshare(HOLDER)
    room.advance()
    room.speak_prompt()
    refusal = room.refused("advance", room.agent, node_id=room.node_id)
    assert {m["params"]["person_id"] for m in refusal.params["missing"]} == {"p_insured"}
    assert room.types().count("share_started") == 1


@pytest.mark.parametrize(
    ("command", "params", "reason"),
    [
        ("media_interrupted", {}, "interrupted"),
        ("media_closed", {"reason": "closed_by_peer"}, "closed"),
        ("track_changed", {"kind": "screen", "is_on": False}, "track_ended"),
    ],
)
def test_t19_an_abrupt_end_is_an_end_with_reason(command: str, params: dict[str, Any], reason: str) -> None:
    room = reading()
    room.speak_prompt()
    room.share(HOLDER)
    room.ok("track_changed", seat_id="s_holder", kind="screen", is_on=True)
    room.ok(command, seat_id="s_holder", leg_id=room.state.seats["s_holder"].leg_id, **params)
    assert room.state.share is None
    assert next(e for e in reversed(room.log) if e.type == "share_ended").data["reason"] == reason


def test_t19_a_share_without_pictures_for_some_seconds_is_still_a_share() -> None:
    room = reading()
    room.speak_prompt()
    room.share(HOLDER)
    silent: dict[str, Any] = {"seat_id": "s_holder", "kind": "screen", "reason": "silent"}
    room.ok("track_changed", is_on=True, **silent)
    room.ok("track_changed", is_on=False, **silent)
    assert room.types().count("share_ended") == 0
    room.wait(room.state.setup.rules.share_silent_s - 1)
    room.ok("track_changed", is_on=True, **silent)
    room.wait(room.state.setup.rules.share_silent_s)
    assert not [command for _, command in due(room.state) if command.name == "share_silent"]
    assert room.types().count("share_ended") == 0
    room.ok("track_changed", is_on=False, **silent)
    at, command = next((at, command) for at, command in due(room.state) if command.name == "share_silent")
    assert decide(room.state, command, at - timedelta(milliseconds=1)) == []
    room.wait(room.state.setup.rules.share_silent_s)
    room.ok("share_silent")
    assert next(e for e in reversed(room.log) if e.type == "share_ended").data["reason"] == "no_picture"


def test_a_page_tells_what_it_lacks_and_each_change_once() -> None:
    room = reading()
    room.ok("report_state", room.seat(HOLDER), is_hidden=True, is_mic_muted=True, is_camera_muted=False)
    assert room.state.seats["s_holder"].lapses == {"hidden", "mic_muted"}
    room.ok("report_state", room.seat(HOLDER), is_hidden=True, is_mic_muted=True, is_camera_muted=False)
    assert room.types().count("page_state_changed") == 1
    room.ok("report_state", room.seat(HOLDER), is_hidden=False, is_mic_muted=False, is_camera_muted=False)
    assert room.state.seats["s_holder"].lapses == frozenset()


def test_t19_negative_reconnect_mid_share_resumes_as_a_new_logged_share() -> None:
    room = reading()
    room.speak_prompt()
    room.share(HOLDER)
    room.ok("document.open", room.seat(HOLDER), document_id="d_terms")
    room.view_for_number(HOLDER, "d_terms")
    room.ok("media_interrupted", seat_id="s_holder", leg_id=room.state.seats["s_holder"].leg_id)
    assert room.refused("start_share", room.seat(HOLDER), mode="reader").code == "PERSON_NOT_PRESENT"
    room.wait(20)
    room.connect(room.seat(HOLDER), "leg_new")
    room.share(HOLDER)
    room.view_for_number(HOLDER, "d_terms")
    assert room.state.ledger.entry("p_holder", "d_terms").dwell_ms == 0
    shares = [e.data["share_id"] for e in room.log if e.type == "share_started"]
    assert len(set(shares)) == 2


def test_t20_agent_sees_reading_and_signing_live() -> None:
    room = reading()
    room.speak_prompt()
    room.share(HOLDER)
    room.ok("document.open", room.seat(HOLDER), document_id="d_terms")
    room.view(HOLDER, "d_terms", 2)
    share = room.state.share
    assert share is not None
    assert (share.document_id, share.page) == ("d_terms", 2)


def test_t21_next_is_refused_with_who_and_which_document() -> None:
    room = reading()
    room.speak_prompt()
    refusal = room.refused("advance", room.agent, node_id=room.node_id)
    assert refusal.code == "NODE_INCOMPLETE"
    item = refusal.params["missing"][0]
    assert (item["code"], item["params"]["name"], item["params"]["document_name"]) == (
        "DOCUMENT_NOT_OPENED",
        "张三丰",
        "保险条款",
    )


def test_t21_negative_skip_node() -> None:
    room = Room().recording()
    later = room.setup.nodes[4].node_id
    assert room.refused("advance", room.agent, node_id=later).code == "NODE_NOT_CURRENT"
    room.finish_node()
    first = room.node_id
    room.advance()
    assert room.refused("advance", room.agent, node_id=first).code == "NODE_NOT_CURRENT"
    assert room.state.node is not None
    assert room.state.node.index == 1
    assert room.refused("end_recording", room.agent).code == "NODES_REMAINING"


def test_t21_negative_end_before_the_last_node_is_done() -> None:
    room = Room().recording().go_to("closing")
    refusal = room.refused("end_recording", room.agent)
    assert (refusal.code, room.missing(refusal)[0]) == ("NODE_INCOMPLETE", "PROMPT_NOT_FINISHED")
    assert (room.state.phase, room.state.recording.state) == ("recording", "running")


def test_t22_soft_timer_warns_and_stops_nothing() -> None:
    room = question()
    room.wait(901)
    room.fire_timers()
    assert room.state.is_soft_timer_passed
    assert room.state.phase == "recording"
    room.finish_node()
    room.advance()


def test_t23_finish_stops_the_recording_and_nothing_follows() -> None:
    room = Room().recording().go_to("closing")
    room.finish_node()
    room.ok("end_recording", room.agent)
    assert (room.state.phase, room.state.recording.state) == ("ended", "stopping")
    room.ok("recording_stopped", duration_ms=1000, ended_at=room.now.isoformat())
    assert room.state.recording.state == "stopped"
    assert room.refused("advance", room.agent, node_id="closing").code == "SESSION_OVER"
