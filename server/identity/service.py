"""Identity capture: each attending customer's images must be complete before recording (issue of the core system's T2 step).

Images change only before recording. Taking one again replaces it; the old picture is removed from disk after the commit.
"""

import asyncio
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from server.audits.service import actor_of, record
from server.blobs import BlobMissing, BlobStore
from server.cases import service as case_service
from server.cases.facts import CaseFacts, ParticipantFacts, load_case_facts
from server.cases.tables import case_participants
from server.cases.views import CAPTURE_STATES
from server.context import Context
from server.domain.case import CaseEvent, CaseState
from server.domain.identity_pictures import COMPARED, COMPARISON, is_usable
from server.domain.masking import mask_name
from server.http.endpoint import Principal
from server.http.problem import conflict, not_found
from server.identity.checks import VisionCalls, compare_faces
from server.identity.pictures import Picture, is_same_picture
from server.identity.schemas import (
    CustomerIdentity,
    CustomerImage,
    IdentityImageView,
    IdentityView,
    ImageCheck,
    ImageKind,
    ParticipantIdentity,
)
from server.identity.tables import identity_images
from storage.db.engine import Tx
from storage.db.ids import new_id

ORDER = list(ImageKind)
SAME_AS = {
    ImageKind.ID_FRONT: "IMAGE_SAME_AS_ID_FRONT",
    ImageKind.ID_BACK: "IMAGE_SAME_AS_ID_BACK",
    ImageKind.BANK_CARD: "IMAGE_SAME_AS_BANK_CARD",
    ImageKind.FACE: "IMAGE_SAME_AS_FACE",
}


@dataclass(frozen=True, slots=True)
class Replaced:
    """What a new image pushed out: its blob is to be deleted once the change is committed."""

    view: IdentityImageView
    old_key: str | None


@dataclass(frozen=True, slots=True)
class Compared:
    """The checks of a new image, and the ids of the person's other pictures that it was held against."""

    checks: list[ImageCheck]
    others: frozenset[str]


def blob_key(image_id: str) -> str:
    """Where an image's file is."""
    return f"identity/{image_id}"


def participant_of(facts: CaseFacts, participant_id: str) -> ParticipantFacts:
    """An attending participant, or 404."""
    found = next((p for p in facts.participants if p.id == participant_id and p.attends), None)
    if found is None:
        raise not_found("PARTICIPANT_NOT_FOUND")
    return found


def require_capturable(facts: CaseFacts) -> None:
    """Images are fixed once recording began."""
    if facts.state not in CAPTURE_STATES:
        raise conflict("CASE_STATE", state=facts.state.value)


async def compare(
    context: Context, vision: VisionCalls, participant_id: str, kind: ImageKind, picture: Picture, checks: list[ImageCheck]
) -> Compared:
    """Hold a new image against the person's other ones: none may be the same; face and card are compared where both are there.

    Outside any transaction: `store` takes the outcome only while the others are still those that were looked at.

    Args:
        checks: what was measured of the new image on its own (`check_image`).

    Raises:
        Problem: 409 with a code that names the other kind (`SAME_AS`): one picture stands for one kind only.
    """
    async with context.db.read() as tx:
        others = (await tx.execute(_others(participant_id, kind))).all()
    found: list[ImageCheck] = []
    for other in others:
        stored = await _blob(context, str(other.id))
        if stored is None:
            continue
        if await asyncio.to_thread(is_same_picture, picture.data, stored):
            raise conflict(SAME_AS[ImageKind(other.kind)], kind=other.kind)
        is_counterpart = COMPARED.get(kind.value) == other.kind and is_usable(other.kind, other.checks)
        if is_counterpart and is_usable(kind.value, [check.model_dump() for check in checks]):
            face, card = (picture.data, stored) if kind is ImageKind.FACE else (stored, picture.data)
            found.append(await compare_faces(vision, face, card))
    return Compared([*checks, *found], frozenset(str(other.id) for other in others))


async def load_image(context: Context, participant_id: str, kind: ImageKind) -> bytes | None:
    """An image's JPEG, or None. For sessions and callbacks; looks by people go through the routes and are logged."""
    async with context.db.read() as tx:
        image_id = await _image_id(tx, participant_id, kind)
    return None if image_id is None else await _blob(context, image_id)


