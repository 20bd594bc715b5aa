"""Reads what the policyholder said in the sealed recordings of a case, by subject of the questionnaire."""

from collections.abc import Mapping
from typing import Any, Literal

import sqlalchemy as sa

from server.callbacks.library import recording_subjects
from server.callbacks.store import Loaded
from server.callbacks.tables import policies
from server.context import Context
from server.domain.callback.comparison import Said, contradictions
from server.recordings.facts import SessionFacts, answers_of, ledger_of, load_facts
from server.recordings.meta import RecordingMeta
from server.recordings.tables import recordings
from storage.db.engine import Tx


async def sealed_recording(tx: Tx, case_id: str) -> str | None:
    """The newest sealed, completed recording of a case, or None."""
    query = (
        sa.select(recordings.c.id)
        .where(recordings.c.case_id == case_id, recordings.c.state == "sealed", recordings.c.outcome == "completed")
        .order_by(recordings.c.started_at.desc())
    )
    return await tx.scalar(query.limit(1))


async def said_by_subject(tx: Tx, context: Context, case_id: str | None) -> dict[str, Said]:
    """Subject → what was said or done; a supplementary recording replaces what it recorded again.

    Empty without a case. Only sealed, completed recordings count.
    """
    if case_id is None:
        return {}
    query = (
        sa.select(recordings)
        .where(recordings.c.case_id == case_id, recordings.c.state == "sealed", recordings.c.outcome == "completed")
        .order_by(recordings.c.started_at)
    )
    by_node: dict[str, Said] = {}
    for row in (await tx.execute(query)).mappings():
        facts = await load_facts(tx, context, dict(row))
        by_node |= _by_node(str(row["id"]), facts, RecordingMeta.model_validate(row["meta"]))
    found: dict[str, Said] = {}
    for subject, nodes in recording_subjects().items():
        said = next((by_node[node] for node in nodes if node in by_node), None)
        if said is not None:
            found[subject] = said
    return found


async def contradictions_of(tx: Tx, context: Context, loaded: Loaded, answers: Mapping[str, str]) -> list[dict[str, Any]]:
    """What of a callback's answers contradicts the recording of its sale."""
    case_id = await tx.scalar(sa.select(policies.c.case_id).where(policies.c.policy_no == loaded.policy_no))
    return contradictions(loaded.case.questionnaire, answers, await said_by_subject(tx, context, case_id))


def _by_node(recording_id: str, facts: SessionFacts, meta: RecordingMeta) -> dict[str, Said]:
    holder = next((seat for seat in meta.seats if "policyholder" in seat.roles), None)
    if holder is None:
        return {}
    entered = {event.data["node_id"]: facts.t_ms(event) for event in facts.of_type("node_entered")}
    found: dict[str, Said] = {}
    holder_id, others = holder.person_id, {seat.person_id for seat in meta.seats if "insured" in seat.roles}
    papers = ledger_of(facts)
    for node in meta.nodes:
        if node.kind not in ("reading", "signing") or node.node_id not in entered:
            continue
        needs: Literal["sign", "read"] = "sign" if node.kind == "signing" else "read"
        for key, people in ((node.node_id, {holder_id}), (f"{node.node_id}:insured", others)):
            mine = [entry for entry in papers if entry["needs"] == needs and entry["person_id"] in people]
            titles = "、".join(dict.fromkeys(entry["title"] for entry in mine if not entry["missing"]))
            if mine:
                kind: Literal["signed", "documents"] = "signed" if needs == "sign" else "documents"
                found[key] = Said(recording_id, node.node_id, node.title, kind, text=titles, t_ms=entered[node.node_id])
    for answer in answers_of(facts, meta):
        if answer["person_id"] != holder.person_id:
            continue
        found[answer["node_id"]] = Said(
            recording_id,
            answer["node_id"],
            answer["node_title"],
            "answer",
            verdict=answer["verdict"],
            expect=answer["expect"] or "affirmative",
            override_verdict=answer["override_verdict"],
            override_reason=answer["override_reason"],
            text=answer["text"],
            confidence=answer["confidence"],
            reasons=tuple(map(str, answer["reasons"])),
            t_ms=answer["start_ms"] if answer["start_ms"] is not None else entered.get(answer["node_id"]),
        )
    return found
