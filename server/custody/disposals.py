"""Disposal lists: drawn up from what is due, approved by different people, carried out by a durable job. Never commits.

A list is only ever of recordings whose period is known, over and not held. Each approval is another person's; the last one needed
releases the list to the job, which asks again for every recording whether it is still due.
"""

from collections.abc import Sequence
from typing import Any, Literal

import sqlalchemy as sa

from server.audits.service import record
from server.cases.access import today
from server.cases.tables import cases
from server.context import Context
from server.custody.register import sources, state_on
from server.custody.rules import load_rules
from server.custody.schemas import Approval, DisposalItem, DisposalSummary, DisposalView, NewDisposal
from server.custody.tables import contracts, disposal_approvals, disposal_items, disposals, recording_custody
from server.domain.retention import approval_refused
from server.http.endpoint import Principal
from server.http.problem import Problem, conflict, forbidden, not_found
from server.recordings.tables import recording_objects, recordings
from storage.db.engine import Tx
from storage.db.ids import new_id

APPROVERS = frozenset({"compliance", "administrator"})


async def propose(tx: Tx, context: Context, who: Principal, body: NewDisposal) -> str:
    """Draw up a list. Raises 409 `DISPOSAL_NOT_DUE` with the recordings that are not due (or on another list)."""
    wanted = list(dict.fromkeys(body.recording_ids))
    rows = await _due_rows(tx, context, wanted)
    missing = [recording_id for recording_id in wanted if recording_id not in rows]
    if missing:
        raise conflict("DISPOSAL_NOT_DUE", recording_ids=missing)
    disposal_id = new_id("dsp")
    await tx.execute(
        disposals.insert().values(
            id=disposal_id, state="proposed", reason=body.reason, created_by=who.id, created_by_name=who.display_name,
            created_at=context.now(),
        )
    )  # fmt: skip
    items = [await _item(tx, disposal_id, rows[recording_id]) for recording_id in wanted]
    await tx.execute(disposal_items.insert(), items)
    free = (recording_custody.c.recording_id.in_(wanted)) & recording_custody.c.disposal_id.is_(None)
    taken = await tx.execute(recording_custody.update().where(free).values(disposal_id=disposal_id))
    if taken.rowcount != len(wanted):
        raise conflict("DISPOSAL_NOT_DUE", recording_ids=wanted)
    data = {"recordings": wanted, "reason": body.reason}
    await record(tx, context, actor=who, action="disposal.proposed", subject=disposal_id, data=data)
    return disposal_id


async def approve(tx: Tx, context: Context, who: Principal, disposal_id: str) -> None:
    """Approve. Raises 403 `DISPOSAL_SAME_PERSON`, 409 `DISPOSAL_STATE`."""
    await _open_row(tx, disposal_id)
    given = await _approvals(tx, [disposal_id])
    refused = approval_refused([item.user_id for item in given.get(disposal_id, [])], who.id)
    if refused:
        raise forbidden(refused)
    values = {"disposal_id": disposal_id, "user_id": who.id, "user_name": who.display_name, "at": context.now()}
    await tx.execute(disposal_approvals.insert().values(**values))
    count = len(given.get(disposal_id, [])) + 1
    data = {"approval": count, "needed": load_rules().approvals}
    await record(tx, context, actor=who, action="disposal.approved", subject=disposal_id, data=data)
    if count >= load_rules().approvals:
        await tx.execute(disposals.update().where(disposals.c.id == disposal_id).values(state="approved"))


async def withdraw(tx: Tx, context: Context, who: Principal, disposal_id: str, reason: str) -> None:
    """Take a list back before it is approved by all; its recordings are due again. Raises 409 `DISPOSAL_STATE`."""
    await _open_row(tx, disposal_id)
    now = context.now()
    await tx.execute(disposals.update().where(disposals.c.id == disposal_id).values(state="withdrawn", ended_at=now))
    listed = (recording_custody.c.disposal_id == disposal_id) & recording_custody.c.disposed_at.is_(None)
    await tx.execute(recording_custody.update().where(listed).values(disposal_id=None))
    await record(tx, context, actor=who, action="disposal.withdrawn", subject=disposal_id, data={"reason": reason})


async def retry(tx: Tx, disposal_id: str) -> None:
    """Let a failed list go on. The two approvals stand: it is the same list."""
    failed = (disposals.c.id == disposal_id) & disposals.c.state.in_(("failed", "approved"))
    changed = await tx.execute(disposals.update().where(failed).values(state="approved", attempt=disposals.c.attempt + 1))
    if not changed.rowcount:
        raise conflict("DISPOSAL_STATE")


async def list_all(tx: Tx, who: Principal) -> list[DisposalSummary]:
    """All lists, newest first."""
    rows = (await tx.execute(sa.select(disposals).order_by(disposals.c.created_at.desc()).limit(200))).mappings().all()
    return await _summaries(tx, who, rows)


