"""Machine checks of a finished recording. Each compares a measured value with the rulebook's limit.

What was not measured, or has no limit, is `not_measured`; nothing passes on missing input, and no check is constant. A machine
only points at things: the decision is a person's. Pure.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from server.domain.forbidden import scan, shipped_lexicon, sounding

Result = Literal["pass", "warn", "fail", "not_measured"]
Limits = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Check:
    """One check. `scope` is empty, `seat:<id>`, `node:<id>` or `document:<person>:<id>`; spans are on the session clock."""

    code: str
    scope: str
    result: Result
    source: str
    value: Any = None
    limit: Any = None
    reason: str | None = None
    spans: tuple[Mapping[str, Any], ...] = field(default=())


def not_measured(code: str, scope: str, source: str, reason: str) -> Check:
    """The check could not be made; `reason` is a stable code."""
    return Check(code, scope, "not_measured", source, reason=reason)


def at_most(
    code: str, scope: str, source: str, value: float | None, limits: Limits, limit: str, *, miss: Result = "fail", **more: Any
) -> Check:
    """`value` ≤ limit passes."""
    bound = limits.get(limit)
    if value is None or bound is None:
        return not_measured(code, scope, source, "NO_VALUE" if value is None else "NO_LIMIT")
    return Check(code, scope, "pass" if value <= bound else miss, source, value=value, limit=bound, **more)


def at_least(
    code: str, scope: str, source: str, value: float | None, limits: Limits, limit: str, *, miss: Result = "fail", **more: Any
) -> Check:
    """`value` ≥ limit passes."""
    bound = limits.get(limit)
    if value is None or bound is None:
        return not_measured(code, scope, source, "NO_VALUE" if value is None else "NO_LIMIT")
    return Check(code, scope, "pass" if value >= bound else miss, source, value=value, limit=bound, **more)


def check_media(
    measured: Mapping[str, Any] | None,
    *,
    wall_clock_ms: int | None,
    seats: Sequence[str],
    gaps: Sequence[Mapping[str, Any]],
    limits: Limits,
) -> list[Check]:
    """Length, pictures, sound and gaps.

    Args:
        measured: what the measuring process wrote, None when it could not run.
        wall_clock_ms: time between start and end on the wall clock.
        seats: people whose picture and voice must be there.
        gaps: {seat_id, track, kind, t0_ms, t1_ms} of the journal.
    """
    source = "media"
    if measured is None:
        codes = (
            "picture_present",
            "picture_black",
            "picture_bright",
            "picture_sharp",
            "picture_frozen",
            "voice_present",
            "voice_level",
            "voice_noise",
            "av_offset",
        )
        found = [not_measured(code, f"seat:{seat}", source, "MEASURING_FAILED") for seat in seats for code in codes]
        return [not_measured("length_matches_clock", "", source, "MEASURING_FAILED"), *found]
    length = abs(measured["duration_ms"] - wall_clock_ms) if wall_clock_ms is not None else None
    checks = [
        at_most("length_matches_clock", "", source, length, limits, "length_error_ms"),
        Check(
            "recording_ended_in_order", "", "pass" if measured["is_stopped"] else "warn", "journal", value=measured["is_stopped"]
        ),
    ]
    for seat in seats:
        missing = _missing(seat, measured, gaps)
        checks += _seat(seat, measured["seats"].get(seat), missing, limits)
    return checks


def _missing(seat: str, measured: Mapping[str, Any], gaps: Sequence[Mapping[str, Any]]) -> list[tuple[int, int]]:
    """When something of a person is missing: sound and picture together, and all of it when nothing was recorded."""
    if seat not in measured["seats"]:
        return [(0, measured["duration_ms"])]
    merged: list[tuple[int, int]] = []
    for t0_ms, t1_ms in sorted((gap["t0_ms"], gap["t1_ms"]) for gap in gaps if (gap["seat_id"], gap["track"]) == (seat, "main")):
        if merged and t0_ms <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(t1_ms, merged[-1][1]))
        else:
            merged.append((t0_ms, t1_ms))
    return merged


def _seat(seat: str, facts: Mapping[str, Any] | None, missing: Sequence[tuple[int, int]], limits: Limits) -> list[Check]:
    scope, source = f"seat:{seat}", "media"
    camera = (facts or {}).get("camera")
    audio = (facts or {}).get("audio")
    spans = tuple({"t0_ms": t0_ms, "t1_ms": t1_ms, "seat_id": seat} for t0_ms, t1_ms in missing)
    total = sum(t1_ms - t0_ms for t0_ms, t1_ms in missing)
    black = tuple({"t0_ms": t, "t1_ms": t, "seat_id": seat} for t in (camera or {}).get("black_at_ms", ()))
    value = camera or {}
    return [
        Check("picture_present", scope, "pass" if camera else "fail", source, value=value.get("key_frames", 0), limit=1),
        at_most("picture_black", scope, source, value.get("black_ratio"), limits, "black_ratio", spans=black),
        at_least("picture_bright", scope, source, value.get("luma"), limits, "luma_min", miss="warn"),
        at_least("picture_sharp", scope, source, value.get("sharpness"), limits, "sharpness_min", miss="warn"),
        at_most("picture_frozen", scope, source, value.get("frozen_ratio"), limits, "frozen_ratio", miss="warn"),
        Check(
            "voice_present",
            scope,
            "pass" if audio and audio["speech_ms"] else "fail",
            source,
            value=(audio or {}).get("speech_ms", 0),
        ),
        at_least("voice_level", scope, source, (audio or {}).get("speech_dbfs"), limits, "speech_dbfs_min", miss="warn"),
        at_least("voice_noise", scope, source, (audio or {}).get("snr_db"), limits, "snr_db_min", miss="warn"),
        at_most("gaps", scope, "journal", total, limits, "gap_ms", miss="warn", spans=spans),
        _offset(seat, (facts or {}).get("av_offset"), limits),
    ]


def _offset(seat: str, facts: Mapping[str, Any] | None, limits: Limits) -> Check:
    """Lip sync: the farthest that sound and picture lay apart against the sender's own clock."""
    scope = f"seat:{seat}"
    if facts is None:
        return not_measured("av_offset", scope, "journal", "NO_SENDER_REPORTS")
    at = facts["worst_at_ms"]
    found = at_most("av_offset", scope, "journal", abs(facts["worst_ms"]), limits, "av_offset_ms", miss="warn")
    value = {name: facts[name] for name in ("worst_ms", "median_ms", "reports")}
    return replace(found, value=value, spans=({"t0_ms": at, "t1_ms": at, "seat_id": seat},) if found.result == "warn" else ())


