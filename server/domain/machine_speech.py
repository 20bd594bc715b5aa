"""Machine checks of who spoke when, and of what had to be said: overlap, pace, answers, coaching, required words. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from server.domain.machine_checks import Check, Limits, at_least, at_most, not_measured
from server.domain.spans import Span, length, union, within, without

_SOFT = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ng", "n"), ("yao", "yi"))
"""What recognisers and many speakers do not tell apart."""


def check_overlap(voices: Mapping[str, Sequence[Sequence[int]]] | None, limits: Limits) -> Check:
    """How much of the speech is two people at once.

    Args:
        voices: stretches of speech by seat; None when sound was not measured.
    """
    if voices is None or sum(bool(spans) for spans in voices.values()) < 2:
        reason = "MEASURING_FAILED" if voices is None else "ONE_VOICE"
        return not_measured("speech_overlap", "", "sound", reason)
    both = _overlaps([(start, end) for spans in voices.values() for start, end in spans])
    total = length(union([(start, end) for spans in voices.values() for start, end in spans]))
    ratio = round(length(both) / total, 4) if total else None
    found = tuple({"t0_ms": start, "t1_ms": end} for start, end in both if end - start >= limits.get("overlap_shown_ms", 800))
    return at_most("speech_overlap", "", "sound", ratio, limits, "overlap_ratio", miss="warn", spans=found[:50])


def check_prompts(prompts: Sequence[Mapping[str, Any]], voices: Sequence[Sequence[int]] | None, limits: Limits) -> list[Check]:
    """Syllables a second of each prompt as it sounds in the recording.

    Args:
        prompts: {node_id, syllables, t0_ms, t1_ms, has_care} of every prompt that played to its end.
        voices: stretches of sound of the prompt track, None when it was not measured.
    """
    checks = []
    for prompt in prompts:
        scope = f"node:{prompt['node_id']}"
        heard = [span for span in (voices or ()) if span[1] > prompt["t0_ms"] - 500 and span[0] < prompt["t1_ms"] + 500]
        if not heard or not prompt["syllables"]:
            checks.append(not_measured("prompt_rate", scope, "sound", "NO_SOUND" if voices is not None else "MEASURING_FAILED"))
            continue
        seconds = (min(heard[-1][1], prompt["t1_ms"] + 500) - max(heard[0][0], prompt["t0_ms"] - 500)) / 1000
        rate = round(prompt["syllables"] / max(0.1, seconds), 2)
        limit = "prompt_rate_care_max" if prompt["has_care"] else "prompt_rate_max"
        span = {"t0_ms": prompt["t0_ms"], "t1_ms": prompt["t1_ms"], "seat_id": "prompt"}
        checks.append(at_most("prompt_rate", scope, "sound", rate, limits, limit, miss="warn", spans=(span,)))
    return checks


def check_spoken_answers(
    answers: Sequence[Mapping[str, Any]],
    voices: Mapping[str, Sequence[Sequence[int]]] | None,
    mouths: Sequence[Mapping[str, Any]],
    limits: Limits,
) -> list[Check]:
    """Whether each answer was spoken by the person: a voice on their own track, and a mouth that moves.

    Args:
        answers: {node_id, person_id, seat_id, verdict, start_ms, end_ms}.
        voices: stretches of speech by seat.
        mouths: {node_id, person_id, looked, compared, motion} as measured; none without the face model.
    """
    moved = {(mouth["node_id"], mouth["person_id"]): mouth for mouth in mouths}
    checks = []
    for answer in answers:
        scope = f"node:{answer['node_id']}:{answer['person_id']}"
        start, end = answer.get("start_ms"), answer.get("end_ms")
        if answer["verdict"] in ("silent", "not_measured") or start is None or end is None:
            checks.append(not_measured("answer_voice", scope, "sound", "NO_ANSWER_HEARD"))
            checks.append(not_measured("answer_mouth", scope, "faces", "NO_ANSWER_HEARD"))
            continue
        span = {"t0_ms": start, "t1_ms": end, "seat_id": answer["seat_id"]}
        if voices is None or answer["seat_id"] not in voices:
            checks.append(not_measured("answer_voice", scope, "sound", "NO_SOUND"))
        else:
            own = length(within(voices[answer["seat_id"]], start - 300, end + 300))
            checks.append(at_least("answer_voice", scope, "sound", own, limits, "answer_voice_ms", spans=(span,)))
        mouth = moved.get((answer["node_id"], answer["person_id"]))
        if mouth is None or mouth["motion"] is None:
            reason = "FACE_MODEL_MISSING" if mouth is None else "NO_PICTURE" if not mouth["looked"] else "FACE_NOT_SEEN"
            checks.append(not_measured("answer_mouth", scope, "faces", reason))
        else:
            found = at_least("answer_mouth", scope, "faces", mouth["motion"], limits, "mouth_motion_min", spans=(span,))
            # A still mouth and a small movement look alike in coded pictures: below the limit nothing is known.
            checks.append(replace(found, result="not_measured", reason="MOUTH_UNCLEAR") if found.result == "fail" else found)
    return checks


def check_coaching(
    windows: Sequence[Mapping[str, Any]],
    voices: Mapping[str, Sequence[Sequence[int]]] | None,
    agent_seat: str,
    limits: Limits,
) -> list[Check]:
    """Whether the agent speaks while a customer has to answer; what the customer says at the same time does not count.

    Args:
        windows: {node_id, person_id, seat_id, t0_ms, t1_ms, is_with_agent} of every answer window.
    """
    checks = []
    for window in windows:
        scope = f"node:{window['node_id']}:{window['person_id']}"
        if window["is_with_agent"]:  # one room, one sound: whose voice it is cannot be told
            checks.append(not_measured("coaching", scope, "sound", "SAME_PLACE"))
            continue
        if voices is None or agent_seat not in voices:
            checks.append(not_measured("coaching", scope, "sound", "NO_SOUND"))
            continue
        own = within(voices.get(window["seat_id"], ()), window["t0_ms"], window["t1_ms"])
        alone = without(within(voices[agent_seat], window["t0_ms"], window["t1_ms"]), own)
        spans = tuple({"t0_ms": start, "t1_ms": end, "seat_id": agent_seat} for start, end in alone)
        checks.append(at_most("coaching", scope, "sound", length(alone), limits, "coaching_ms", spans=spans))
    return checks


def check_required(
    required: Sequence[Mapping[str, Any]], lines: Sequence[Mapping[str, Any]] | None, limits: Limits
) -> list[Check]:
    """Whether the agent said their name, company and licence number where the script asks for it.

    Args:
        required: {code, node_id, seat_id, syllables, t0_ms, t1_ms}; of several wordings of one code and node the best counts.
        lines: {seat_id, start_ms, end_ms, syllables} of the transcript; None without one.
    """
    best: dict[tuple[str, str], tuple[float | None, str, Mapping[str, Any] | None]] = {}
    for wanted in required:
        key = (str(wanted["code"]), f"node:{wanted['node_id']}")
        own = [line for line in lines or () if line["seat_id"] == wanted["seat_id"] and _meets(line, wanted)]
        if lines is None or not own or not wanted["syllables"]:
            reason = "TRANSCRIPT_MISSING" if lines is None else "NOTHING_HEARD" if not own else "NO_VALUE"
            best.setdefault(key, (None, reason, None))
            continue
        spoken = [sound for line in own for sound in line["syllables"]]
        share = round(said_share(spoken, wanted["syllables"]), 2)
        before = best.get(key)
        if before is None or before[0] is None or share > before[0]:
            best[key] = (share, "", wanted)
    checks = []
    for (code, scope), (found, why, where) in best.items():
        if found is None or where is None:
            checks.append(not_measured(code, scope, "speech", why))
            continue
        span = {"t0_ms": where["t0_ms"], "t1_ms": where["t1_ms"], "seat_id": where["seat_id"]}
        limit = "required_share_company" if code == "said_company" else "required_share"
        checks.append(at_least(code, scope, "speech", found, limits, limit, miss="warn", spans=(span,)))
    return checks


def said_share(spoken: Sequence[str], wanted: Sequence[str]) -> float:
    """How much of the wanted syllables stands somewhere in the speech in order: 1 − edits/length, free at both ends."""
    target = [soften(sound) for sound in wanted]
    if not target:
        return 0.0
    row = list(range(len(target) + 1))
    best = row[-1]
    for sound in (soften(sound) for sound in spoken):
        before, row = row, [0]
        for index, want in enumerate(target, 1):
            row.append(min(before[index - 1] + (want != sound), before[index] + 1, row[-1] + 1))
        best = min(best, row[-1])
    return max(0.0, 1 - best / len(target))


def soften(sound: str) -> str:
    """A syllable without what is often confused: zh/z, ch/c, sh/s, ng/n, and yao for yi in numbers."""
    if sound == "yao":
        return "yi"
    for hard, soft in _SOFT[:3]:
        if sound.startswith(hard):
            sound = soft + sound[len(hard) :]
    return sound[:-1] if sound.endswith("ng") else sound


def _meets(line: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    return bool(line["end_ms"] > wanted["t0_ms"] and line["start_ms"] < wanted["t1_ms"])


def _overlaps(spans: Sequence[Span]) -> list[Span]:
    """Where at least two spans are on."""
    edges = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans])
    found: list[Span] = []
    on, began = 0, 0
    for at, step in edges:
        if on == 1 and step == 1:
            began = at
        elif on == 2 and step == -1 and at > began:
            found.append((began, at))
        on += step
    return union(found)
