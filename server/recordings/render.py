"""Renders a recording for people: the composite MP4 with its marker track, and one playable file per seat and share.

    python -m server.recordings.render JOB.json

A process of its own: decoding and encoding neither slows nor endangers the jobs process. Prints progress, one number a line;
writes `render.json` beside the outputs.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

from media.compose import ComposeJob, Marker, NodeMark, SeatView, compose, contact_sheet, remux_leg
from media.recorder.reader import read_timeline
from server.recordings.child import die_with_parent

RESULT = "render.json"
THUMBNAILS = "thumbnails.jpg"


def main(arguments: list[str]) -> int:
    """Command line."""
    die_with_parent()
    return asyncio.run(render(json.loads(Path(arguments[0]).read_bytes())))


async def render(wanted: dict[str, Any]) -> int:
    """Render what a job file asks for."""
    out = Path(wanted["out"])
    job = ComposeJob(
        folder=Path(wanted["folder"]),
        output=out / "composite.mp4",
        seats=tuple(SeatView(**seat) for seat in wanted["seats"]),
        nodes=tuple(NodeMark(**node) for node in wanted["nodes"]),
        markers=tuple(Marker(**marker) for marker in wanted["markers"]),
        headline=wanted["headline"],
        time_zone=wanted["time_zone"],
    )
    result = await compose(job, lambda done: print(round(done, 3), flush=True))  # noqa: T201  the process's interface
    facts = {
        "duration_ms": result.duration_ms,
        "width": result.width,
        "height": result.height,
        "chapters": result.chapters,
        "has_share": result.has_share,
        "undecodable_frames": result.undecodable_frames,
        "frame_ms": round(1000 / job.fps, 3),
    }
    timeline = read_timeline(job.folder)
    tracks = [
        {
            "file": f"tracks/{leg.path.name}",
            "seat_id": leg.seat_id,
            "leg_id": leg.leg_id,
            "track": leg.track,
            "codec": leg.codec,
            "t0_ms": leg.offset_ms,
            "duration_ms": leg.duration_ms,
            "frame_ms": leg.frame_ms,
        }
        for chain in timeline.chains()
        for leg in remux_leg(timeline, chain, out / "tracks")
    ]
    sheet = contact_sheet(job.output, result.duration_ms)
    (out / THUMBNAILS).write_bytes(sheet.image)
    small = {name: getattr(sheet, name) for name in ("every_ms", "columns", "count", "width", "height")}
    (out / RESULT).write_text(json.dumps({"composite": facts, "tracks": tracks, "thumbnails": small}))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
