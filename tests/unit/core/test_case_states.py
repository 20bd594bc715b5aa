"""Laws of a case's life: exactly one state, nothing after an end, no sale without consent, no pass without inspection."""

from hypothesis import given
from hypothesis import strategies as st

from server.domain.case import (
    FINAL_STATES,
    RECORDABLE_STATES,
    TRANSITIONS,
    CaseEvent,
    CaseState,
    Refusal,
    allowed_events,
    next_state,
)

EVENTS = st.lists(st.sampled_from(CaseEvent), max_size=60)


def run(events: list[CaseEvent]) -> list[tuple[CaseState, CaseEvent, CaseState]]:
    """Apply events from the beginning; those that do not apply change nothing."""
    state, steps = CaseState.DRAFT, []
    for event in events:
        after = next_state(state, event)
        if isinstance(after, Refusal):
            assert (after.state, after.event) == (state, event)
            continue
        steps.append((state, event, after))
        state = after
    return steps


@given(EVENTS)
def test_nothing_follows_an_end(events: list[CaseEvent]) -> None:
    assert all(before not in FINAL_STATES for before, _, _ in run(events))


@given(EVENTS)
def test_a_pass_needs_a_sealed_recording_and_an_inspection(events: list[CaseEvent]) -> None:
    seen: list[CaseEvent] = []
    for _, event, after in run(events):
        seen.append(event)
        if after is CaseState.PASSED:
            order = [CaseEvent.IDENTITY_COMPLETED, CaseEvent.SESSION_STARTED, CaseEvent.RECORDING_FINISHED]
            order += [CaseEvent.RECORDING_SEALED, CaseEvent.INSPECTION_STARTED, CaseEvent.INSPECTION_PASSED]
            position = -1
            for needed in order:
                position = seen.index(needed, position + 1)


@given(EVENTS)
def test_a_session_starts_only_where_recording_is_allowed(events: list[CaseEvent]) -> None:
    assert all(before in RECORDABLE_STATES for before, event, _ in run(events) if event is CaseEvent.SESSION_STARTED)


@given(EVENTS)
def test_refused_consent_ends_the_case(events: list[CaseEvent]) -> None:
    steps = run(events)
    assert all(after is CaseState.DECLINED for _, event, after in steps if event is CaseEvent.CONSENT_DECLINED)
    assert [event for _, event, _ in steps].count(CaseEvent.CONSENT_DECLINED) <= 1


def test_every_state_is_reached_and_only_ends_are_dead_ends() -> None:
    reached = {CaseState.DRAFT} | set(TRANSITIONS.values())
    assert reached == set(CaseState)
    assert {state for state in CaseState if not allowed_events(state)} == FINAL_STATES


def test_a_recorded_case_cannot_be_cancelled_away() -> None:
    for state in (CaseState.IN_SESSION, CaseState.FINALISING, CaseState.PENDING_INSPECTION, CaseState.PASSED):
        assert CaseEvent.CANCELLED not in allowed_events(state)
