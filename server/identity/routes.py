"""HTTP endpoints of identity capture: by the agent at the desk, and by the customer through a link."""

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

from aiohttp import web

from media.rpc import RpcClient
from server.audits.service import record
from server.blobs import BlobMissing, BlobStore
from server.cases.facts import CaseFacts, load_case_facts
from server.cases.rules import sales_rules
from server.cases.service import require_own, require_visible
from server.context import CONTEXT
from server.http.body import Upload
from server.http.endpoint import CUSTOMER, STAFF, Call, Principal, Routes, staff
from server.http.problem import Problem, not_found
from server.identity import service
from server.identity.checks import check_image
from server.identity.pictures import MAX_BYTES, clean_picture
from server.identity.schemas import (
    CustomerIdentity,
    CustomerImage,
    IdentityImageView,
    IdentityLink,
    IdentityView,
    ImageKind,
    ImageQuery,
)
from server.outbox.service import enqueue
from server.users.links import create_link, revoke_links
from server.users.tickets import require_scope
from storage.db.ids import new_id

routes = Routes(tag="identity")
AGENT = staff("agent")
PICTURE = Upload(("image/jpeg", "image/png"), MAX_BYTES)
SCOPE = "identity"
IMAGE_PATH = "/api/v1/cases/{case_id}/participants/{participant_id}/images/{kind}"
VISION: web.AppKey[RpcClient] = web.AppKey("vision", RpcClient)


def setup(app: web.Application) -> None:
    """Attach this slice to the application."""
    settings = app[CONTEXT].settings
    url = f"http://{settings.internal_host}:{settings.vision_rpc_port}"
    app[VISION] = RpcClient(url, settings.internal_token.get_secret_value())
    app.cleanup_ctx.append(_vision_client)
    routes.attach(app)


async def _vision_client(app: web.Application) -> AsyncIterator[None]:
    app[VISION].start()
    yield
    await app[VISION].aclose()


def _kind(call: Call[None, Any]) -> ImageKind:
    try:
        return ImageKind(call.path("kind"))
    except ValueError as error:
        raise not_found("IMAGE_KIND_UNKNOWN") from error


async def _take(
    request: web.Request, who: Principal, facts: CaseFacts, participant_id: str, kind: ImageKind
) -> IdentityImageView:
    """Read, clean, check and store one image; either all of it is there afterwards or nothing."""
    context = request.app[CONTEXT]
    service.require_capturable(facts)
    participant = service.participant_of(facts, participant_id)
    if kind.value not in participant.required_images:
        raise Problem(409, "IMAGE_NOT_REQUIRED", kind=kind.value)
    picture = await clean_picture(await PICTURE.read(request))
    vision = request.app[VISION]
    checks = await check_image(vision, kind, picture.data)
    blobs, image_id = BlobStore(context), service.new_image_id()
    await blobs.put(service.blob_key(image_id), picture.data)
    done: service.Replaced | None = None
    try:
        while done is None:  # again for each other picture of the person that was stored meanwhile
            compared = await service.compare(context, vision, participant_id, kind, picture, checks)
            async with context.db.begin() as tx:
                done = await service.store(
                    tx, context, who, facts, participant, kind, picture, compared, image_id, request.remote or ""
                )
    except BaseException:
        await blobs.delete(service.blob_key(image_id))
        raise
    if done.old_key:
        await blobs.delete(done.old_key)
    return done.view


@routes.get("/api/v1/cases/{case_id}/identity", access=STAFF, response=IdentityView)
async def show_identity(call: Call[None, None]) -> IdentityView:
    """What has been captured and what is missing."""
    context, case_id = call.request.app[CONTEXT], call.path("case_id")
    async with context.db.read() as tx:
        await require_visible(tx, call.who, case_id)
        return await service.overview(tx, context, case_id, can_capture="agent" in call.who.roles)


@routes.put(IMAGE_PATH, access=AGENT, response=IdentityImageView, rate="upload", upload=PICTURE)
async def put_image(call: Call[None, None]) -> IdentityImageView:
    """Store an image (raw body, image/jpeg or image/png, at most 12 MiB); it replaces the one before."""
    context, case_id = call.request.app[CONTEXT], call.path("case_id")
    async with context.db.read() as tx:
        await require_own(tx, call.who, case_id)
        facts = await load_case_facts(tx, context, case_id)
    return await _take(call.request, call.who, facts, call.path("participant_id"), _kind(call))


