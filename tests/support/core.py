"""The real web application on a database of its own, with people who sign in and a clock that tests move."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import sqlalchemy as sa
from aiohttp import ClientResponse
from aiohttp.test_utils import TestClient, TestServer
from fpdf import FPDF

from server.app import build_app
from server.cases import products
from server.context import Context
from server.domain.identity_no import make_identity_no
from server.ops.demo.proposals import ORGANISATIONS, PRODUCTS
from server.ops.web_process import SHUTDOWN_S
from server.schema import load_metadata
from server.settings import Settings
from server.users import service as users
from server.users.demo import DEMO_ACCOUNTS, DEMO_PASSWORD
from server.users.passwords import hash_password
from server.users.tables import organisations
from storage.db.crypto import FieldCipher
from storage.db.engine import Database

START = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)


@dataclass
class Clock:
    """The service's clock."""

    at: datetime = START

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass
class Caller:
    """One browser: its own cookies."""

    client: TestClient[Any, Any]
    headers: dict[str, str] = field(default_factory=dict)

    async def ask(self, method: str, path: str, *, status: int | None = None, **kwargs: Any) -> Any:
        """Send a request, check the status, return the JSON (or nothing)."""
        response = await self.raw(method, path, **kwargs)
        body = await response.json(content_type=None) if response.status != 204 else None
        wanted = status or {"POST": response.status if response.status in (200, 201, 204) else 200}.get(method, 200)
        if method in ("DELETE",) and status is None:
            wanted = 204
        assert response.status == wanted, (method, path, response.status, body)
        return body

    async def raw(self, method: str, path: str, **kwargs: Any) -> ClientResponse:
        headers = {**self.headers, **kwargs.pop("headers", {})}
        return await self.client.request(method, path, headers=headers, **kwargs)

    async def refused(self, method: str, path: str, status: int, code: str, **kwargs: Any) -> dict[str, Any]:
        """Send a request that must be refused with this status and code; return its params."""
        response = await self.raw(method, path, **kwargs)
        assert response.content_type == "application/problem+json", (response.status, await response.text())
        body = await response.json(content_type=None)
        assert (response.status, body["code"]) == (status, code), body
        params: dict[str, Any] = body["params"]
        return params


@dataclass
class Service:
    """The running application."""

    server: TestServer
    context: Context
    clock: Clock
    callers: list[Caller] = field(default_factory=list)

    async def anonymous(self) -> Caller:
        caller = Caller(TestClient(self.server))
        self.callers.append(caller)
        return caller

    async def sign_in(self, login: str, password: str = DEMO_PASSWORD) -> Caller:
        caller = await self.anonymous()
        await caller.ask("POST", "/api/v1/auth/sign-in", json={"login": login, "password": password})
        return caller

    async def core(self) -> Caller:
        """The core system, with its key."""
        caller = await self.anonymous()
        caller.headers["Authorization"] = f"Bearer {self.context.settings.core_api_key.get_secret_value()}"
        return caller

    async def bearer(self, token: str) -> Caller:
        caller = await self.anonymous()
        caller.headers["Authorization"] = f"Bearer {token}"
        return caller


_filled: dict[str, bytes] = {}
"""Filled SQLite databases by the key their fields are encrypted with: a process fills one and copies it."""


async def _fill(settings: Settings, clock: Clock) -> None:
    """Tables, demo accounts and products, where the database does not exist yet or is another server's."""
    url = sa.make_url(settings.database_url)
    path = Path(url.database) if url.drivername.startswith("sqlite") and url.database else None
    key = settings.data_key.get_secret_value()
    if path is not None and key in _filled and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_filled[key])
        return
    is_new = path is not None and not path.exists()
    database = Database.connect(settings.database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(load_metadata().create_all)
    context = Context(settings=settings, db=database, cipher=FieldCipher(settings.data_keys()), now=clock)
    encoded = await hash_password(DEMO_PASSWORD)
    async with database.begin() as tx:
        for code, name in ORGANISATIONS.items():
            await tx.execute(organisations.insert().values(code=code, name=name))
        for account in DEMO_ACCOUNTS:
            await users.create(tx, context, "system:test", account.user, encoded, must_change=False)
        for code, body in PRODUCTS.items():
            await products.put(tx, context, "system:test", code, body)
    await database.aclose()
    if path is not None and is_new and not path.with_name(f"{path.name}-wal").exists():
        _filled[key] = path.read_bytes()


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Service]:
    """The application with demo accounts and products, without proposals."""
    clock = Clock()
    await _fill(settings, clock)
    database = Database.connect(settings.database_url)
    context = Context(settings=settings, db=database, cipher=FieldCipher(settings.data_keys()), now=clock)
    server = TestServer(build_app(context))
    await server.start_server(shutdown_timeout=SHUTDOWN_S)
    service = Service(server, context, clock)
    try:
        yield service
    finally:
        for caller in service.callers:
            await caller.client.close()
        await server.close()
        await database.aclose()


