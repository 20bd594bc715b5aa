"""People and policies of a callback: a passed case with a sealed recording, the core system's call, a customer's phone."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from server.blobs import BlobStore
from server.callbacks.jobs import advance_due
from server.cases import service as cases
from server.context import Context
from server.domain.case import CaseEvent
from server.domain.identity_no import make_identity_no
from server.identity.service import blob_key, new_image_id
from server.identity.tables import identity_images
from server.outbox.tables import outbox_messages
from server.outbox.templates import render
from server.recordings.tables import recordings
from tests.support.core import TODAY, Caller, Service
from tests.support.recordings import Made, make_session

BASE = "/api/v1/customer/callback"
STROKES = [[{"x": round(0.1 + i * 0.04, 4), "y": round(0.4 + (i % 3) * 0.1, 4), "t": i * 16} for i in range(20)]]


async def passed_case(service: Service, face: bytes | None = None, **session: Any) -> Made:
    """A case of the demo proposal P2026010001 with a sealed recording and a passed inspection.

    `face`: the policyholder's picture from before the recording.
    """
    context = service.context
    made = await make_session(context, with_media=False, **session)
    async with context.db.begin() as tx:
        seal = sa.update(recordings).where(recordings.c.id == made.recording_id)
        await tx.execute(seal.values(state="sealed", sealed_at=context.now()))
        for step in (CaseEvent.RECORDING_SEALED, CaseEvent.INSPECTION_STARTED, CaseEvent.INSPECTION_PASSED):
            await cases.transition(tx, made.case_id, step, "system:test", at=context.now())
    if face is not None:
        await put_face(context, made, face)
    return made


async def put_face(context: Context, made: Made, face: bytes, *, at: datetime | None = None) -> None:
    """Store the policyholder's face as identity capture does, before the recording unless said otherwise."""
    holder = next(p for p in made.setup.required() if "policyholder" in p.roles)
    image_id = new_image_id()
    await BlobStore(context).put(blob_key(image_id), face)
    async with context.db.begin() as tx:
        await tx.execute(
            sa.insert(identity_images).values(
                id=image_id,
                participant_id=holder.person_id,
                kind="face",
                width=600,
                height=600,
                size_bytes=len(face),
                sha256=hashlib.sha256(face).hexdigest(),
                checks=[],
                captured_by="agent",
                captured_by_id="staff:test",
                captured_at=at or made.started_at,
            )
        )


def whole_policy(service: Service, number: str = "00001354407808088", **changes: Any) -> dict[str, Any]:
    """A policy without a proposal, of a policyholder with a passport (SMS code by the rulebook S1)."""
    birth_on = TODAY.replace(year=TODAY.year - 40)
    return {
        "policy_no": number,
        "issued_at": service.clock.at.isoformat(),
        "product": {"name": "守护一生重大疾病保险", "product_type": "health", "waiting_period_days": 90},
        "premium": {"mode": "regular_pay", "amount_fen": 2_000_000, "frequency": "annual", "years": 5},
        "coverage": "终身",
        "channel": "individual",
        "org_code": "110101",
        "policyholder": {
            "name": "周云峰",
            "birth_on": birth_on.isoformat(),
            "cert_type": "passport",
            "cert_no": "E12345678",
            "phone": "13700008888",
        },
        "insured": {
            "name": "赵一",
            "birth_on": birth_on.isoformat(),
            "cert_no": make_identity_no("110101", birth_on, 77, "male"),
        },
        **changes,
    }


async def messages(context: Context, phone: str = "") -> list[tuple[str, str]]:
    """(template, whole text) of every message in the outbox, oldest first; of one phone where given."""
    query = sa.select(outbox_messages).order_by(outbox_messages.c.created_at, outbox_messages.c.id)
    found: list[tuple[str, str]] = []
    async with context.db.read() as tx:
        for row in (await tx.execute(query)).mappings():
            if phone and context.cipher.decrypt(row["to_enc"], f"outbox_messages.to:{row['id']}") != phone:
                continue
            params = orjson.loads(context.cipher.decrypt(row["params_enc"], f"outbox_messages.params:{row['id']}"))
            found.append((row["template"], render(row["template"], params)))
    return found


