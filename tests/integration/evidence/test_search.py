"""The search, over HTTP, on SQLite and (where it is installed) PostgreSQL."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiohttp.test_utils import TestServer

from server.app import build_app
from server.audits.tables import audit_entries
from server.cases.tables import proposal_persons
from server.context import Context
from server.inspections.tables import inspections
from server.recordings import spoken
from server.recordings.tables import recording_accesses
from server.schema import load_metadata
from server.settings import Settings
from storage.db.crypto import FieldCipher
from storage.db.engine import Database
from tests.support.core import Clock, Service
from tests.support.recordings import Made, make_session

ELDER = "P2026010002"


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[Service, list[Made]]]:
    """Two recorded cases of two agents, with transcripts."""
    settings = Settings(data_dir=tmp_path / "data", database_url=database_url, http_port=0)
    clock, database = Clock(), Database.connect(settings.database_url)
    async with database.engine.begin() as connection:
        await connection.run_sync(load_metadata().create_all)
    context = Context(settings=settings, db=database, cipher=FieldCipher(settings.data_keys()), now=clock)
    made = [
        await make_session(context, with_media=False),
        await make_session(context, with_media=False, proposal_no=ELDER, login="lisi"),
    ]
    for each, text in zip(made, ("本产品不承诺保本，收益不确定", "请您如实告知健康情况"), strict=True):
        line = {"seat_id": each.setup.agent.seat_id, "start_ms": 1200, "end_ms": 3000, "text": text, "words": [], "engine": "x"}
        async with database.begin() as tx:
            await spoken.store_lines(tx, context, each.recording_id, [line])
    web = TestServer(build_app(context))
    await web.start_server()
    service = Service(web, context, clock)
    try:
        yield service, made
    finally:
        for caller in service.callers:
            await caller.client.close()
        await web.close()
        await database.aclose()


@pytest.mark.timeout(600)
async def test_search(house: tuple[Service, list[Made]]) -> None:
    service, made = house
    await numbers_people_and_filters(service, *made)
    await spoken_words(service, *made)
    await pages(service, *made)


async def numbers_people_and_filters(service: Service, first: Made, second: Made) -> None:
    inspector = await service.sign_in("zhaoliu")

    async def found(**wanted: object) -> list[str]:
        page = await inspector.ask("POST", "/api/v1/search", json=wanted, status=200)
        return [item["case_id"] for item in page["items"]]

    assert await found() == [second.case_id, first.case_id]
    assert await found(q=first.case_id) == [first.case_id]
    assert await found(q=ELDER) == [second.case_id]
    assert await found(q="6010001") == [first.case_id]
    assert await found(q="nothing like it") == []
    async with service.context.db.read() as tx:
        people = sa.select(proposal_persons).where(proposal_persons.c.proposal_no == ELDER)
        person = (await tx.execute(people)).mappings().first()
    assert person is not None
    stored = service.context.cipher.decrypt(person["data_enc"], f"proposal_persons.data:{person['id']}")
    cert_no = stored.split('"cert_no":"')[1].split('"')[0]
    assert second.case_id in await found(q=cert_no)
    assert await found(q=cert_no[:-1]) == []  # only the whole number has a hash
    assert await found(agent="lisi") == [second.case_id]
    assert await found(agent="nobody") == []
    assert await found(product_type=first.setup.product_type, q=first.case_id) == [first.case_id]
    assert await found(product=first.setup.product_name, q=first.case_id) == [first.case_id]
    assert await found(state="draft") == []
    assert await found(from_on="2020-01-01", to_on="2020-01-02") == []
    today = service.clock().date()
    assert len(await found(from_on=str(today), to_on=str(today))) == 2
    assert await found(verdict="rejected") == []
    async with service.context.db.begin() as tx:
        texts = dict.fromkeys(
            ("proposal_no", "product_name", "product_type", "organisation", "seller_id", "seller_name", "seller_team"), "x"
        )
        times = dict.fromkeys(("recorded_at", "due_at", "created_at"), service.clock())
        await tx.execute(inspections.insert().values(
            id="ins_1", recording_id=first.recording_id, case_id=first.case_id, round=1, state="rejected", sampled_because=[],
            failed_checks=0, not_measured_checks=0, **texts, **times,
        ))  # fmt: skip
    assert await found(verdict="rejected") == [first.case_id]


async def spoken_words(service: Service, first: Made, second: Made) -> None:
    inspector = await service.sign_in("zhaoliu")
    page = await inspector.ask("POST", "/api/v1/search", json={"words": "不承诺保本"}, status=200)
    [hit] = page["items"]
    assert (hit["case_id"], hit["recording_id"]) == (first.case_id, first.recording_id)
    assert [(line["t_ms"], line["is_exact"]) for line in hit["spoken"]] == [(1200, True)]
    page = await inspector.ask("POST", "/api/v1/search", json={"words": "包本"}, status=200)
    assert [item["spoken"][0]["is_exact"] for item in page["items"]] == [False]
    page = await inspector.ask("POST", "/api/v1/search", json={"words": "承诺 告知"}, status=200)
    assert page["items"] == []
    page = await inspector.ask("POST", "/api/v1/search", json={"words": "告知", "agent": "zhangsan"}, status=200)
    assert page["items"] == []
    page = await inspector.ask("POST", "/api/v1/search", json={"words": "本"}, status=200)
    assert page["reason"] == "WORDS_TOO_SHORT"
    agent = await service.sign_in("lisi")
    page = await agent.ask("POST", "/api/v1/search", json={"words": "保本"}, status=200)
    assert page["items"] == []  # somebody else's case
    page = await agent.ask("POST", "/api/v1/search", json={"words": "如实告知"}, status=200)
    assert [item["case_id"] for item in page["items"]] == [second.case_id]
    async with service.context.db.read() as tx:
        audited = sa.select(sa.func.count()).where(audit_entries.c.action == "search.spoken")
        assert await tx.scalar(audited) == 3
        shown = sa.select(recording_accesses.c.recording_id).where(recording_accesses.c.action == "search")
        looked_up = sorted((await tx.execute(shown)).scalars())
    assert looked_up == sorted([first.recording_id] * 2 + [second.recording_id]), (
        "whose words were shown says so in the access log"
    )


async def pages(service: Service, first: Made, second: Made) -> None:
    inspector = await service.sign_in("zhaoliu")
    for wanted, cases in (({}, [second.case_id, first.case_id]), ({"words": "产品"}, [first.case_id])):
        seen: list[str] = []
        cursor = None
        while True:
            page = await inspector.ask("POST", "/api/v1/search", json={**wanted, "limit": 1, "cursor": cursor}, status=200)
            seen += [item["case_id"] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        assert seen == cases
    await inspector.refused("POST", "/api/v1/search", 422, "CURSOR_INVALID", json={"words": "产品", "cursor": "x"})
