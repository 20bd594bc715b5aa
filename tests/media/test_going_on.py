"""A recording goes on only where its beginning is, or with what is brought; asked twice at once it is one recording."""

import asyncio
import base64
import json
import zlib
from datetime import UTC, datetime

import pytest

from media.recorder.reader import read_timeline
from media.rpc import RpcError
from tests.media.conftest import ROOM, Control


async def test_a_worker_goes_on_only_with_what_it_has_or_is_brought(control: Control) -> None:
    await control.open("a")
    folder = control.data_dir / "recordings" / "rec"
    going_on = {"room_id": ROOM, "recording_id": "rec", "dir": "recordings/rec", "is_going_on": True}
    with pytest.raises(RpcError) as refused:
        await control.call("recording.start", **going_on)
    assert (refused.value.code, refused.value.retryable) == ("RECORDING_NOT_HERE", True)
    assert not folder.exists()

    at = datetime.now(UTC).isoformat(timespec="milliseconds")
    begun = {
        "seq": 0, "at": at, "t_ms": 0, "type": "recording_started", "recording_id": "rec", "room_id": ROOM, "started_at": at,
        "started_monotonic_ns": 0, "boot_id": "elsewhere",
    }  # fmt: skip
    packed = base64.b64encode(zlib.compress(json.dumps(begun).encode() + b"\n")).decode()
    carried = {"journal": packed, "beside": {"uploads.ndjson": "{}\n"}, "is_beginning": False}
    # Two web processes each believe that it is theirs to bring.
    answers = await asyncio.gather(*(control.call("recording.start", **going_on, carried=carried) for _ in range(2)))
    assert answers[0] == answers[1]
    assert await control.call("recording.start", **going_on) == answers[0]
    await control.call("recording.stop", room_id=ROOM)
    timeline = read_timeline(folder)
    kinds = [entry["type"] for entry in timeline.entries]
    assert (kinds[:2], kinds[-1]) == (["recording_started", "recording_resumed"], "recording_stopped")
    assert kinds.count("recording_resumed") == 1
    assert [path.name for path in folder.parent.iterdir()] == ["rec"]
