"""The batch of reminders across SIGKILL of two workers at any moment: none missing, none twice."""

import asyncio
import os
import random
import sys
from asyncio.subprocess import PIPE, Process
from collections import Counter
from datetime import date, datetime, timedelta
from pathlib import Path

from server.domain.identity_no import make_identity_no
from server.settings import Settings
from tests.support.callbacks import messages, whole_policy
from tests.support.core import Service, running

TOTAL = 120
SCRIPT = Path(__file__).with_name("callback_process.py")


async def start(settings: Settings, now: datetime) -> Process:
    environment = {**os.environ, "DR_DATA_DIR": str(settings.data_dir), "PYTHONPATH": str(SCRIPT.parents[2])}
    return await asyncio.create_subprocess_exec(sys.executable, str(SCRIPT), now.isoformat(), "2", stdout=PIPE, env=environment)


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


async def test_killed_workers_neither_lose_nor_double_a_message(settings: Settings) -> None:
    """S0 sends at ten in the morning for the day before; two workers are killed in the middle of it, again and again."""
    settings.callback_rulebook = "S0"
    chance = random.Random(7)
    async with running(settings) as service:
        await give_policies(service)
        assert await messages(service.context) == []
        ten = service.clock.at + timedelta(days=1)
        for _ in range(3):
            workers = [await start(settings, ten) for _ in range(2)]
            for worker in workers:
                assert worker.stdout
                for _ in range(chance.randint(1, 8)):
                    await asyncio.wait_for(worker.stdout.readline(), 60)
                worker.kill()
                await worker.wait()
        seen = len(await messages(service.context))
        assert 0 < seen < TOTAL, "the kills fell into the batch"
        last = [await start(settings, ten) for _ in range(2)]
        assert [await asyncio.wait_for(worker.wait(), 120) for worker in last] == [0, 0]
        sent = await messages(service.context)
        numbers = Counter(text.split("保单")[1][:17] for _, text in sent)
        assert len(numbers) == TOTAL, "none missing"
        assert set(numbers.values()) == {1}, "none twice"