def check_chain(segments: int, faults: Sequence[Mapping[str, Any]]) -> Check:
    """Every segment is what the recorder wrote down, in its order."""
    result: Result = "fail" if faults or not segments else "pass"
    return Check("segment_chain", "", result, "journal", value=segments, reason=faults[0]["code"] if faults else None)


def check_nodes(nodes: Sequence[str], done: Mapping[str, Mapping[str, Any]]) -> list[Check]:
    """Every node was completed; an override or an unmeasured answer in it is told.

    Args:
        nodes: ids of the frozen script.
        done: `node_completed` data by node id.
    """
    checks = []
    for node in nodes:
        facts = done.get(node)
        scope = f"node:{node}"
        if facts is None:
            checks.append(Check("node_completed", scope, "fail", "session", value=False))
        elif facts.get("is_not_measured"):
            checks.append(not_measured("node_completed", scope, "session", "DECIDED_BY_AGENT"))
        else:
            result: Result = "warn" if facts.get("has_override") else "pass"
            reason = "OVERRIDDEN" if facts.get("has_override") else None
            checks.append(Check("node_completed", scope, result, "session", value=True, reason=reason))
    return checks


def check_answers(answers: Sequence[Mapping[str, Any]]) -> list[Check]:
    """The last answer of each person at each node, given the expected verdict.

    Args:
        answers: {node_id, person_id, seat_id, verdict, expect, override_verdict, override_reason, confidence, start_ms, end_ms}.
    """
    checks = []
    for answer in answers:
        scope = f"node:{answer['node_id']}:{answer['person_id']}"
        spans: tuple[Mapping[str, Any], ...] = ()
        if answer.get("start_ms") is not None and answer.get("end_ms") is not None:
            spans = ({"t0_ms": answer["start_ms"], "t1_ms": answer["end_ms"], "seat_id": answer["seat_id"]},)
        if answer.get("override_verdict"):
            result: Result = "warn" if answer["override_verdict"] == answer["expect"] else "fail"
            value = {"heard": answer["verdict"], "decided": answer["override_verdict"]}
            checks.append(Check("answer", scope, result, "session", value=value, reason="OVERRIDDEN", spans=spans))
        elif answer["verdict"] == "not_measured":
            checks.append(not_measured("answer", scope, "session", "NO_ENGINE"))
        else:
            result = "pass" if answer["verdict"] == answer["expect"] else "fail"
            checks.append(Check("answer", scope, result, "session", value=answer["verdict"], limit=answer["expect"], spans=spans))
    return checks


