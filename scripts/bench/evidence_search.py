"""Search and lists at 100 000 cases, over HTTP, on SQLite and on a real PostgreSQL.

    python -m scripts.bench.evidence_search [search|list] [--count 100000] [--folder DIR] [--postgresql URL]

Each database is filled once with cases, people (encrypted), policies, recordings, inspections and encrypted, indexed transcripts,
twenty lines a recording; then the application answers a fixed, seeded mix of requests of an inspector and an agent, one after the
other. `--folder` keeps the SQLite file for the next run; PostgreSQL is the server at the address of a filled or empty database,
else one of the bench's own. The last line is `RESULT {json}`: 95th percentiles in ms; null where nothing was measured.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiohttp.test_utils import TestServer

from scripts.bench.filled import AGENTS, DATABASE_TABLES, END, SENTENCES, fill, id_number, name_of, phone_of
from server.app import build_app
from server.context import Context
from server.settings import Settings
from storage.db.crypto import FieldCipher
from storage.db.engine import Database
from tests.support.core import Caller, Service
from tests.support.postgres import missing_tools, running_postgres

ROUNDS = 12
Request = tuple[str, str, str, dict[str, Any] | None]
"""Kind, method, path, body."""


def searches(dice: random.Random, count: int) -> list[Request]:
    """One round of searches: every field, rare and frequent words, alone and together."""
    number = dice.randrange(count)
    day = (END - timedelta(days=dice.randrange(20, 700))).date()
    sentence = dice.choice(SENTENCES[40:])
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("everything", {}),
        ("case id", {"q": f"case_{number:08d}"}),
        ("proposal number", {"q": f"P{number:010d}"}),
        ("part of a number", {"q": f"{number:08d}"[-6:]}),
        ("policy number", {"q": f"L{number:010d}"}),
        ("ID number", {"q": id_number(number)}),
        ("name", {"q": name_of(number)}),
        ("phone", {"q": phone_of(number)}),
        ("agent", {"agent": f"业务员{dice.randrange(AGENTS):03d}"}),
        ("agent and month", {"agent": f"A{dice.randrange(AGENTS):06d}", "from_on": str(day), "to_on": str(day + timedelta(30))}),
        ("one day", {"from_on": str(day), "to_on": str(day)}),
        ("verdict", {"verdict": dice.choice(["rejected", "passed", "queued"])}),
        ("product and verdict", {"product": "万能", "verdict": "rejected"}),
        ("state and type", {"state": "rejected", "product_type": "health"}),
        ("rare words", {"words": sentence[2:8]}),
        ("frequent words", {"words": "请问您是否清楚"}),
        ("words and agent", {"words": "不承诺", "agent": f"A{dice.randrange(AGENTS):06d}"}),
        ("words and day", {"words": "犹豫期", "from_on": str(day), "to_on": str(day)}),
        ("words and verdict", {"words": "保单现金价值", "verdict": "rejected"}),
        ("unheard words", {"words": "量子纠缠计算机"}),
    ]
    return [(f"search: {kind}", "POST", "/api/v1/search", body) for kind, body in bodies]


def lists(dice: random.Random, count: int) -> list[Request]:
    """One round of list pages."""
    number = dice.randrange(count)
    paths = [
        ("cases", "/api/v1/cases"),
        ("cases, page 40", "/api/v1/cases?page=40"),
        ("cases by state", "/api/v1/cases?state=pending_inspection"),
        ("cases by type", "/api/v1/cases?product_type=health&sort=created_at"),
        ("cases by number", f"/api/v1/cases?q=P{number:010d}"),
        ("cases by name", f"/api/v1/cases?q={name_of(number)}"),
        ("cases of an agent", f"/api/v1/cases?agent_id=usr_a{dice.randrange(AGENTS):05d}"),
        ("queue", "/api/v1/inspections?state=queued"),
        ("all inspections", "/api/v1/inspections"),
        ("overdue", "/api/v1/inspections?urgency=overdue"),
        ("my inspections", "/api/v1/inspections?mine=true"),
        ("queue by reason", "/api/v1/inspections?state=queued&sampled_reason=elderly"),
        ("queue by number", f"/api/v1/inspections?q=P{number:010d}"),
        ("recordings", "/api/v1/recordings"),
        ("sealed recordings", "/api/v1/recordings?state=sealed"),
        ("proposals", "/api/v1/proposals"),
        ("proposals without a case", "/api/v1/proposals?without_case=true"),
        ("callbacks", "/api/v1/callbacks"),
        ("audit log", "/api/v1/admin/audits"),
    ]
    return [(f"list: {kind}", "GET", path, None) for kind, path in paths]


@contextlib.asynccontextmanager
async def service_on(url: str, folder: Path, count: int) -> AsyncIterator[Service]:
    """The application on a filled database."""
    settings = Settings(data_dir=folder, database_url=url, http_port=0)
    database = Database.connect(url)
    context = Context(settings=settings, db=database, cipher=FieldCipher(settings.data_keys()), now=lambda: END)
    began = time.monotonic()
    if await fill(context, count):
        print(f"  filled in {time.monotonic() - began:.0f} s", flush=True)
    for table in DATABASE_TABLES:
        async with database.read() as tx:
            rows = await tx.scalar(sa.select(sa.func.count()).select_from(sa.table(table)))
        print(f"  {table}: {rows}", flush=True)
    server = TestServer(build_app(context))
    await server.start_server()
    service = Service(server, context, lambda: END)  # type: ignore[arg-type]  # a clock that stands still
    try:
        yield service
    finally:
        for caller in service.callers:
            await caller.client.close()
        await server.close()
        await database.aclose()


async def measure(service: Service, count: int, groups: list[str]) -> dict[str, float]:
    """95th percentile of each group, in ms; prints every kind."""
    dice = random.Random(7)
    callers = [await service.sign_in("inspector"), await service.sign_in("agent")]
    taken: dict[str, list[float]] = defaultdict(list)
    worked: dict[str, list[float]] = defaultdict(list)
    for round_ in range(ROUNDS + 1):
        requests = [request for group in groups for request in (searches if group == "search" else lists)(dice, count)]
        caller = callers[0] if round_ % 4 else callers[1]
        for kind, method, path, body in requests:
            spent = await _timed(caller, method, path, body)
            if spent is not None and round_:  # the first round opens files and warms caches
                taken[kind].append(spent[0])
                worked[kind.split(":")[0]].append(spent[1])
    result = {}
    for group in groups:
        every = sorted(value for kind, values in taken.items() if kind.startswith(f"{group}:") for value in values)
        result[group] = round(every[int(len(every) * 0.95)], 1)
        cpu = sorted(worked[group])
        print(f"  {group}: processor time here, median {cpu[len(cpu) // 2]:.0f} ms, p95 {cpu[int(len(cpu) * 0.95)]:.0f} ms")
    for kind, values in sorted(taken.items(), key=lambda item: -max(item[1])):
        ordered = sorted(values)
        print(f"  {kind:34} median {ordered[len(ordered) // 2]:7.1f} ms, worst {ordered[-1]:7.1f} ms", flush=True)
    return result


async def _timed(caller: Caller, method: str, path: str, body: dict[str, Any] | None) -> tuple[float, float] | None:
    began, worked = time.perf_counter(), time.process_time()
    response = await caller.raw(method, path, **({"json": body} if body is not None else {}))
    await response.read()
    if response.status == 403:
        return None  # this page is not theirs
    if response.status != 200:
        raise RuntimeError(f"{path} answered {response.status}")
    return (time.perf_counter() - began) * 1000, (time.process_time() - worked) * 1000


async def run(groups: list[str], count: int, folder: Path, postgresql: str | None) -> dict[str, float | None]:
    """Both databases."""
    result: dict[str, float | None] = {}
    with contextlib.ExitStack() as stack:
        urls = {"sqlite": f"sqlite+aiosqlite:///{folder / 'bench.db'}", "postgresql": postgresql}
        if postgresql is None and not missing_tools():
            urls["postgresql"] = stack.enter_context(running_postgres()).create()
        for name, url in urls.items():
            if url is None:
                print(f"{name}: not installed, not measured", flush=True)
                result |= {f"{group}_p95_ms_{name}": None for group in groups}
                continue
            print(f"{name}, {count} cases, load average {os.getloadavg()[0]:.1f}", flush=True)
            async with service_on(url, folder, count) as service:
                found = await measure(service, count, groups)
            result |= {f"{group}_p95_ms_{name}": value for group, value in found.items()}
            print(f"  {found}, load average {os.getloadavg()[0]:.1f}", flush=True)
    return result


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description="Search and lists at scale")
    parser.add_argument("group", nargs="?", choices=["search", "list"])
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--postgresql")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as spare:
        folder = given.folder or Path(spare)
        folder.mkdir(parents=True, exist_ok=True)
        result = asyncio.run(run([given.group] if given.group else ["search", "list"], given.count, folder, given.postgresql))
    print("RESULT " + json.dumps(result))
    return 0


if __name__ == "__main__":
    print(f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC")
    sys.exit(main())
