"""Chapters and the WebVTT marker track of a composition."""

from datetime import datetime
from zoneinfo import ZoneInfo

from media.compose.job import Marker, NodeMark


def chapters(nodes: tuple[NodeMark, ...], duration_ms: int, title: str, started_at: datetime) -> str:
    """An FFMETADATA1 document (ffmpeg-formats, "Metadata")."""
    lines = [";FFMETADATA1", f"title={_escape(title)}", f"date={started_at.isoformat()}"]
    for node, end in spans(nodes, duration_ms):
        lines += ["[CHAPTER]", "TIMEBASE=1/1000", f"START={node.t_ms}", f"END={end}", f"title={_escape(node.title)}"]
    return "\n".join(lines) + "\n"


def spans(nodes: tuple[NodeMark, ...], duration_ms: int) -> list[tuple[NodeMark, int]]:
    """Nodes with their ends; a node that begins behind the end of the recording is left out."""
    inside = [node for node in sorted(nodes, key=lambda node: node.t_ms) if node.t_ms < duration_ms]
    ends = [*(node.t_ms for node in inside[1:]), duration_ms][: len(inside)]
    return [(node, end) for node, end in zip(inside, ends, strict=True) if end > node.t_ms]


def webvtt(
    nodes: tuple[NodeMark, ...], markers: tuple[Marker, ...], duration_ms: int, started_at: datetime, time_zone: str
) -> str:
    """A WebVTT document with one cue per node and per marker."""
    start = started_at.astimezone(ZoneInfo(time_zone)).isoformat(timespec="seconds")
    cues = [(node.t_ms, end, node.title) for node, end in spans(nodes, duration_ms)]
    cues += [(max(0, m.t0_ms), min(m.t1_ms, duration_ms), m.text) for m in markers if m.t0_ms < duration_ms]
    lines = ["WEBVTT", "", f"NOTE recording started {start}", ""]
    for number, (t0_ms, t1_ms, text) in enumerate(sorted(cues), 1):
        plain = text.replace("&", "&amp;").replace("<", "&lt;").replace("-->", "→").replace("\n", " ")
        lines += [str(number), f"{_clock(t0_ms)} --> {_clock(max(t1_ms, t0_ms + 1))}", plain, ""]
    return "\n".join(lines)


def _clock(t_ms: int) -> str:
    seconds, ms = divmod(t_ms, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{ms:03d}"


def _escape(text: str) -> str:
    return "".join("\\" + c if c in "=;#\\\n" else c for c in text)