async def _blob(context: Context, image_id: str) -> bytes | None:
    try:
        return await BlobStore(context).get(blob_key(image_id))
    except BlobMissing:
        return None


def _others(participant_id: str, kind: ImageKind) -> sa.Select[tuple[str, str, list[dict[str, Any]]]]:
    table = identity_images.c
    query = sa.select(table.id, table.kind, table.checks)
    return query.where(table.participant_id == participant_id, table.kind != kind.value).order_by(table.kind)


async def store(
    tx: Tx,
    context: Context,
    who: Principal,
    facts: CaseFacts,
    participant: ParticipantFacts,
    kind: ImageKind,
    picture: Picture,
    compared: Compared,
    image_id: str,
    address: str,
) -> Replaced | None:
    """Write an image (its file is on disk already) and move the case when identity is complete.

    None, and nothing written, where another picture of the person came, changed or went since it was compared: compare again.
    """
    current = await load_case_facts(tx, context, facts.case_id)
    require_capturable(current)
    # One person's pictures are written one after the other: two that come at once would both compare with nothing.
    await tx.execute(sa.select(case_participants.c.id).where(case_participants.c.id == participant.id).with_for_update())
    others = (await tx.execute(_others(participant.id, kind))).all()
    if frozenset(str(other.id) for other in others) != compared.others:
        return None
    taken = sa.select(identity_images.c.kind).where(
        identity_images.c.participant_id == participant.id,
        identity_images.c.kind != kind.value,
        identity_images.c.sha256 == picture.sha256,
    )
    if twin := (await tx.execute(taken)).scalars().first():
        raise conflict(SAME_AS[ImageKind(twin)], kind=twin)
    old = await _image_id(tx, participant.id, kind)
    await _forget_comparison(tx, participant.id, kind)
    await tx.execute(
        sa.delete(identity_images).where(identity_images.c.participant_id == participant.id, identity_images.c.kind == kind.value)
    )
    await tx.execute(
        sa.insert(identity_images).values(
            id=image_id,
            participant_id=participant.id,
            kind=kind.value,
            width=picture.width,
            height=picture.height,
            size_bytes=len(picture.data),
            sha256=picture.sha256,
            checks=[check.model_dump() for check in compared.checks],
            captured_by="customer" if who.kind == "customer" else "agent",
            captured_by_id=actor_of(who),
            captured_at=context.now(),
        )
    )
    data = {"participant_id": participant.id, "kind": kind.value, "sha256": picture.sha256, "replaced": old is not None}
    await record(tx, context, actor=who, action="identity.captured", subject=facts.case_id, data=data, address=address)
    await _follow(tx, context, who, facts.case_id)
    view = next(v for v in await _images(tx, facts.case_id, participant.id) if v.kind == kind)
    return Replaced(view, blob_key(old) if old else None)


async def remove(
    tx: Tx, context: Context, who: Principal, case_id: str, participant_id: str, kind: ImageKind, address: str
) -> str:
    """Remove an image so that it is taken again. Returns the blob to delete after the commit."""
    facts = await load_case_facts(tx, context, case_id)
    require_capturable(facts)
    participant = participant_of(facts, participant_id)
    image_id = await _image_id(tx, participant.id, kind)
    if image_id is None:
        raise not_found("IMAGE_NOT_FOUND")
    await tx.execute(sa.delete(identity_images).where(identity_images.c.id == image_id))
    await _forget_comparison(tx, participant.id, kind)
    data = {"participant_id": participant_id, "kind": kind.value}
    await record(tx, context, actor=who, action="identity.removed", subject=case_id, data=data, address=address)
    await _follow(tx, context, who, case_id)
    return blob_key(image_id)


async def _follow(tx: Tx, context: Context, who: Principal, case_id: str) -> None:
    """Complete identity makes a case ready; an incomplete one takes that back."""
    facts = await load_case_facts(tx, context, case_id)
    is_complete = not any(p.missing_images for p in facts.participants)
    actor: Principal | str = who if who.kind == "staff" else actor_of(who)
    if is_complete and facts.state is CaseState.IDENTITY_PENDING:
        await case_service.transition(tx, case_id, CaseEvent.IDENTITY_COMPLETED, actor, at=context.now())
    if not is_complete and facts.state is CaseState.READY:
        await case_service.transition(tx, case_id, CaseEvent.IDENTITY_REOPENED, actor, at=context.now())


