"""The lanes under the player: nodes, voices, shares, gaps, findings on one clock. Made once, when a recording is sealed."""

from collections.abc import Mapping, Sequence
from typing import Any

from server.domain.machine_checks import Check
from server.recordings.facts import SessionFacts
from server.recordings.meta import RecordingMeta


def build_lanes(
    facts: SessionFacts,
    meta: RecordingMeta,
    *,
    measured: Mapping[str, Any] | None,
    gaps: Sequence[Mapping[str, Any]],
    checks: Sequence[Check],
) -> dict[str, Any]:
    """All lanes as plain values (the wire model `Timeline` without its head)."""
    return {
        "nodes": node_spans(facts, meta),
        "voices": _voices(facts, measured),
        "shares": _shares(facts),
        "gaps": [{key: gap[key] for key in ("seat_id", "track", "kind", "t0_ms", "t1_ms")} for gap in gaps],
        "checks": _findings(checks),
    }


def node_spans(facts: SessionFacts, meta: RecordingMeta) -> list[dict[str, Any]]:
    """Each stay in a node, from entering it to entering the next."""
    critical = {node.node_id: node.is_critical for node in meta.nodes}
    entered = facts.of_type("node_entered")
    ends = [facts.t_ms(event) for event in entered[1:]] + [facts.duration_ms]
    return [
        {
            "node_id": event.data["node_id"],
            "title": event.data.get("title", ""),
            "kind": event.data.get("kind", ""),
            "is_critical": critical.get(event.data["node_id"], False),
            "t0_ms": facts.t_ms(event),
            "t1_ms": max(facts.t_ms(event), end),
        }
        for event, end in zip(entered, ends, strict=True)
    ]


def _voices(facts: SessionFacts, measured: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    spans = []
    for seat_id, seat in ((measured or {}).get("seats") or {}).items():
        if seat_id != "prompt":
            spans += [{"seat_id": seat_id, "t0_ms": t0, "t1_ms": t1} for t0, t1 in (seat.get("audio") or {}).get("voices", ())]
    open_prompt: int | None = None
    for event in facts.of_type("prompt_started", "prompt_finished", "prompt_failed"):
        if event.type == "prompt_started":
            open_prompt = facts.t_ms(event)
        elif open_prompt is not None:
            spans.append({"seat_id": "prompt", "t0_ms": open_prompt, "t1_ms": max(open_prompt, facts.t_ms(event))})
            open_prompt = None
    return sorted(spans, key=lambda span: span["t0_ms"])


def _shares(facts: SessionFacts) -> list[dict[str, Any]]:
    started: dict[str, dict[str, Any]] = {}
    for event in facts.of_type("share_started", "share_ended"):
        share_id = event.data["share_id"]
        if event.type == "share_started":
            start = facts.t_ms(event)
            started[share_id] = {
                "seat_id": event.data["seat_id"], "t0_ms": start, "t1_ms": max(start, facts.duration_ms), "ended_by": None,
            }  # fmt: skip
        elif share_id in started:
            share = started[share_id]
            share |= {"t1_ms": max(share["t0_ms"], facts.t_ms(event)), "ended_by": event.data.get("reason")}
    return list(started.values())


def _findings(checks: Sequence[Check]) -> list[dict[str, Any]]:
    spans = [
        {
            "code": check.code,
            "result": check.result,
            "seat_id": span.get("seat_id"),
            "t0_ms": span["t0_ms"],
            "t1_ms": span["t1_ms"],
        }
        for check in checks
        if check.result in ("fail", "warn")
        for span in check.spans
    ]
    return sorted(spans, key=lambda span: (span["t0_ms"], span["code"]))