async def show(tx: Tx, who: Principal, disposal_id: str) -> DisposalView:
    """One list with its recordings. Raises 404 `DISPOSAL_NOT_FOUND`."""
    rows = (await tx.execute(sa.select(disposals).where(disposals.c.id == disposal_id))).mappings().all()
    if not rows:
        raise not_found("DISPOSAL_NOT_FOUND")
    summary = (await _summaries(tx, who, rows))[0]
    query = sa.select(disposal_items).where(disposal_items.c.disposal_id == disposal_id)
    found = (await tx.execute(query.order_by(disposal_items.c.retain_until, disposal_items.c.recording_id))).mappings()
    items = [DisposalItem(**{name: row[name] for name in DisposalItem.model_fields}) for row in found]
    return DisposalView(**summary.model_dump(), items=items)


async def still_due(tx: Tx, context: Context, recording_id: str, disposal_id: str) -> bool:
    """Asked again just before deleting: a dispute may have been reported since the list was approved."""
    custody = recording_custody.c
    query = (
        sa.select(custody.recording_id)
        .select_from(sources())
        .where(
            custody.recording_id == recording_id, custody.disposal_id == disposal_id, custody.disposed_at.is_(None),
            custody.is_held.is_(False), custody.retain_until < today(context), custody.version >= contracts.c.version,
        )
    )  # fmt: skip
    return await tx.scalar(query) is not None


async def _due_rows(tx: Tx, context: Context, wanted: Sequence[str]) -> dict[str, Any]:
    query = (
        sa.select(
            recordings.c.id, recordings.c.case_id, recordings.c.manifest_sha256, cases.c.proposal_no,
            recording_custody.c.retain_until,
        )
        .select_from(sources())
        .where(recordings.c.id.in_(wanted), recordings.c.state == "sealed", state_on(today(context)) == "due")
    )  # fmt: skip
    return {row["id"]: row for row in (await tx.execute(query)).mappings()}


async def _item(tx: Tx, disposal_id: str, row: Any) -> dict[str, Any]:
    sums = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(recording_objects.c.bytes), 0))
    objects, size = (await tx.execute(sums.where(recording_objects.c.recording_id == row["id"]))).one()
    return {
        "disposal_id": disposal_id, "recording_id": row["id"], "case_id": row["case_id"], "proposal_no": row["proposal_no"],
        "retain_until": row["retain_until"], "objects": objects, "bytes": int(size), "manifest_sha256": row["manifest_sha256"],
        "state": "planned",
    }  # fmt: skip


async def _open_row(tx: Tx, disposal_id: str) -> None:
    row = (await tx.execute(sa.select(disposals.c.state).where(disposals.c.id == disposal_id).with_for_update())).one_or_none()
    if row is None:
        raise not_found("DISPOSAL_NOT_FOUND")
    if row.state != "proposed":
        raise Problem(409, "DISPOSAL_STATE", state=row.state)


async def _approvals(tx: Tx, ids: Sequence[str]) -> dict[str, list[Approval]]:
    query = sa.select(disposal_approvals).where(disposal_approvals.c.disposal_id.in_(ids))
    query = query.order_by(disposal_approvals.c.at, disposal_approvals.c.user_id)
    found: dict[str, list[Approval]] = {}
    for row in (await tx.execute(query)).mappings():
        one = Approval(user_id=row["user_id"], user_name=row["user_name"], at=row["at"])
        found.setdefault(row["disposal_id"], []).append(one)
    return found


async def _summaries(tx: Tx, who: Principal, rows: Sequence[Any]) -> list[DisposalSummary]:
    ids = [row["id"] for row in rows]
    given = await _approvals(tx, ids)
    items = disposal_items.c
    sums = sa.select(
        items.disposal_id, sa.func.count(), sa.func.coalesce(sa.func.sum(items.bytes), 0),
        sa.func.count().filter(items.state == "deleted"), sa.func.count().filter(items.state == "refused"),
    )  # fmt: skip
    grouped = await tx.execute(sums.where(items.disposal_id.in_(ids)).group_by(items.disposal_id))
    of_list = {row[0]: tuple(int(value) for value in row[1:]) for row in grouped}
    found = []
    for row in rows:
        count, size, deleted, refused = of_list.get(row["id"], (0, 0, 0, 0))
        approvals = given.get(row["id"], [])
        actions: list[Literal["approve", "withdraw"]] = []
        if row["state"] == "proposed" and APPROVERS & who.roles:
            if not approval_refused([item.user_id for item in approvals], who.id):
                actions.append("approve")
            actions.append("withdraw")
        plain = {name: row[name] for name in ("id", "state", "reason", "created_by_name", "created_at", "ended_at")}
        found.append(
            DisposalSummary(
                **plain, approvals=approvals, approvals_needed=load_rules().approvals, recordings=count, bytes=size,
                deleted=deleted, refused=refused, allowed_actions=actions,
            )
        )  # fmt: skip
    return found