def check_documents(duties: Sequence[Mapping[str, Any]]) -> list[Check]:
    """Every document was read, or read and signed, by everybody who had to.

    Args:
        duties: {person_id, document_id, needs, missing: [codes], is_on_site}.
    """
    checks = []
    for duty in duties:
        scope = f"document:{duty['person_id']}:{duty['document_id']}"
        code = "document_signed" if duty["needs"] == "sign" else "document_read"
        missing = list(duty["missing"])
        result: Result = "fail" if missing else "warn" if duty["is_on_site"] else "pass"
        reason = missing[0] if missing else "CONFIRMED_ON_SITE" if duty["is_on_site"] else None
        checks.append(Check(code, scope, result, "ledger", value=missing, reason=reason))
    return checks


def check_alerts(alerts: Sequence[Mapping[str, Any]]) -> list[Check]:
    """Warnings that were shown during the call, one check for each seat and kind. No warning is no check: silence proves nothing.

    Args:
        alerts: {seat_id, code, t0_ms, t1_ms}.
    """
    spans: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for alert in alerts:
        span = {"t0_ms": alert["t0_ms"], "t1_ms": alert["t1_ms"], "seat_id": alert["seat_id"]}
        spans.setdefault((alert["seat_id"], alert["code"]), []).append(span)
    return [
        Check(
            f"live_{code}",
            f"seat:{seat}",
            "warn",
            "vision",
            value=sum(s["t1_ms"] - s["t0_ms"] for s in found),
            spans=tuple(found),
        )
        for (seat, code), found in sorted(spans.items())
    ]


def worst(checks: Sequence[Check]) -> dict[str, int]:
    """Counts by result."""
    counts = {"pass": 0, "warn": 0, "fail": 0, "not_measured": 0}
    for check in checks:
        counts[check.result] += 1
    return counts


def check_forbidden(
    lines: Sequence[Mapping[str, Any]] | None, sellers: Sequence[str], sound_of: Callable[[str], str | None]
) -> list[Check]:
    """Forbidden phrases in the sellers' own speech; denied and quoted ones do not count. None: no transcript, not measured.

    A phrase that only sounds so (a recogniser writes homophones) warns: somebody has to listen.
    """
    if lines is None:
        return [not_measured("forbidden_phrases", f"seat:{seat}", "speech", "TRANSCRIPT_MISSING") for seat in sellers]
    lexicon = shipped_lexicon()
    checks: list[Check] = []
    for seat in sellers:
        own = [line for line in lines if line["seat_id"] == seat]
        if not own:
            checks.append(not_measured("forbidden_phrases", f"seat:{seat}", "speech", "NOTHING_HEARD"))
            continue
        found = [(line, hit) for line in own for hit in scan(str(line["text"]), lexicon)]
        alike = [(line, heard, phrase) for line in own for heard, phrase in sounding(str(line["text"]), lexicon, sound_of)]
        result: Result = "fail" if any(hit.level == "high" for _, hit in found) else "warn" if found or alike else "pass"
        where = [line for line, _ in found] + [line for line, _, _ in alike]
        spans = tuple({"t0_ms": line["start_ms"], "t1_ms": line["end_ms"], "seat_id": seat} for line in where)
        value: dict[str, Any] = {"lines": len(own), "phrases": [hit.phrase for _, hit in found]}
        if alike:
            value["alike"] = [f"{heard}（{phrase}）" for _, heard, phrase in alike]
        reason = "SOUNDS_LIKE" if alike and not found else None
        checks.append(Check("forbidden_phrases", f"seat:{seat}", result, "speech", value=value, reason=reason, spans=spans))
    return checks