@routes.get(IMAGE_PATH, access=STAFF, query=ImageQuery, produces=("image/jpeg",))
async def get_image(call: Call[None, ImageQuery]) -> web.Response:
    """An image as JPEG; the look is logged."""
    context, case_id = call.request.app[CONTEXT], call.path("case_id")
    async with context.db.begin() as tx:
        await require_visible(tx, call.who, case_id)
        key, digest = await service.image_for_staff(
            tx, context, call.who, case_id, call.path("participant_id"), _kind(call), call.request.remote or ""
        )
    try:
        data = await BlobStore(context).get(key)
    except BlobMissing as error:
        raise not_found("IMAGE_NOT_FOUND") from error
    headers = {"ETag": f'"{digest}"', "Cache-Control": "private, no-store"}
    return web.Response(body=data, content_type="image/jpeg", headers=headers)


@routes.delete(IMAGE_PATH, access=AGENT)
async def delete_image(call: Call[None, None]) -> None:
    """Remove an image so that it is taken again."""
    context, case_id = call.request.app[CONTEXT], call.path("case_id")
    kind, participant_id = _kind(call), call.path("participant_id")
    async with context.db.begin() as tx:
        await require_own(tx, call.who, case_id)
        key = await service.remove(tx, context, call.who, case_id, participant_id, kind, call.request.remote or "")
    await BlobStore(context).delete(key)


@routes.post(
    "/api/v1/cases/{case_id}/participants/{participant_id}/identity-link",
    access=AGENT,
    response=IdentityLink,
    rate="upload",
)
async def send_identity_link(call: Call[None, None]) -> IdentityLink:
    """Send the customer a link to take the pictures on his own phone."""
    context, case_id = call.request.app[CONTEXT], call.path("case_id")
    hours = sales_rules().identity_link_hours
    async with context.db.begin() as tx:
        await require_own(tx, call.who, case_id)
        facts = await load_case_facts(tx, context, case_id)
        service.require_capturable(facts)
        participant = service.participant_of(facts, call.path("participant_id"))
        await revoke_links(tx, context, scope=SCOPE, subject=participant.id)
        url = await create_link(
            tx,
            context,
            page="identity",
            scope=SCOPE,
            subject=participant.id,
            expires_s=hours * 3600,
            claims={"case_id": case_id, "participant_id": participant.id},
        )
        params = {"link": url, "hours": str(hours)}
        await enqueue(tx, context, participant.phone, "identity_link", params, new_id("identity_link"), expires_s=hours * 3600)
        await record(
            tx, context, actor=call.who, action="identity.link_sent", subject=case_id, data={"participant_id": participant.id}
        )
    is_shown = context.settings.mode == "development"
    return IdentityLink(expires_at=context.now() + timedelta(hours=hours), url=url if is_shown else None)


@routes.get("/api/v1/customer/identity", access=CUSTOMER, response=CustomerIdentity, rate="upload")
async def show_customer_identity(call: Call[None, None]) -> CustomerIdentity:
    """The customer's own capture page."""
    require_scope(call.who, SCOPE)
    context, claims = call.request.app[CONTEXT], call.who.claims
    async with context.db.read() as tx:
        return await service.customer_overview(tx, context, str(claims["case_id"]), str(claims["participant_id"]))


@routes.put("/api/v1/customer/identity/images/{kind}", access=CUSTOMER, response=CustomerImage, rate="upload", upload=PICTURE)
async def put_customer_image(call: Call[None, None]) -> CustomerImage:
    """Store an image the customer took himself."""
    require_scope(call.who, SCOPE)
    context, claims = call.request.app[CONTEXT], call.who.claims
    async with context.db.read() as tx:
        facts = await load_case_facts(tx, context, str(claims["case_id"]))
    view = await _take(call.request, call.who, facts, str(claims["participant_id"]), _kind(call))
    return service.to_customer(view)