def person(
    name: str, roles: list[str], *, sex: str = "male", age: int = 45, order: int = 1, phone: str | None = None, **more: Any
) -> dict[str, Any]:
    """A person of a proposal with a right identity number."""
    birth_on = date(TODAY.year - age, 3, 1)
    return {
        "name": name,
        "roles": roles,
        "sex": sex,
        "birth_on": birth_on.isoformat(),
        "cert_type": "id_card",
        "cert_no": make_identity_no("110101", birth_on, order, sex),
        "phone": phone,
        **more,
    }


def proposal(number: str = "P2026990001", **changes: Any) -> dict[str, Any]:
    """What the core system sends for a policyholder with an adult insured."""
    return {
        "proposal_no": number,
        "product_code": "PAR001",
        "channel": "individual",
        "org_code": "110101",
        "agent_code": "A100001",
        "premium": {"mode": "regular_pay", "amount_fen": 2_000_000, "frequency": "annual", "years": 10},
        "sum_insured_fen": 30_000_000,
        "coverage": "20年",
        "persons": [
            person("王建国", ["policyholder"], order=1, phone="13700000001"),
            person("李梅", ["insured"], sex="female", age=43, order=2, phone="13700000002"),
        ],
        **changes,
    }


def pdf(text: str = "P2026990001", pages: int = 2, *, side_mm: int | None = None) -> bytes:
    """A small real PDF on A4, or on square pages."""
    paper = FPDF(format=(side_mm, side_mm)) if side_mm else FPDF()
    paper.set_font("Helvetica", size=24)
    for number in range(pages):
        paper.add_page()
        paper.cell(0, 20, f"{text} page {number + 1}")
    return bytes(paper.output())


def jpeg(width: int = 640, height: int = 480, *, seed: int = 1) -> bytes:
    """A real picture of coloured noise."""
    noise = np.random.default_rng(seed).integers(0, 255, (height // 8, width // 8, 3), dtype=np.uint8)
    image = cv2.resize(noise, (width, height), interpolation=cv2.INTER_CUBIC)
    ok, data = cv2.imencode(".jpg", image)
    assert ok
    return data.tobytes()


async def give_documents(core: Caller, number: str, kinds: list[str] | None = None) -> None:
    """Upload a paper of each kind that a participating product needs."""
    for kind in kinds or ["insurance_prompt", "terms", "exclusion_note", "proposal_form", "product_manual"]:
        await core.ask(
            "POST",
            f"/api/v1/proposals/{number}/documents",
            params={"kind": kind, "title": kind},
            data=pdf(f"{number} {kind}"),
            headers={"Content-Type": "application/pdf"},
            status=201,
        )


async def capture_all(agent: Caller, case_id: str) -> None:
    """Upload every missing identity image."""
    view = await agent.ask("GET", f"/api/v1/cases/{case_id}/identity")
    for item in view["participants"]:
        for kind in item["missing"]:
            await capture(agent, case_id, item["participant_id"], kind)


async def capture(agent: Caller, case_id: str, participant_id: str, kind: str) -> None:
    """Upload one identity image."""
    path = f"/api/v1/cases/{case_id}/participants/{participant_id}/images/{kind}"
    data = jpeg(seed=sum(kind.encode()))  # one picture stands for one kind only
    await agent.ask("PUT", path, data=data, headers={"Content-Type": "image/jpeg"})
