"""The daily batch of reminders at scale: 10 000 open callbacks under S0, at ten in the morning, with a kill in the middle.

    python -m scripts.bench.callback [--count 10000] [--postgresql postgresql+asyncpg://user@host/db]

Each database is filled by the service's own code, then real worker processes do the batch; in the second batch one is killed
with SIGKILL part-way. SQLite runs in a temporary folder; PostgreSQL on a server of its own where it is installed, or at the
address of an empty database. The last line is `RESULT {json}`: seconds of an undisturbed batch, messages twice, messages missing;
null where nothing was measured.
"""

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from server.callbacks import store
from server.callbacks.library import shipped_calendar, shipped_data
from server.callbacks.tables import policies
from server.context import Context
from server.domain.callback.facts import PolicyFacts
from server.outbox.tables import outbox_messages
from server.schema import load_metadata
from server.settings import ROOT, Settings
from storage.db.crypto import FieldCipher
from storage.db.engine import Database
from tests.support.policies import plain_policy
from tests.support.postgres import missing_tools, running_postgres

ISSUED = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
TEN = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
"""Ten in the morning in Shanghai, the day after."""
WORKER = ROOT / "tests" / "crash" / "callback_process.py"
CHUNK = 250


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one database showed."""

    seconds: float
    duplicates: int
    missing: int


def facts(number: int) -> PolicyFacts:
    """A plain policy issued at eleven."""
    return plain_policy(ISSUED, policy_no=f"B{number:012d}", phone=f"137{number:08d}")


async def fill(context: Context, count: int) -> None:
    """Open callbacks as the intake does."""
    async with context.db.engine.begin() as connection:
        await connection.run_sync(load_metadata().create_all)
    book, questions = shipped_data("rulebooks", "S0"), shipped_data("questionnaires", "S0")
    for first in range(0, count, CHUNK):
        async with context.db.begin() as tx:
            for number in range(first, min(count, first + CHUNK)):
                policy = facts(number)
                await tx.execute(sa.insert(policies).values(**row_of(context, policy)))
                await store.create(
                    tx,
                    context,
                    facts=policy,
                    rulebook=book,
                    questionnaire=questions,
                    covered={},
                    customer_hash=f"customer{number}",
                    org_code="110101",
                    calendar=shipped_calendar(),
                    now=ISSUED,
                )


def row_of(context: Context, policy: PolicyFacts) -> dict[str, Any]:
    """The policy's row."""
    return {
        "policy_no": policy.policy_no,
        "content_hash": "0" * 64,
        "rulebook_id": "S0",
        "product_type": policy.product_type,
        "channel": policy.channel.value,
        "org_code": "110101",
        "data_enc": "",
        "customer_hash": policy.policy_no,
        "cert_hash": policy.policy_no,
        "name_hash": policy.policy_no,
        "phone_hash": context.cipher.search_hash(policy.phone),
        "status": "in_force",
        "issued_at": ISSUED,
        "received_at": ISSUED,
    }


async def worker(settings: Settings, now: datetime) -> asyncio.subprocess.Process:
    """A real process that does the callbacks' clock until nothing is due."""
    environment = {
        **os.environ,
        "DR_DATA_DIR": str(settings.data_dir),
        "DR_DATABASE_URL": settings.database_url,
        "PYTHONPATH": str(ROOT),
    }
    arguments = (sys.executable, str(WORKER), now.isoformat(), "250")
    return await asyncio.create_subprocess_exec(*arguments, stdout=asyncio.subprocess.PIPE, env=environment)


async def sent(context: Context) -> Counter[str]:
    """Messages by dedupe key."""
    async with context.db.read() as tx:
        rows = await tx.execute(sa.select(outbox_messages.c.dedupe_key, outbox_messages.c.to_hash))
        return Counter(str(row.to_hash) for row in rows)


async def measure(url: str, folder: Path, count: int) -> Outcome:
    """Fill a database; one batch undisturbed, and the repeat three days later with a kill in the middle."""
    settings = Settings(data_dir=folder, database_url=url)
    database = Database.connect(settings.database_url)
    context = Context(settings, database, FieldCipher(settings.data_keys()), lambda: ISSUED)
    try:
        began = time.perf_counter()
        await fill(context, count)
        print(f"{database.dialect}: {count} callbacks opened in {time.perf_counter() - began:.1f} s", flush=True)
        began = time.perf_counter()
        code = await (await worker(settings, TEN)).wait()
        seconds = time.perf_counter() - began
        first = await sent(context)
        print(f"{database.dialect}: batch in {seconds:.1f} s, exit {code}", flush=True)
        victim, other = [await worker(settings, TEN + timedelta(days=3)) for _ in range(2)]
        assert victim.stdout
        for _ in range(5):
            await victim.stdout.readline()
        with contextlib.suppress(ProcessLookupError):  # a small batch may be done by now
            victim.kill()
        await victim.wait()
        await other.wait()
        await (await worker(settings, TEN + timedelta(days=3))).wait()
        both = await sent(context)
        twice = sum(max(0, n - 1) for n in first.values()) + sum(max(0, n - 2) for n in both.values())
        missing = 2 * count - sum(min(n, 2) for n in both.values())
        print(f"{database.dialect}: second reminders with a kill in the middle: {twice} twice, {missing} missing", flush=True)
        return Outcome(round(seconds, 2), twice, missing)
    finally:
        await database.aclose()


async def run(count: int, postgresql: str) -> dict[str, Any]:
    """Measure what is there."""
    folder = Path(tempfile.mkdtemp(prefix="bench-callback-"))
    try:
        sqlite = await measure("", folder / "sqlite", count)
        other = await measure(postgresql, folder / "postgresql", count) if postgresql else None
    finally:
        shutil.rmtree(folder)
    outcomes = [o for o in (sqlite, other) if o]
    return {
        "count": count,
        "batch_10000_s_sqlite": sqlite.seconds if count == 10_000 else None,
        "batch_10000_s_postgresql": other.seconds if other and count == 10_000 else None,
        "sms_duplicates": sum(o.duplicates for o in outcomes),
        "sms_missing": sum(o.missing for o in outcomes),
    }


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--postgresql", default=os.environ.get("DR_BENCH_POSTGRESQL", ""))
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        url = arguments.postgresql
        if not url and not missing_tools():
            url = stack.enter_context(running_postgres()).create()
        result = asyncio.run(run(arguments.count, url))
    print("RESULT " + json.dumps(result))
    return 0 if result["sms_duplicates"] == result["sms_missing"] == 0 else 1


if __name__ == "__main__":
    raise SystemExit(main())
