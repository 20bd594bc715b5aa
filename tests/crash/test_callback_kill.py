"""Every deadline of many callbacks across SIGKILL of two workers at any moment, on both databases: none missing, none twice."""

import asyncio
import contextlib
import os
import random
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

import sqlalchemy as sa

from server.callbacks.tables import callback_events, callback_tasks
from server.domain.identity_no import make_identity_no
from server.settings import Settings
from tests.support.callbacks import messages, whole_policy
from tests.support.core import Service, running

TOTAL = 50
BATCH = 2
SCRIPT = Path(__file__).with_name("callback_process.py")


async def start(settings: Settings, now: datetime, *how: str) -> Process:
    environment = {
        **os.environ,
        "DR_DATA_DIR": str(settings.data_dir),
        "DR_DATABASE_URL": settings.database_url,
        "PYTHONPATH": str(SCRIPT.parents[2]),
    }
    command = (sys.executable, str(SCRIPT), now.isoformat(), str(BATCH), *how)
    return await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, env=environment)


async def give_policies(service: Service) -> None:
    core = await service.core()
    birth_on = date(1980, 5, 1)
    for number in range(TOTAL):
        holder = {
            "name": "周云峰",
            "birth_on": birth_on.isoformat(),
            "cert_no": make_identity_no("110101", birth_on, number + 1, "male"),
            "phone": f"137{number:08d}",
        }
        body = whole_policy(service, f"0000135440000{number:04d}", policyholder=holder)
        await core.ask("POST", "/api/v1/policies", json=body, status=201)


async def events(service: Service, kind: str) -> Counter[str]:
    """How often each callback has an event."""
    async with service.context.db.read() as tx:
        rows = await tx.execute(sa.select(callback_events.c.callback_id).where(callback_events.c.kind == kind))
        return Counter(str(row.callback_id) for row in rows)


async def work_and_die(worker: Process, batches: int, later_s: float) -> int:
    """Let a held worker do some batches, begin one more, and kill it some moments later. Gives its status."""
    assert worker.stdin
    assert worker.stdout
    with contextlib.suppress(ConnectionError, ProcessLookupError):  # it found nothing left
        for _ in range(batches):
            worker.stdin.write(b"\n")
            await worker.stdin.drain()
            await asyncio.wait_for(worker.stdout.readline(), 60)
        worker.stdin.write(b"\n")
        await worker.stdin.drain()
        await asyncio.sleep(later_s)
        worker.kill()
    return await worker.wait()


async def through(settings: Settings, at: datetime, chance: random.Random, kills: int) -> None:
    """Let two workers do what is due at an instant, killing both again and again, until undisturbed ones find nothing left."""
    for number in range(kills):
        workers = [await start(settings, at, "held") for _ in range(2)]
        ends = await asyncio.gather(*(work_and_die(worker, chance.randint(1, 6), chance.uniform(0, 0.02)) for worker in workers))
        assert number or ends == [-signal.SIGKILL] * 2, "two times seven batches are not all the work: both die of the first kill"
    last = [await start(settings, at) for _ in range(2)]
    assert [await asyncio.wait_for(worker.wait(), 120) for worker in last] == [0, 0]


async def test_killed_workers_neither_lose_nor_double_anything(settings: Settings, database_url: str) -> None:
    """S0: the batch at ten, the second one three days later, the end of the window at midnight; both workers die in each."""
    settings.callback_rulebook = "S0"
    settings.database_url = database_url or settings.database_url
    chance = random.Random(7)
    async with running(settings) as service:
        await give_policies(service)
        assert await messages(service.context) == []
        ten = service.clock.at + timedelta(days=1)
        await through(settings, ten, chance, kills=2)
        assert (len(await events(service, "sms_sent")), len(await messages(service.context))) == (TOTAL, TOTAL)
        await through(settings, ten + timedelta(days=3), chance, kills=1)
        sent = await messages(service.context)
        numbers = Counter(text.split("保单")[1][:17] for _, text in sent)
        assert (len(numbers), set(numbers.values())) == (TOTAL, {2}), "the first and the second message, none missing, none twice"
        await through(settings, ten + timedelta(days=3, hours=14), chance, kills=1)
        ended = await events(service, "window_ended")
        assert (len(ended), set(ended.values())) == (TOTAL, {1})
        async with service.context.db.read() as tx:
            query = sa.select(callback_tasks.c.callback_id).where(callback_tasks.c.kind == "phone_call")
            calls = Counter(str(row.callback_id) for row in await tx.execute(query))
        assert (len(calls), set(calls.values())) == (TOTAL, {1}), "one call each, for the phone desk"
        assert len(await messages(service.context)) == 2 * TOTAL, "nothing more is sent"
