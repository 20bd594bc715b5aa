"""The media worker of a running session is killed: everybody returns to the same seats, and the recording is one timeline."""

from server.settings import Settings
from tests.support.killed_session import kill_once


async def test_a_session_outlives_its_media_worker(settings: Settings) -> None:
    killed = await kill_once(settings)
    kinds = [entry["type"] for entry in killed.timeline.entries]
    assert kinds.count("recording_started") == 1
    assert kinds.count("recording_resumed") == 1
    legs: dict[str, set[str]] = {}
    for segment in killed.timeline.segments:
        legs.setdefault(segment.seat_id, set()).add(segment.leg_id)
    assert {len(found) for found in legs.values()} == {2}, "a new leg each, on the same seat"
    assert set(legs) == set(killed.away_ms)
    # One gap each, from the last sound before the kill to the first after it (figures: docs/benchmarks.md, worker_kill_s).
    assert all(0 < length < 60_000 for length in killed.away_ms.values()), killed.away_ms
    by_seat = {seat: [item for item in killed.timeline.segments if item.seat_id == seat] for seat in legs}
    for seat, segments in by_seat.items():
        restarts = [gap for gap in killed.timeline.gaps if gap.seat_id == seat and gap.kind == "restart"]
        assert len(restarts) == 1
        assert max(item.t1_ms for item in segments) > restarts[0].t1_ms
