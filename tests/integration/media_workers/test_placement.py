"""Placement, admission, leases and alarms: over the real application with two scripted workers, and the rules alone."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.admission import Admission, AdmissionLimits
from media.rpc import RpcError
from server.media_workers import alarms, quality, service
from server.media_workers.tables import media_workers
from server.sessions.hub import HUB, SessionHub
from server.settings import Settings
from tests.support.media_workers import info, register
from tests.support.session_service import Engines, Live, live_service

NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Two:
    """The application; its first worker is that of `live`, the second is `other`."""

    def __init__(self, live: Live, other: Engines) -> None:
        self.live = live
        self.other = other

    @property
    def hub(self) -> SessionHub:
        app = self.live.service.server.app
        assert app is not None
        return app[HUB]

    async def cases(self, count: int) -> list[dict[str, Any]]:
        agent = await self.live.service.sign_in("zhangsan")
        numbers = [f"P20269900{n:02d}" for n in range(1, count + 1)]
        return [await self.live.create(agent, await self.live.ready_case(agent, number)) for number in numbers]

    async def media_is(self, session_id: str, is_up: bool) -> None:
        actor = await self.hub.get(session_id)
        async with asyncio.timeout(30):
            while actor.state.engines.get("media") is not is_up:
                await asyncio.sleep(0.02)


@pytest.fixture
async def two(settings: Settings) -> AsyncIterator[Two]:
    async with live_service(settings) as live:
        other = Engines(live.engines.media.token)
        other.clock = live.service.clock
        await other.media.start()
        await register(live.service.context, "test:1", f"http://127.0.0.1:{other.media.port}", cpu=0.02)
        made = Two(live, other)
        await made.hub.engines.refresh()
        async with asyncio.timeout(30):
            while not all(client.is_connected for (kind, _), client in made.hub.engines._clients.items() if kind == "media"):
                await asyncio.sleep(0.02)
        yield made
        await other.media.stop()


async def test_rooms_are_spread_and_a_lost_worker_concerns_its_own_only(two: Two) -> None:
    first, second = await two.cases(2)
    for created in (first, second):
        await two.media_is(created["session_id"], True)
    assert two.live.engines.rooms == {first["session_id"]}
    assert two.other.rooms == {second["session_id"]}
    await two.other.media.stop()
    await two.media_is(second["session_id"], False)
    actor = await two.hub.get(first["session_id"])
    assert actor.state.engines["media"] is True
    two.other.rooms.clear()
    await two.other.media.start()  # the same port: it came back, and knows nothing
    await two.media_is(second["session_id"], True)
    assert two.other.rooms == {second["session_id"]}
    assert two.live.engines.media.count("room.open") == 1


async def test_a_room_is_heard_by_the_speech_process_of_its_machine(two: Two) -> None:
    await two.other.speech.start()
    url, speech = (f"http://127.0.0.1:{engine.port}" for engine in (two.other.media, two.other.speech))
    await register(two.live.service.context, "test:1", url, speech, cpu=0.0)
    await two.hub.engines.refresh()
    async with asyncio.timeout(30):
        while not two.hub._can_judge.get(speech):
            await asyncio.sleep(0.02)
    [created] = await two.cases(1)
    await two.media_is(created["session_id"], True)
    assert two.other.rooms == {created["session_id"]}
    await two.other.speech.called("prompt.prepare")  # the file must lie where its worker plays it
    assert two.live.engines.speech.count("prompt.prepare") == 0
    await two.other.speech.stop()
    actor = await two.hub.get(created["session_id"])
    async with asyncio.timeout(30):
        while actor.state.engines.get("speech") is not False:
            await asyncio.sleep(0.02)


async def test_a_room_that_one_worker_refuses_goes_to_the_other(two: Two) -> None:
    def refuse(_params: dict[str, Any]) -> Any:
        raise RpcError("WORKER_BUSY", "full", retryable=True)

    two.live.engines.media.on("room.open", refuse)
    [created] = await two.cases(1)
    await two.media_is(created["session_id"], True)
    assert two.other.rooms == {created["session_id"]}


async def test_an_agent_is_told_before_customers_are_called(two: Two) -> None:
    agent = await two.live.service.sign_in("zhangsan")
    case_id = await two.live.ready_case(agent)
    context = two.live.service.context
    for reasons, code in (
        (("WORKER_DISK_LOW", "WORKER_DISK_LOW"), "MEDIA_DISK_LOW"),
        (("WORKER_BUSY", "WORKER_DISK_LOW"), "MEDIA_FULL"),
        (("WORKER_DRAINING", "WORKER_DRAINING"), "MEDIA_DRAINING"),
    ):
        for number, reason in enumerate(reasons):
            url = f"http://127.0.0.1:{(two.live.engines if number == 0 else two.other).media.port}"
            await register(context, f"test:{number}", url, refuses=reason)
        await agent.refused("POST", f"/api/v1/cases/{case_id}/session", 503, code, json={})
    assert not await two.live.messages("join_code")
    await register(context, "test:1", f"http://127.0.0.1:{two.other.media.port}")
    created = await two.live.create(agent, case_id)
    await two.media_is(created["session_id"], True)
    assert two.other.rooms == {created["session_id"]}


async def test_the_media_page_and_draining(two: Two) -> None:
    [created] = await two.cases(1)
    await two.media_is(created["session_id"], True)
    admin = await two.live.service.sign_in("admin")
    page = await admin.ask("GET", "/api/v1/admin/media")
    assert [(worker["id"], worker["state"]) for worker in page["workers"]] == [("test:0", "up"), ("test:1", "up")]
    assert [(room["room_id"], room["worker_id"]) for room in page["rooms"]] == [(created["session_id"], "test:0")]
    assert page["workers"][0]["queues"] == {"rpc_events": 0, "writer_bytes": 0, "tap_bytes": 0}
    legs_url = f"/api/v1/admin/media/rooms/{created['session_id']}/legs"
    assert await admin.ask("GET", legs_url) == []
    counters = {"packets": 900, "lost": 4, "nack": 7, "rtx": 3, "pli": 2, "bitrate": 480_000, "jitter_ms": 4.5, "gap_ms": 3_200}
    leg = {"leg_id": "l1", "seat_id": "s1", **counters, "rtt_ms": None, "score": 4}
    two.live.engines.media.on("room.stats", lambda _params: {"legs": [leg]})
    assert await admin.ask("GET", legs_url) == [leg]
    await admin.refused("GET", "/api/v1/admin/media/rooms/none/legs", 404, "ROOM_UNKNOWN")
    await admin.ask("POST", "/api/v1/admin/media/workers/test:0/drain", json={"is_on": True}, status=204)
    page = await admin.ask("GET", "/api/v1/admin/media")
    assert page["workers"][0]["state"] == "draining"
    await admin.refused("POST", "/api/v1/admin/media/workers/none/drain", 404, "MEDIA_WORKER_NOT_FOUND", json={"is_on": True})
    agent = await two.live.service.sign_in("zhangsan")
    await agent.refused("GET", "/api/v1/admin/media", 403, "FORBIDDEN")
    await agent.refused("POST", "/api/v1/admin/media/workers/test:0/drain", 403, "FORBIDDEN", json={"is_on": True})


async def test_metrics_tell_of_workers_and_are_not_for_everybody(two: Two) -> None:
    caller = await two.live.service.anonymous()
    async with caller.client.get("/metrics") as answer:
        text = await answer.text()
    assert 'dr_media_worker_up{worker="test:1"} 1.0' in text
    assert 'dr_media_worker_cpu{worker="test:1"} 0.02' in text
    assert 'dr_media_worker_queue_depth{queue="writer_bytes",worker="test:1"} 0.0' in text
    assert 'dr_media_alarm{kind="disk_low",worker="test:0"} 0.0' in text
    async with caller.client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}) as answer:
        assert answer.status == 403


async def test_quality_of_each_leg_stays_with_the_session(two: Two) -> None:
    [created] = await two.cases(1)
    session_id = created["session_id"]
    context = two.live.service.context
    counters = {"packets": 100, "bytes": 9, "lost": 0, "nack": 0, "rtx": 0, "pli": 1, "bitrate": 480_000}
    leg = {"leg_id": "l1", "seat_id": "s1", **counters, "jitter_ms": 4.04, "rtt_ms": None, "gap_ms": 500, "score": 5}
    later = {**leg, "packets": 190, "lost": 10, "nack": 12, "rtx": 9, "rtt_ms": 80.0, "gap_ms": 4_500, "score": 2}
    for step, look in enumerate((leg, later)):
        async with context.db.begin() as tx:
            await quality.note(tx, session_id, [look], context.now() + timedelta(seconds=10 * step))
    agent = await two.live.service.sign_in("zhangsan")
    found = await agent.ask("GET", f"/api/v1/sessions/{session_id}/quality")
    [kept] = found["legs"]
    assert (kept["packets"], kept["lost"], kept["nack"]) == (190, 10, 12)
    assert kept["points"] == [
        {"at_s": 0, "score": 5, "loss": 0, "rtt_ms": None, "kbit_s": 480, "jitter_ms": 4.0, "gap_ms": 500},
        {"at_s": 10, "score": 2, "loss": 0.1, "rtt_ms": 80.0, "kbit_s": 480, "jitter_ms": 4.0, "gap_ms": 4_000},
    ]
    assert (kept["score_min"], kept["poor_share"], kept["loss_max"], kept["rtt_ms_max"]) == (2, 0.5, 0.1, 80.0)
    assert kept["gap_ms_sum"] == 4_500, "an absence between two looks is not lost"


# The rules alone


def row(worker_id: str = "n:0", **changes: Any) -> dict[str, Any]:
    return {**info(), "id": worker_id, "is_drain_wanted": False, "lease_until": NOW + timedelta(seconds=5), **changes}


def test_the_least_loaded_live_worker_comes_first() -> None:
    rows = [row("a", cpu=0.3), row("b", cpu=0.1), row("c", cpu=0.0, lease_until=NOW), row("d", refuses="WORKER_BUSY")]
    assert [item["id"] for item in service.ranked(rows, {}, NOW)] == ["b", "a"]
    assert [item["id"] for item in service.ranked(rows, {"b": 8}, NOW)] == ["a", "b"]  # eight rooms are on their way to b


@given(
    st.lists(st.tuples(st.floats(0, 1), st.booleans(), st.sampled_from([None, "WORKER_BUSY", "WORKER_DISK_LOW"]), st.booleans()))
)
def test_nobody_is_refused_while_somebody_has_room(load: list[tuple[float, bool, str | None, bool]]) -> None:
    rows = [
        row(f"n:{n}", cpu=cpu, is_drain_wanted=drain, refuses=why, lease_until=NOW + timedelta(seconds=5 if live else -5))
        for n, (cpu, drain, why, live) in enumerate(load)
    ]
    has_room = bool(service.ranked(rows, {}, NOW))
    is_there = any(service.is_live(item, NOW) for item in rows)
    assert (service.refusal(rows, NOW) is not None) == (is_there and not has_room)


def test_admission_by_cpu_counts_rooms_that_nobody_entered_yet() -> None:
    admission = Admission(AdmissionLimits())
    plenty = 1 << 40
    admission.measure(0.0, 0, 0, 0.0)
    admission.measure(10.0 * 0.5, 0, 0, 10.0)
    assert admission.cpu == pytest.approx(0.5)
    assert admission.refusal(plenty, rooms=10, recordings=10, empty=0) is None
    assert admission.refusal(plenty, rooms=15, recordings=10, empty=5) == "WORKER_BUSY"  # 0.5 + 5 × 0.05 ≥ 0.7
    admission.measure(10.0 * 0.5 + 20 * 0.71, 0, 0, 30.0)
    assert admission.refusal(plenty, rooms=10, recordings=10, empty=0) == "WORKER_BUSY"


def test_admission_by_disk_uses_the_measured_rate() -> None:
    admission = Admission(AdmissionLimits(room_bytes_per_s=100_000))
    two_hours_of_one = 100_000 * 7200
    assert admission.refusal(two_hours_of_one, 0, 0, 0) is None
    assert admission.refusal(two_hours_of_one - 1, 0, 0, 0) == "WORKER_DISK_LOW"
    admission.measure(0.0, 0, 2, 0.0)
    admission.measure(0.0, 600_000 * 60, 2, 60.0)
    assert admission.bytes_per_s == pytest.approx(600_000)
    needed = (600_000 + 300_000) * 7200  # two rooms as measured and one more like them
    assert admission.refusal(needed + 1, 2, 2, 0) is None
    assert admission.refusal(needed - 1, 2, 2, 0) == "WORKER_DISK_LOW"
    admission.elsewhere_bytes_per_s = 100_000  # another worker writes to the same disk
    assert admission.refusal(needed + 1, 2, 2, 0) == "WORKER_DISK_LOW"


def test_alarms_of_a_worker() -> None:
    assert alarms.of_worker(info(), 2.0) == {}
    low = info(refuses="WORKER_DISK_LOW", disk_hours=1.5)
    assert set(alarms.of_worker(low, 2.0)) == {"disk_low"}
    assert set(alarms.of_worker(info(rooms=3, loop_lag_p99_ms=35.0), 2.0)) == {"lagging"}
    assert alarms.of_worker(info(rooms=0, loop_lag_p99_ms=35.0), 2.0) == {}  # nobody is harmed


async def test_without_its_agent_a_machines_rooms_go_on_and_new_ones_wait(two: Two) -> None:
    """The agent keeps the leases, nothing else of a running room: who still answers is not shown as stopped."""
    [created] = await two.cases(1)
    await two.media_is(created["session_id"], True)
    context, over = two.live.service.context, two.live.service.clock() - timedelta(minutes=5)
    async with context.db.begin() as tx:
        await tx.execute(media_workers.update().values(lease_until=over))
    await two.hub.engines.refresh()
    admin, agent = await two.live.service.sign_in("admin"), await two.live.service.sign_in("zhangsan")
    page = await admin.ask("GET", "/api/v1/admin/media")
    assert {worker["state"] for worker in page["workers"]} == {"unwatched"}
    actor = await two.hub.get(created["session_id"])
    await two.hub._look_after(actor)
    assert (actor.state.engines["media"], two.hub.engines.is_placed(actor.session_id)) == (True, True)
    second = await two.live.create(agent, await two.live.ready_case(agent, "P2026990009"))
    waiting = await two.hub.get(second["session_id"])
    await two.hub._look_after(waiting)
    assert not two.hub.engines.is_placed(waiting.session_id)
    await register(context, "test:1", f"http://127.0.0.1:{two.other.media.port}")
    await two.hub._look_after(waiting)
    await two.media_is(waiting.session_id, True)
    await two.other.media.stop()
    async with asyncio.timeout(30):
        while two.hub.engines.is_connected("test:1"):
            await asyncio.sleep(0.02)
    async with context.db.begin() as tx:
        await tx.execute(media_workers.update().values(lease_until=over))
    page = await admin.ask("GET", "/api/v1/admin/media")
    assert [worker["state"] for worker in page["workers"]] == ["unwatched", "lost"]
