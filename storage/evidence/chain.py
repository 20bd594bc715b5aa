"""The event chain: every event carries the hash of the one before it, and its own.

`hash` is the SHA-256 of the canonical event without `hash`; `prev` is part of what is hashed, so are time and sequence
number. The manifest keeps the list of all hashes, so that a cut tail, a removed or a moved event is seen and named.
"""

import itertools
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from storage.evidence.canonical import canonical, canonical_sha256
from storage.evidence.findings import Code, Finding

ZERO = "0" * 64


def chain_events(events: Iterable[Mapping[str, Any]]) -> tuple[bytes, list[str]]:
    """Write events as chained lines.

    Args:
        events: plain JSON objects with at least `seq`, in order.

    Returns:
        The file's bytes (one canonical JSON object a line) and the hashes in order.
    """
    lines: list[bytes] = []
    hashes: list[str] = []
    prev = ZERO
    for event in events:
        body = {**event, "prev": prev}
        prev = canonical_sha256(body)
        hashes.append(prev)
        lines.append(canonical({**body, "hash": prev}) + b"\n")
    return b"".join(lines), hashes


def check_events(lines: Iterable[bytes], sealed: Sequence[str], path: str) -> list[Finding]:
    """Compare an event file with the sealed hashes. Each finding names the event by `seq` and line number."""
    findings: list[Finding] = []
    position = {value: index for index, value in enumerate(sealed)}
    seen: list[int] = []
    changed_lines: list[tuple[int, Any, str]] = []
    for number, line in enumerate(lines):
        event = _parse(line)
        if event is None:
            changed_lines.append((number, None, "not canonical JSON"))
            continue
        body = {key: value for key, value in event.items() if key != "hash"}
        actual = canonical_sha256(body)
        if actual in position:
            if event.get("hash") != actual:
                findings.append(_event(Code.EVENT_CHANGED, path, number, event.get("seq"), what="hash"))
            seen.append(position[actual])
        else:
            changed_lines.append((number, event.get("seq"), "content"))
    missing = sorted(set(range(len(sealed))) - set(seen))
    taken: set[int] = set()
    for number, seq, what in changed_lines:
        slot = number if number in missing and number not in taken else next((m for m in missing if m not in taken), None)
        if slot is None:
            findings.append(_event(Code.EVENT_ADDED, path, number, seq))
        else:
            taken.add(slot)
            findings.append(_event(Code.EVENT_CHANGED, path, number, seq, what=what, position=slot))
    gone = [index for index in missing if index not in taken]
    tail = len(sealed)
    while gone and gone[-1] == tail - 1:
        tail = gone.pop()
    if tail < len(sealed):
        detail = {"first_missing_position": tail, "missing": len(sealed) - tail}
        findings.append(Finding(Code.EVENT_TAIL_CUT, path, detail=detail))
    findings += [Finding(Code.EVENT_REMOVED, path, detail={"position": index}) for index in gone]
    for number, (before, after) in enumerate(itertools.pairwise(seen)):
        if after < before:
            findings.append(Finding(Code.EVENT_REORDERED, path, detail={"line": number + 2, "position": after}))
            break
    for index in sorted(index for index, times in Counter(seen).items() if times > 1):
        findings.append(Finding(Code.EVENT_ADDED, path, detail={"position": index, "what": "repeated"}))
    return findings


def _event(code: Code, path: str, number: int, seq: Any, **detail: Any) -> Finding:
    return Finding(code, path, detail={"line": number + 1, "seq": seq, **detail})


def _parse(line: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(line)
        is_canonical = isinstance(value, dict) and canonical(value) == line.rstrip(b"\n")
    except (ValueError, RecursionError):  # no JSON, or JSON that no event can be: NaN, half a character, a thousand brackets
        return None
    return value if is_canonical else None
