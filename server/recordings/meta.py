"""What a recording knows about its session, frozen when recording starts.

It comes from the session's own frozen talk script and rulebook, so that finalising and inspection judge a recording by what was
in force then, not by what is in force now. No names in clear: labels are roles and masked names.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict

from server.domain.session_setup import Setup, mask_name


class _Frozen(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SeatMeta(_Frozen):
    """One seat of the room. `roles` are policyholder, insured, guardian, agent; `display_name` is masked (李*芳)."""

    seat_id: str
    kind: Literal["agent", "customer"]
    label: str
    roles: tuple[str, ...] = ()
    display_name: str = ""
    age: int | None = None
    person_id: str | None = None


class NodeMeta(_Frozen):
    """One node of the frozen talk script."""

    node_id: str
    title: str
    kind: str
    is_critical: bool = False


class DocumentMeta(_Frozen):
    """One document of the session. `sha256` is of the PDF the customer read."""

    document_id: str
    title: str
    kind: str
    pages: int | None = None
    sha256: str | None = None


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
    agent_name: str = ""
    agent_team: str = ""
    talk_script: VersionRef | None = None
    rulebook: VersionRef | None = None
    models: tuple[VersionRef, ...] = ()
    seats: tuple[SeatMeta, ...] = ()
    nodes: tuple[NodeMeta, ...] = ()
    documents: tuple[DocumentMeta, ...] = ()


_ROLE_LABEL = {"policyholder": "投保人", "insured": "被保险人", "guardian": "监护人"}


def meta_of(setup: Setup, models: tuple[VersionRef, ...] = ()) -> RecordingMeta:
    """The facts of a session's frozen setup.

    Args:
        setup: as the session was created.
        models: speech and face models in use, with versions.
    """
    agent = setup.agent
    seats = [SeatMeta(seat_id=agent.seat_id, kind="agent", label="业务员", roles=("agent",), display_name=agent.name)]
    seats += [
        SeatMeta(
            seat_id=person.seat_id,
            kind="customer",
            label="、".join(_ROLE_LABEL.get(role, role) for role in person.roles),
            roles=person.roles,
            display_name=mask_name(person.name),
            age=person.age,
            person_id=person.person_id,
        )
        for person in setup.required()
    ]
    return RecordingMeta(
        proposal_no=setup.proposal_no,
        product_name=setup.product_name,
        product_type=setup.product_type,
        channel=setup.channel,
        organisation=agent.organisation,
        agent_id=agent.user_id,
        agent_name=agent.name,
        agent_team=agent.team,
        talk_script=VersionRef(
            id=setup.script_key, version=setup.script_version, title=setup.script_title, sha256=setup.script_sha256
        ),
        rulebook=VersionRef(id="session", version=setup.rules.version),
        models=models,
        seats=tuple(seats),
        nodes=tuple(
            NodeMeta(node_id=node.node_id, title=node.title, kind=node.kind, is_critical=node.is_critical) for node in setup.nodes
        ),
        documents=tuple(
            DocumentMeta(
                document_id=document.document_id,
                title=document.name,
                kind=document.kind,
                pages=document.page_count,
                sha256=document.sha256,
            )
            for document in setup.documents
        ),
    )
