"""The life of a case (双录任务): states, events and the one table of transitions. Pure rules.

draft → identity_pending → ready → in_session → finalising → pending_inspection → in_inspection → passed | rejected.
A rejected case is answered by a supplementary recording, which goes the same way again; the first recording stays. When that
session is broken off the case still owes the supplementary recording: it goes back to `supplementary`, never to `ready`.
Refusing consent ends the case as declined: nothing can be sold on it (54号: no consent, no sale).
"""

from dataclasses import dataclass
from enum import StrEnum


class CaseState(StrEnum):
    """Where a case stands."""

    DRAFT = "draft"
    IDENTITY_PENDING = "identity_pending"
    READY = "ready"
    IN_SESSION = "in_session"
    FINALISING = "finalising"
    PENDING_INSPECTION = "pending_inspection"
    IN_INSPECTION = "in_inspection"
    PASSED = "passed"
    REJECTED = "rejected"
    SUPPLEMENTARY = "supplementary"
    DECLINED = "declined"
    CANCELLED = "cancelled"


class CaseEvent(StrEnum):
    """What can happen to a case."""

    OPENED = "opened"
    IDENTITY_REQUESTED = "identity_requested"
    IDENTITY_COMPLETED = "identity_completed"
    IDENTITY_REOPENED = "identity_reopened"
    SESSION_STARTED = "session_started"
    SESSION_ABANDONED = "session_abandoned"
    SUPPLEMENTARY_ABANDONED = "supplementary_abandoned"
    CONSENT_DECLINED = "consent_declined"
    RECORDING_FINISHED = "recording_finished"
    RECORDING_SEALED = "recording_sealed"
    INSPECTION_STARTED = "inspection_started"
    INSPECTION_RELEASED = "inspection_released"
    INSPECTION_PASSED = "inspection_passed"
    INSPECTION_REJECTED = "inspection_rejected"
    REINSPECTION_OPENED = "reinspection_opened"
    SUPPLEMENTARY_OPENED = "supplementary_opened"
    CANCELLED = "cancelled"


S, E = CaseState, CaseEvent

TRANSITIONS: dict[tuple[CaseState, CaseEvent], CaseState] = {
    (S.DRAFT, E.IDENTITY_REQUESTED): S.IDENTITY_PENDING,
    (S.IDENTITY_PENDING, E.IDENTITY_COMPLETED): S.READY,
    (S.READY, E.IDENTITY_REOPENED): S.IDENTITY_PENDING,
    (S.READY, E.SESSION_STARTED): S.IN_SESSION,
    (S.SUPPLEMENTARY, E.SESSION_STARTED): S.IN_SESSION,
    (S.IN_SESSION, E.SESSION_ABANDONED): S.READY,
    (S.IN_SESSION, E.SUPPLEMENTARY_ABANDONED): S.SUPPLEMENTARY,
    (S.IN_SESSION, E.CONSENT_DECLINED): S.DECLINED,
    (S.IN_SESSION, E.RECORDING_FINISHED): S.FINALISING,
    (S.FINALISING, E.RECORDING_SEALED): S.PENDING_INSPECTION,
    (S.PENDING_INSPECTION, E.INSPECTION_STARTED): S.IN_INSPECTION,
    (S.IN_INSPECTION, E.INSPECTION_RELEASED): S.PENDING_INSPECTION,
    (S.IN_INSPECTION, E.INSPECTION_PASSED): S.PASSED,
    (S.IN_INSPECTION, E.INSPECTION_REJECTED): S.REJECTED,
    (S.PASSED, E.REINSPECTION_OPENED): S.PENDING_INSPECTION,
    (S.REJECTED, E.REINSPECTION_OPENED): S.PENDING_INSPECTION,
    (S.REJECTED, E.SUPPLEMENTARY_OPENED): S.SUPPLEMENTARY,
    (S.DRAFT, E.CANCELLED): S.CANCELLED,
    (S.IDENTITY_PENDING, E.CANCELLED): S.CANCELLED,
    (S.READY, E.CANCELLED): S.CANCELLED,
    (S.REJECTED, E.CANCELLED): S.CANCELLED,
    (S.SUPPLEMENTARY, E.CANCELLED): S.CANCELLED,
}

FINAL_STATES = frozenset({S.DECLINED, S.CANCELLED})
"""Nothing leaves these. `passed` can only be reopened by a reinspection."""

RECORDABLE_STATES = frozenset({S.READY, S.SUPPLEMENTARY})
"""A session can be created in these."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why an event does not apply: a stable code and the state it met."""

    code: str
    state: CaseState
    event: CaseEvent


def next_state(state: CaseState, event: CaseEvent) -> CaseState | Refusal:
    """Return the state after `event`, or the refusal."""
    target = TRANSITIONS.get((state, event))
    return target if target is not None else Refusal("CASE_STATE", state, event)


def allowed_events(state: CaseState) -> frozenset[CaseEvent]:
    """Events that apply in a state."""
    return frozenset(event for (source, event) in TRANSITIONS if source is state)
