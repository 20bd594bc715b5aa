"""Measures a recording by decoding it: sound of every seat, key frames of every camera and share. Runs as its own process.

    python -m server.recordings.measure FOLDER OUT < JSON (see `measure`)

Writes `OUT/measure.json` and `OUT/audio/<seat>.wav` (16 kHz mono on the session clock, silence where nothing was recorded) and
prints progress as one number a line. Nothing is judged here: limits belong to the rulebook. What could not be decoded is null.
"""

import json
import multiprocessing
import os
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from itertools import repeat
from pathlib import Path
from typing import Any

from media.recorder.reader import merge_spans, read_timeline
from media.vision import Faces
from server.recordings.child import child_environment, die_with_parent
from server.recordings.measuring.cards import shown_cards
from server.recordings.measuring.clock import covered, seat_offset
from server.recordings.measuring.faces import FaceWatch, embeddings
from server.recordings.measuring.frames import stretch
from server.recordings.measuring.mouths import moving_mouths
from server.recordings.measuring.shares import Papers, ShareWatch
from server.recordings.measuring.sound import measure_audio
from server.recordings.measuring.video import measure_video

MOST_WORKERS = 4
SHARE_MS = 250


def main(arguments: list[str]) -> int:
    """Command line."""
    die_with_parent()
    folder, out = Path(arguments[0]), Path(arguments[1])
    (out / "audio").mkdir(parents=True, exist_ok=True)
    os.environ.update(child_environment())  # who measures a seat dies with this process
    workers = min(MOST_WORKERS, os.cpu_count() or 1)
    result = measure(folder, out, json.loads(sys.stdin.read() or "{}"), workers=workers)
    (out / "measure.json").write_text(json.dumps(result))
    return 0


def measure(folder: Path, out: Path, wanted: Mapping[str, Any], *, workers: int = 1) -> dict[str, Any]:
    """Measure every seat.

    Args:
        wanted: {models: [folders], references: {seat: base64 picture | None}, answers: [{node_id, person_id, seat_id, t0_ms,
            t1_ms}], cards: the same, shares: {seat: {views, ends}}, documents: see `Papers`}; everything is optional.
        workers: how many seats are measured at once, each in a process of its own; 1: here, one after the other.
    """
    timeline = read_timeline(folder)
    recorded = {segment.seat_id for segment in timeline.segments}
    asked = {item["seat_id"] for name in ("answers", "cards") for item in wanted.get(name, ())}
    seat_ids = sorted(recorded | asked)  # of who was never recorded, it is said that there is no picture
    found: dict[str, dict[str, Any]] = {}
    with ExitStack() as stack:
        results: Iterable[dict[str, Any]]
        if workers > 1 and len(seat_ids) > 1:
            context = multiprocessing.get_context("spawn")  # models and decoders do not survive a fork
            pool = stack.enter_context(ProcessPoolExecutor(workers, context, initializer=die_with_parent))
            results = pool.map(measure_seat, repeat(folder), repeat(out), repeat(wanted), seat_ids)
        else:
            results = (measure_seat(folder, out, wanted, seat_id) for seat_id in seat_ids)
        for seat_id, result in zip(seat_ids, results, strict=True):
            found[seat_id] = result
            print(len(found) / (len(seat_ids) + 1), flush=True)  # noqa: T201  this is the process's interface
    return {
        "duration_ms": timeline.duration_ms,
        "is_stopped": timeline.is_stopped,
        "seats": {seat_id: result["facts"] for seat_id, result in found.items() if seat_id in recorded},
        "answers": _in_order(wanted.get("answers", ()), [item for result in found.values() for item in result["answers"]]),
        "cards": _in_order(wanted.get("cards", ()), [item for result in found.values() for item in result["cards"]]),
    }


def measure_seat(folder: Path, out: Path, wanted: Mapping[str, Any], seat_id: str) -> dict[str, Any]:
    """One seat: its facts, and what was wanted of its answers and cards."""
    timeline = read_timeline(folder)
    faces = Faces.open(*(Path(model) for model in wanted.get("models", ())))
    references: Mapping[str, str | None] = wanted.get("references", {})
    known = embeddings(faces, references) if faces else {}
    papers = Papers(wanted.get("documents", {}))
    segments = [segment for segment in timeline.segments if segment.seat_id == seat_id]
    main_track = [segment for segment in segments if segment.track != "screen"]
    screen = [segment for segment in segments if segment.track == "screen"]
    watch = FaceWatch(faces, seat_id, known) if faces and seat_id in references else None
    shown = wanted.get("shares", {}).get(seat_id)
    share = ShareWatch(papers, shown["views"], shown.get("ends", ())) if shown and papers.documents else None
    for t_ms in share.moments() if share else ():
        for picture, at_ms in stretch(timeline, screen, t_ms, t_ms + SHARE_MS, SHARE_MS):
            share.look(picture, at_ms)  # type: ignore[union-attr]  # there is one where there are moments
            break
    lost = [gap for gap in timeline.gaps if gap.seat_id == seat_id and gap.track == "main" and gap.kind != "hidden"]
    unseen = merge_spans((g.t0_ms, g.t1_ms) for g in lost if g.media == "camera" or (g.media is None and g.kind != "muted"))
    facts = {
        "audio": measure_audio(timeline, seat_id, main_track, out),
        "camera": measure_video(timeline, main_track, watch.look if watch else None),
        "screen": measure_video(timeline, screen, None) if screen else None,
        "faces": watch.facts(timeline.duration_ms, unseen) if watch else None,
        "shares": share.facts() if share else None,
        "av_offset": seat_offset(timeline, seat_id),
        "media_ms": covered(main_track),
        "gap_ms": sum(t1 - t0 for t0, t1 in merge_spans((gap.t0_ms, gap.t1_ms) for gap in lost)),
    }
    own = {name: [item for item in wanted.get(name, ()) if item["seat_id"] == seat_id] for name in ("answers", "cards")}
    return {
        "facts": facts,
        "answers": moving_mouths(timeline, main_track, own["answers"], faces),
        "cards": shown_cards(timeline, main_track, own["cards"], faces),
    }


def _in_order(wanted: Iterable[Mapping[str, Any]], found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """What was found, in the order it was asked for."""
    places = {(item["node_id"], item["person_id"], item["seat_id"]): number for number, item in enumerate(wanted)}
    return sorted(found, key=lambda item: places[item["node_id"], item["person_id"], item["seat_id"]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
