"""The wire contract of the REST calls around a session: creating one, its code, and the way of a customer into it."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from server.http.endpoint import Schema
from server.http.typed import FourDigits, SixDigits
from server.sessions.schemas import Phase, Role


class SessionSummary(Schema):
    """A session in a list (T23)."""

    session_id: str
    case_id: str
    phase: Phase
    created_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    recording_id: str | None
    supplements_recording_id: str | None
    talk_script: str
    people: list[str]


class CreateSessionRequest(Schema):
    """`POST /api/v1/cases/{case_id}/session`. `mode` audio_visual is the only one offered (T2)."""

    mode: Literal["audio_visual"] = "audio_visual"
    supplements_recording_id: str | None = None


class JoinCodeView(Schema):
    """The code to read aloud."""

    code: str
    expires_at: datetime
    link: str
    sms_sent_to: list[str]
    resend_after_s: int


class SessionCreated(Schema):
    """A created session; the agent enters it at `/ws/sessions/{session_id}`."""

    session_id: str
    case_id: str
    join_code: JoinCodeView


class JoinRequest(Schema):
    """`POST /api/v1/join`: the code from the SMS."""

    code: SixDigits


class JoinInfo(Schema):
    """As much as a stranger with the code may know."""

    insurer_name: str
    agent_name: str
    product_name: str
    expires_at: datetime
    phase: Phase


class JoinSmsRequest(Schema):
    """`POST /api/v1/join/sms`: send a one-time code to the phone that ends with these digits, if it is one of the case's."""

    code: SixDigits
    phone_last4: FourDigits


class JoinSmsSent(Schema):
    """Same answer whether or not the phone is known, so that numbers cannot be guessed."""

    expires_at: datetime
    resend_after_s: int


class JoinVerifyRequest(Schema):
    """`POST /api/v1/join/verify`."""

    code: SixDigits
    phone_last4: FourDigits
    sms_code: SixDigits


class RoleChoice(Schema):
    """A role of the application. `state`: mine (already my seat's), free, taken, foreign (another person's)."""

    role_id: str
    role: Role
    person_id: str
    name: str
    state: Literal["mine", "free", "taken", "foreign"]
    is_required: bool


class JoinVerified(Schema):
    """Short-lived ticket for claiming roles; send it as `Authorization: Bearer`."""

    ticket: str
    session_id: str
    expires_at: datetime
    roles: list[RoleChoice]


class ClaimRequest(Schema):
    """`POST /api/v1/join/claim` with the join ticket: one or several role_ids."""

    role_ids: list[str] = Field(min_length=1, max_length=8)


class SeatTicket(Schema):
    """The seat ticket: keep it in sessionStorage; it brings the person back to the same seat after a reload."""

    ticket: str
    session_id: str
    seat_id: str
    roles: list[Role]
    care_mode: bool
    expires_at: datetime
    consents: list["ConsentText"]


class ConsentText(Schema):
    """One consent to show, separately ticked."""

    kind: Literal["recording", "face_and_identity", "ai_voice"]
    title: str
    text: str
    version: str
    is_required: bool


class ConsentRequest(Schema):
    """`POST /api/v1/join/consents` with the seat ticket. A required consent that is false declines the session."""

    recording: bool
    face_and_identity: bool
    ai_voice: bool


class ConsentResult(Schema):
    """What became of it."""

    granted: bool
    phase: Phase
