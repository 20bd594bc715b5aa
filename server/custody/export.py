"""The regulator package: everything sealed, and beside it what came after the seal: inspection, access log, an offline viewer.

`index.html` is opened from the unpacked folder, plays, jumps to nodes and verifies, without any network. It is not sealed itself:
it carries copies of sealed files and, when it verifies, holds them against the seal as well.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa

from server.context import Context
from server.inspections.tables import inspection_history, inspection_nodes, inspection_watches, inspections
from server.recordings import service as recordings
from server.recordings.meta import RecordingMeta
from server.recordings.rulebook import load_rulebook
from server.recordings.tables import recording_accesses, recording_objects
from storage.db.engine import Tx
from storage.evidence.package import MANIFEST, VIEWER
from storage.objects.port import ObjectStore, read_all

FOLDER = Path(__file__).resolve().parent / "viewer"
_TRACK = {"main": "画面与声音", "screen": "屏幕共享", "prompt": "系统播报"}


async def extra_files(tx: Tx, context: Context, store: ObjectStore, row: Mapping[str, Any]) -> dict[str, bytes]:
    """Files of the export that are not sealed, by their path in the package."""
    accesses = await _rows(tx, recording_accesses, recording_accesses.c.recording_id == row["id"], recording_accesses.c.at)
    inspection = await _inspection(tx, row["id"])
    query = sa.select(recording_objects.c.path, recording_objects.c.key).where(recording_objects.c.recording_id == row["id"])
    keys = {found.path: found.key for found in await tx.execute(query)}
    family = await _of_the_case(tx, row["case_id"])
    files = {"annex/access-log.json": _plain(accesses), "annex/recordings-of-case.json": _plain(family)}
    if inspection is not None:
        files["annex/inspection.json"] = _plain(inspection)
    content = await _content(store, row, keys)
    zone = ZoneInfo(context.settings.time_zone)
    words = {"time_zone": zone.key, "reasons": {reason.code: reason.label for reason in load_rulebook().reasons}}
    facts = _facts(row, zone) + _links(row, family, zone)
    files[VIEWER] = viewer(content | words | {"inspection": inspection, "accesses": accesses, "facts": facts})
    return files


def viewer(data: Mapping[str, Any]) -> bytes:
    """The page with its data. Nothing in the data can end the script element it stands in."""
    page = (
        _part("index.html")
        .replace("/*STYLE*/", _part("viewer.css"))
        .replace("/*VERIFY*/", _part("verify.js"))
        .replace("/*VIEWER*/", _part("viewer.js"))
    )
    wire = orjson.dumps(data, default=str).decode()
    return page.replace("/*DATA*/", wire.replace("<", "\\u003c")).encode()


@cache
def _part(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


async def _content(store: ObjectStore, row: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, Any]:
    meta = RecordingMeta.model_validate(row["meta"])
    seats = {seat.seat_id: f"{seat.label} {seat.display_name}".strip() for seat in meta.seats}
    raw = {name: (await read_all(store, keys[name])).decode() for name in (MANIFEST, "transcript.json") if name in keys}
    signatures = [orjson.loads(await read_all(store, keys[path])) for path in sorted(keys) if path.startswith("signatures/")]
    media = row["media"] or {"tracks": []}
    films = [{"label": "合成画面", "path": "composite.mp4", "t0_ms": 0}] if "composite.mp4" in keys else []
    for track in media["tracks"]:
        label = f"{seats.get(track['seat_id'], '系统')} · {_TRACK.get(track['track'], track['track'])}"
        films.append({"label": label, "path": track["file"], "t0_ms": track["t0_ms"]})
    return {
        "product": meta.product_name,
        "proposal_no": meta.proposal_no,
        "duration_ms": row["duration_ms"] or 0,
        "seats": seats,
        "nodes": [
            {"node_id": node["node_id"], "title": node["title"], "t_ms": node["t0_ms"]}
            for node in (row["timeline"] or {"nodes": []})["nodes"]
        ],
        "media": films,
        "signatures": [{name: item[name] for name in ("person_id", "document_id", "strokes")} for item in signatures],
        "raw": raw,
    }


def _local(value: Any, zone: ZoneInfo) -> str:
    return value.astimezone(zone).strftime("%Y-%m-%d %H:%M:%S") if value else "—"


def _facts(row: Mapping[str, Any], zone: ZoneInfo) -> list[tuple[str, str]]:
    stamp = _local(row["time_stamp_at"], zone) + ("（开发用授时）" if row["is_development_stamp"] else "")
    started, sealed = _local(row["started_at"], zone), _local(row["sealed_at"], zone)
    return [("录制编号", str(row["id"])), ("录制开始", started), ("封存", sealed), ("可信时间", stamp)]


def _links(row: Mapping[str, Any], family: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> list[tuple[str, str]]:
    """What this recording completes, and what completes it."""

    def named(one: Mapping[str, Any]) -> str:
        return f"{one['id']}（{_local(one['started_at'], zone)}）"

    found = [("补录，对应原录制", named(one)) for one in family if one["id"] == row["parent_id"]]
    return found + [("后有补录", named(one)) for one in family if one["parent_id"] == row["id"]]


async def _of_the_case(tx: Tx, case_id: str) -> list[dict[str, Any]]:
    """Every recording of the case with its seal and its inspection's result, oldest first."""
    names = ("id", "kind", "parent_id", "state", "outcome", "started_at", "duration_ms", "sealed_at", "manifest_sha256")
    found = [{name: one[name] for name in names} for one in await recordings.of_case(tx, case_id)]
    of_case = inspections.c.case_id == case_id
    states = {one["recording_id"]: one["state"] for one in await _rows(tx, inspections, of_case, inspections.c.created_at)}
    return [{**one, "inspection": states.get(one["id"])} for one in found]


async def _inspection(tx: Tx, recording_id: str) -> dict[str, Any] | None:
    found = await _rows(tx, inspections, inspections.c.recording_id == recording_id, inspections.c.created_at)
    if not found:
        return None
    one = found[0]
    names = ("id", "state", "round", "sampled_because", "inspector_name", "decided_at", "note", "reason_codes", "check_notes")
    of_one = inspection_nodes.c.inspection_id == one["id"]
    nodes = await _rows(tx, inspection_nodes, of_one & (inspection_nodes.c.round == one["round"]), inspection_nodes.c.decided_at)
    history = await _rows(tx, inspection_history, inspection_history.c.inspection_id == one["id"], inspection_history.c.at)
    watches = await _rows(tx, inspection_watches, inspection_watches.c.inspection_id == one["id"], inspection_watches.c.at)
    shown = ("round", "actor_id", "actor_name", "watched_ms", "spans", "at")
    watched = [{name: each[name] for name in shown} for each in watches]
    return {**{name: one[name] for name in names}, "nodes": nodes, "history": history, "watched": watched}


async def _rows(tx: Tx, table: sa.Table, where: sa.ColumnElement[bool], order: sa.ColumnElement[Any]) -> list[dict[str, Any]]:
    found = (await tx.execute(sa.select(table).where(where).order_by(order))).mappings()
    return [{str(name): value for name, value in row.items()} for row in found]


def _plain(value: Any) -> bytes:
    return orjson.dumps(value, default=str, option=orjson.OPT_INDENT_2)
