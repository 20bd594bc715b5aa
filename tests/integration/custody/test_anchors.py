"""Each day's head of the audit log in the store: a cut tail is seen even when the database and the machine's files agree."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.audits import service as audits
from server.audits.tables import audit_entries, audit_heads
from server.custody.anchors import PREFIX, anchor_day, read_anchors
from server.settings import ROOT
from storage.objects.local import LocalObjectStore
from storage.objects.port import ObjectLocked
from tests.support.core import Service
from tests.support.custody import services_of

VERIFY = "/api/v1/admin/audits/verify"


async def write(service: Service, count: int) -> None:
    for number in range(count):
        async with service.context.db.begin() as tx:
            await audits.record(tx, service.context, actor="system:test", action="test.done", subject=f"s{number}")


async def three_days(service: Service, store: LocalObjectStore) -> None:
    services = services_of(service.context, store)
    for _ in range(3):
        await write(service, 3)
        assert await anchor_day(services) is True
        assert await anchor_day(services) is False, "one a day"
        service.clock.forward(days=1)


async def test_a_cut_tail_is_seen_although_head_and_files_were_moved_back_with_it(
    service: Service, store: LocalObjectStore
) -> None:
    services = services_of(service.context, store)
    await write(service, 2)
    async with service.context.db.read() as tx:
        earlier = (await tx.execute(sa.select(audit_heads))).mappings().one()
    await three_days(service, store)
    admin = await service.sign_in("admin")
    whole = await admin.ask("GET", VERIFY)
    assert (whole["is_intact"], whole["daily_tokens"], whole["last_token_on"]) == (True, 3, "2026-11-24")
    with pytest.raises(ObjectLocked):
        await store.delete(f"{PREFIX}2026-11-22.json")
    async with service.context.db.begin() as tx:  # with everything this machine and its keys can do
        await tx.execute(sa.delete(audit_entries).where(audit_entries.c.seq > earlier["seq"]))
        await tx.execute(sa.update(audit_heads).values(**{name: earlier[name] for name in ("seq", "hash", "mac")}))
    audits.anchor_path(service.context).unlink(missing_ok=True)
    async with service.context.db.read() as tx:
        assert (await audits.verify(tx, service.context)).is_intact, "without the tokens nobody would notice"
        anchors = await read_anchors(store, services.tsa_roots())
        found = await audits.verify(tx, service.context, anchors.heads)
    assert (found.is_intact, found.fault, found.seq) == (False, "TAIL_CUT", earlier["seq"] + 1)
    run = subprocess.run(
        [sys.executable, "-m", "server", "verify-audit"], cwd=ROOT, capture_output=True, text=True, check=False,
        env={**os.environ, "DR_DATA_DIR": str(service.context.settings.data_dir), "PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert run.returncode == 1, run.stderr
    assert json.loads(run.stdout.splitlines()[-1])["fault"] == "TAIL_CUT"


async def test_a_forged_or_missing_day_is_seen(service: Service, store: LocalObjectStore) -> None:
    await three_days(service, store)
    admin = await service.sign_in("admin")
    middle: Path = store.path_of(f"{PREFIX}2026-11-23.json")
    original = middle.read_bytes()
    wire = json.loads(original) | {"hash": "0" * 64}
    middle.write_text(json.dumps(wire))
    assert (await admin.ask("GET", VERIFY))["fault"] == "ANCHOR_TOKEN_INVALID"
    middle.unlink()
    assert (await admin.ask("GET", VERIFY))["fault"] == "ANCHOR_DAY_MISSING"
    middle.write_bytes(original)
    assert (await admin.ask("GET", VERIFY))["is_intact"] is True
    store.path_of(f"{PREFIX}2026-11-23.tsr").unlink()
    assert (await admin.ask("GET", VERIFY))["fault"] == "ANCHOR_TOKEN_MISSING"


async def test_a_process_killed_between_head_and_token_is_made_good(service: Service, store: LocalObjectStore) -> None:
    await write(service, 1)
    services = services_of(service.context, store)
    await anchor_day(services)
    before = (await store.stat(f"{PREFIX}2026-11-22.json")).sha256
    store.path_of(f"{PREFIX}2026-11-22.tsr").unlink()
    await write(service, 1)
    async with service.context.db.read() as tx:
        assert await audits.head_of(tx)
    assert (await read_anchors(store, services.tsa_roots())).days == [], "no token, no anchor"
    facts = service.context.settings.data_dir / "store" / "facts" / f"{PREFIX}2026-11-22.tsr.json"
    facts.unlink()
    assert await anchor_day(services) is True
    assert (await store.stat(f"{PREFIX}2026-11-22.json")).sha256 == before
    assert len((await read_anchors(store, services.tsa_roots())).days) == 1