async def last_link(context: Context, phone: str) -> str:
    """The key of the newest callback link sent to a phone."""
    texts = [text for template, text in await messages(context, phone) if template.startswith("callback_")]
    found = re.search(r"/m/c#k=([\w-]+)", texts[-1])
    assert found, texts[-1]
    return found[1]


async def last_code(context: Context, phone: str) -> str:
    """The newest verification code sent to a phone."""
    texts = [text for template, text in await messages(context, phone) if template == "verification_code"]
    found = re.search(r"\d{6}", texts[-1])
    assert found
    return found[0]


async def tick(service: Service, **forward: float) -> None:
    """Move the clock and let the jobs process do its work."""
    service.clock.forward(**forward)
    await advance_due(service.context)


@dataclass
class Customer:
    """A customer at a phone."""

    service: Service
    phone: str
    link: Caller | None = None
    pages: Caller | None = None
    callback_id: str = ""
    asked: list[str] = field(default_factory=list)

    async def open(self, key: str | None = None) -> dict[str, Any]:
        """Open the link from the newest SMS."""
        anonymous = await self.service.anonymous()
        key = key or await last_link(self.service.context, self.phone)
        opened = await anonymous.ask("POST", "/api/v1/customer/tickets", json={"key": key})
        assert opened["scope"] == "callback_link"
        self.link = await self.service.bearer(opened["ticket"])
        entry: dict[str, Any] = await self.link.ask("GET", BASE)
        return entry

    async def prove_by_code(self) -> dict[str, Any]:
        """Prove identity by the code that was sent to the phone."""
        assert self.link
        await self.link.ask("POST", f"{BASE}/identity/code", status=200)
        body = {"code": await last_code(self.service.context, self.phone)}
        return await self._took(await self.link.ask("POST", f"{BASE}/identity/code/check", json=body, status=200))

    async def challenge(self, kind: str | None = None) -> dict[str, Any]:
        """Ask for a challenge."""
        assert self.link
        view: dict[str, Any] = await self.link.ask("POST", f"{BASE}/identity/challenge", json={"kind": kind}, status=200)
        return view

    async def show_video(self, challenge: dict[str, Any], video: bytes, kind: str = "video/webm") -> dict[str, Any]:
        """Upload a video for a challenge, after the time it took to make."""
        assert self.link
        self.service.clock.at += timedelta(milliseconds=challenge["length_ms"])
        path = f"{BASE}/identity/face/{challenge['challenge_id']}"
        return await self._took(await self.link.ask("POST", path, data=video, headers={"Content-Type": kind}, status=200))

    async def _took(self, result: dict[str, Any]) -> dict[str, Any]:
        self.callback_id = result["callback_id"]
        if result["result"] == "passed":
            self.pages = await self.service.bearer(result["ticket"])
        return result

    async def step(self, name: str, callback_id: str = "", **kwargs: Any) -> Any:
        """One step of the pages."""
        assert self.pages
        return await self.pages.ask("POST", f"{BASE}/policies/{callback_id or self.callback_id}/{name}", status=200, **kwargs)

    async def refused(self, name: str, status: int, code: str, **kwargs: Any) -> dict[str, Any]:
        assert self.pages
        return await self.pages.refused("POST", f"{BASE}/policies/{self.callback_id}/{name}", status, code, **kwargs)

    async def to_questions(self, callback_id: str = "") -> dict[str, Any]:
        """Notice and tick."""
        await self.step("begin", callback_id)
        view: dict[str, Any] = await self.step("notice", callback_id, json={"is_confirmed": True})
        self.asked = [question["id"] for question in view["questions"]]
        return view

    async def answer(self, callback_id: str = "", wait: timedelta = timedelta(seconds=60), **other: str) -> dict[str, Any]:
        """Answer everything with yes, except what is given, after the minimum time."""
        self.service.clock.at += wait
        answers = {question: other.get(question, "yes") for question in self.asked}
        view: dict[str, Any] = await self.step("answers", callback_id, json={"answers": answers})
        return view

    async def finish(self, callback_id: str = "") -> dict[str, Any]:
        """Sign and confirm."""
        await self.step("signature", callback_id, json={"strokes": STROKES})
        view: dict[str, Any] = await self.step("confirm", callback_id)
        return view