async def overview(tx: Tx, context: Context, case_id: str, *, can_capture: bool) -> IdentityView:
    """Every attending participant's images."""
    facts = await load_case_facts(tx, context, case_id)
    participants = []
    for item in facts.attending:
        participants.append(
            ParticipantIdentity(
                participant_id=item.id,
                name=item.name,
                required=[ImageKind(kind) for kind in item.required_images],
                missing=[ImageKind(kind) for kind in item.missing_images],
                images=await _images(tx, case_id, item.id),
                is_complete=not item.missing_images,
            )
        )
    return IdentityView(
        case_id=case_id,
        is_complete=all(item.is_complete for item in participants),
        can_capture=can_capture and facts.state in CAPTURE_STATES,
        participants=participants,
    )


async def customer_overview(tx: Tx, context: Context, case_id: str, participant_id: str) -> CustomerIdentity:
    """The customer's own capture page; it shows no picture, only that it is there."""
    facts = await load_case_facts(tx, context, case_id)
    item = participant_of(facts, participant_id)
    images = await _images(tx, case_id, participant_id)
    return CustomerIdentity(
        name_masked=mask_name(item.name),
        product_name=facts.product.name,
        required=[ImageKind(kind) for kind in item.required_images],
        missing=[ImageKind(kind) for kind in item.missing_images],
        images=[to_customer(view) for view in images],
        is_complete=not item.missing_images,
        can_capture=facts.state in CAPTURE_STATES,
    )


def to_customer(view: IdentityImageView) -> CustomerImage:
    """An image as its customer sees it."""
    return CustomerImage(kind=view.kind, captured_at=view.captured_at, checks=view.checks)


async def image_for_staff(
    tx: Tx, context: Context, who: Principal, case_id: str, participant_id: str, kind: ImageKind, address: str
) -> tuple[str, str]:
    """The blob key and hash of an image somebody is about to look at; the look is logged."""
    facts = await load_case_facts(tx, context, case_id)
    participant_of(facts, participant_id)
    query = sa.select(identity_images.c.id, identity_images.c.sha256).where(
        identity_images.c.participant_id == participant_id, identity_images.c.kind == kind.value
    )
    row = (await tx.execute(query)).one_or_none()
    if row is None:
        raise not_found("IMAGE_NOT_FOUND")
    data = {"participant_id": participant_id, "kind": kind.value}
    await record(tx, context, actor=who, action="identity.viewed", subject=case_id, data=data, address=address)
    return blob_key(row.id), row.sha256


async def _forget_comparison(tx: Tx, participant_id: str, kind: ImageKind) -> None:
    """A picture of the two that are compared changes: what was measured with the former one goes; the new one has its own."""
    if kind.value not in COMPARED:
        return
    where = (identity_images.c.participant_id == participant_id, identity_images.c.kind == COMPARED[kind.value])
    row = (await tx.execute(sa.select(identity_images.c.checks).where(*where))).one_or_none()
    if row is not None:
        kept = [check for check in row.checks if check["code"] != COMPARISON]
        await tx.execute(sa.update(identity_images).where(*where).values(checks=kept))


async def _image_id(tx: Tx, participant_id: str, kind: ImageKind) -> str | None:
    return await tx.scalar(
        sa.select(identity_images.c.id).where(
            identity_images.c.participant_id == participant_id, identity_images.c.kind == kind.value
        )
    )


async def _images(tx: Tx, case_id: str, participant_id: str) -> list[IdentityImageView]:
    query = sa.select(identity_images).where(identity_images.c.participant_id == participant_id)
    views = []
    for row in (await tx.execute(query)).mappings():
        direct = {key: row[key] for key in IdentityImageView.model_fields if key in row}
        url = f"/api/v1/cases/{case_id}/participants/{participant_id}/images/{row['kind']}"
        views.append(IdentityImageView(**direct, image_url=f"{url}?v={row['sha256'][:12]}"))
    return sorted(views, key=lambda view: ORDER.index(view.kind))


def new_image_id() -> str:
    """An id for an image whose file is written first."""
    return new_id("img")
