"""What a recording knows about its session, frozen when recording starts.

The session slice fills it from its own frozen talk script and rulebook, so that finalising and inspection judge a recording
by what was in force then, not by what is in force now. No names in clear: labels are roles and masked names.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SeatMeta(_Frozen):
    """One seat of the room. `roles` are policyholder, insured, guardian, agent."""

    seat_id: str
    kind: Literal["agent", "customer"]
    label: str
    roles: tuple[str, ...] = ()
    display_name: str = ""
    """Masked name for captions (李*芳)."""
    age: int | None = None
    reference_key: str | None = None
    """Object key of the face captured before the recording, for the same-person check."""


class NodeMeta(_Frozen):
    """One node of the frozen talk script."""

    node_id: str
    title: str
    kind: str
    is_critical: bool = False
    min_seconds: int = 0
    required_phrases: tuple[str, ...] = ()
    """Phrases the agent must say in this node, merge fields already filled."""


class DocumentMeta(_Frozen):
    """One document of the session. `sha256` is of the PDF the customer read; `key` its object key."""

    document_id: str
    title: str
    kind: str
    pages: int | None = None
    sha256: str | None = None
    key: str | None = None
    requires_signature: bool = False


class VersionRef(_Frozen):
    """A versioned thing in force: talk script, rulebook, model."""

    id: str
    version: str
    title: str = ""
    sha256: str | None = None


class RecordingMeta(_Frozen):
    """Everything finalising needs to know without asking other slices."""

    proposal_no: str = ""
    product_name: str = ""
    product_type: str = ""
    channel: str = ""
    organisation: str = ""
    agent_id: str = ""
    agent_team: str = ""
    talk_script: VersionRef | None = None
    rulebook: VersionRef | None = None
    models: tuple[VersionRef, ...] = ()
    seats: tuple[SeatMeta, ...] = ()
    nodes: tuple[NodeMeta, ...] = ()
    documents: tuple[DocumentMeta, ...] = ()
    forbidden_phrases: tuple[str, ...] = ()
    limits: dict[str, float] = Field(default_factory=dict)
    """Limits of machine checks from the rulebook; a check whose limit is missing is not measured."""
