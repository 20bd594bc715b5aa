"""Steps `measure` and `transcribe`: sound and pictures are measured in a process of their own, speech is written down.

Neither may lose a recording: a measuring process that dies, or a speech engine that is away, leaves the checks *not measured*.
"""

import asyncio
import contextlib
import json
import sys
from typing import Any

import structlog

from media.rpc import RpcClient, RpcError
from server.jobs.registry import Json, Services, StepRun
from server.recordings import spoken
from server.recordings.child import child_environment
from server.recordings.facts import SessionFacts
from server.recordings.finalise.wanted import wanted
from server.recordings.finalise.work import MEASURED, TRANSCRIPT, Work, facts_of, open_work
from server.settings import ROOT

log = structlog.get_logger(__name__)

CONNECT_S = 3.0
LANGUAGE = "zh-CN"


async def measure(services: Services, run: StepRun) -> Json:
    """Run `server.recordings.measure` and keep what it found."""
    work = await open_work(services, run)
    command = ("nice", "-n", "10", sys.executable, "-m", "server.recordings.measure", str(work.folder), str(work.out))
    asked = json.dumps(await wanted(services.context, work, await facts_of(services.context, work))).encode()
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, cwd=ROOT, env=child_environment(), stdin=pipe, stdout=pipe, stderr=pipe
    )
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stderr is not None
    errors = asyncio.create_task(process.stderr.read())
    try:
        with contextlib.suppress(ConnectionError):
            process.stdin.write(asked)  # faces go through a pipe: they are never written to disk in clear
            await process.stdin.drain()
            process.stdin.close()
        async for line in process.stdout:
            await run.progress(float(line))
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    tail = (await errors).decode(errors="replace")[-500:]
    if code != 0:
        log.error("measuring_failed", recording_id=work.id, exit_code=code, tail=tail)
        (work.out / MEASURED).unlink(missing_ok=True)
    return {"is_measured": code == 0, "exit_code": code}


def measured_of(work: Work) -> dict[str, Any] | None:
    """What was measured, or None."""
    try:
        found: dict[str, Any] = json.loads((work.out / MEASURED).read_bytes())
    except FileNotFoundError:
        return None
    return found


async def transcribe(services: Services, run: StepRun) -> Json:
    """Write down what every seat said. Without an engine the sentences heard live are kept; without those there is nothing."""
    work = await open_work(services, run)
    facts = await facts_of(services.context, work)
    lines, reason = await _from_files(services, run, work)
    source = "file"
    if lines is None:
        lines, source = _from_events(facts), "live"
    lines.sort(key=lambda line: (line["start_ms"], line["seat_id"]))
    is_measured = source == "file" or bool(lines)
    wire = {"is_measured": is_measured, "source": source, "reason": None if is_measured else reason, "lines": lines}
    (work.out / TRANSCRIPT).write_text(json.dumps(wire, ensure_ascii=False))
    async with services.context.db.begin() as tx:
        await spoken.store_lines(tx, services.context, work.id, lines)
    return {"is_measured": is_measured, "source": source, "reason": wire["reason"], "lines": len(lines)}


async def _from_files(services: Services, run: StepRun, work: Work) -> tuple[list[dict[str, Any]] | None, str]:
    """Lines of every seat by the speech process, or (None, why not)."""
    files = [(seat, work.out / "audio" / f"{seat}.wav") for seat in work.people()]
    files = [(seat, path) for seat, path in files if path.is_file()]
    if not files:
        return None, "NO_SOUND"
    settings = services.context.settings
    client = RpcClient(f"http://{settings.internal_host}:{settings.speech_rpc_port}", settings.internal_token.get_secret_value())
    client.start()
    lines: list[dict[str, Any]] = []
    try:
        await client.wait_connected(CONNECT_S)
        for number, (seat, path) in enumerate(files):
            limit = 60 + 2 * (work.row["duration_ms"] or 0) / 1000
            heard = await client.call("transcribe.file", {"path": str(path), "language": LANGUAGE}, timeout=limit)
            lines += _lines(seat, heard)
            await run.progress((number + 1) / len(files))
    except TimeoutError:
        return None, "SPEECH_UNAVAILABLE"
    except RpcError as error:
        log.warning("transcription_unavailable", recording_id=work.id, code=error.code)
        return None, error.code if error.code != "UNAVAILABLE" else "SPEECH_UNAVAILABLE"
    finally:
        await client.aclose()
    return lines, ""


def _lines(seat_id: str, heard: dict[str, Any]) -> list[dict[str, Any]]:
    words = [(word["text"], int(word["start_ms"]), int(word["end_ms"])) for word in heard.get("words", ())]
    return [
        {
            "seat_id": seat_id,
            "start_ms": int(segment["start_ms"]),
            "end_ms": int(segment["end_ms"]),
            "text": segment["text"],
            "words": [list(word) for word in words if segment["start_ms"] <= word[1] < segment["end_ms"]],
            "engine": heard["engine"],
        }
        for segment in heard.get("segments", ())
        if segment["text"]
    ]


def _from_events(facts: SessionFacts) -> list[dict[str, Any]]:
    return [
        {
            "seat_id": event.data["seat_id"],
            "start_ms": int(event.data.get("start_ms") or facts.t_ms(event)),
            "end_ms": int(event.data.get("end_ms") or facts.t_ms(event)),
            "text": event.data["text"],
            "words": _live_words(event.data.get("words")),
            "engine": str(event.data.get("engine") or "live"),
        }
        for event in facts.of_type("transcript_added")
    ]


def _live_words(words: Any) -> list[list[Any]]:
    return [[word["text"], int(word["start_ms"]), int(word["end_ms"])] for word in words or () if isinstance(word, dict)]
