"""Issues challenges of the face check, and has an uploaded video judged by the vision and the speech process.

A challenge is used once; a video that was seen before, or came too early or too late, is refused. The video itself is never kept:
its hash and what was measured are.
"""

import base64
import hashlib
import secrets
import tempfile
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from aiohttp import web

from media.rpc import RpcClient, RpcError
from server.context import Context
from server.customers.tables import face_challenges
from server.domain.callback.liveness import Challenge, FaceVerdict, Step, judge, make_challenge
from server.domain.callback.rulebook import Identity
from server.http.problem import Problem
from storage.db.engine import Tx
from storage.db.ids import new_id

SPEECH: web.AppKey[RpcClient] = web.AppKey("speech", RpcClient)
VIDEO_TYPES = {"video/webm": ".webm", "video/mp4": ".mp4"}
MAX_VIDEO_BYTES = 24 << 20
TIMEOUT_S = 60.0
_SLACK_MS = 1500
_FILE_ERRORS = ("FILE_UNREADABLE", "FILE_NO_AUDIO")


class Calls(Protocol):
    """A process that is asked over RPC."""

    async def call(self, method: str, params: dict[str, Any], *, timeout: float) -> Any:
        """Call a method."""
        ...


async def issue(tx: Tx, context: Context, callback_id: str, rules: Identity, kind: str | None) -> tuple[str, Challenge, datetime]:
    """Make a challenge of a kind of the rulebook (default: its first): (id, challenge, end). 409 `CHALLENGE_UNKNOWN`."""
    chosen = kind or rules.challenges[0]
    if chosen not in rules.challenges:
        raise Problem(409, "CHALLENGE_UNKNOWN", kinds=list(rules.challenges))
    challenge, now, challenge_id = make_challenge(chosen, rules, secrets.randbelow), context.now(), new_id("fch")
    expires_at = now + timedelta(seconds=rules.challenge_valid_s)
    await tx.execute(
        sa.insert(face_challenges).values(
            id=challenge_id,
            callback_id=callback_id,
            kind=chosen,
            steps=[[step.action, step.from_ms, step.to_ms] for step in challenge.steps],
            digits=challenge.digits,
            length_ms=challenge.length_ms,
            issued_at=now,
            expires_at=expires_at,
        )
    )
    return challenge_id, challenge, expires_at


async def take(
    tx: Tx, context: Context, callback_id: str, challenge_id: str, video: bytes
) -> tuple[Challenge, FaceVerdict | None]:
    """Use a challenge up for a video. A verdict comes at once where the video need not be looked at.

    The caller commits also when it is refused: a challenge counts once. Raises 404 `CHALLENGE_NOT_FOUND`.
    """
    now, digest = context.now(), hashlib.sha256(video).hexdigest()
    query = sa.select(face_challenges).where(face_challenges.c.id == challenge_id, face_challenges.c.callback_id == callback_id)
    row = (await tx.execute(query.with_for_update())).one_or_none()
    if row is None:
        raise Problem(404, "CHALLENGE_NOT_FOUND")
    challenge = Challenge(row.kind, tuple(Step(*step) for step in row.steps), row.digits)
    if row.used_at is not None or row.expires_at <= now:
        return challenge, FaceVerdict(None, "CHALLENGE_EXPIRED")
    is_known = await tx.scalar(sa.select(face_challenges.c.id).where(face_challenges.c.video_sha256 == digest).limit(1))
    await tx.execute(
        sa.update(face_challenges).where(face_challenges.c.id == challenge_id).values(used_at=now, video_sha256=digest)
    )
    if is_known is not None:
        return challenge, FaceVerdict(False, "VIDEO_REPLAYED")
    if now - row.issued_at < timedelta(milliseconds=challenge.length_ms - _SLACK_MS):
        return challenge, FaceVerdict(False, "VIDEO_TOO_EARLY")
    return challenge, None


async def note_result(tx: Tx, challenge_id: str, result: str) -> None:
    """Keep what became of a challenge; what a second video for it brings changes nothing."""
    mine = sa.and_(face_challenges.c.id == challenge_id, face_challenges.c.result.is_(None))
    await tx.execute(sa.update(face_challenges).where(mine).values(result=result))


async def look(
    context: Context, vision: Calls, speech: Calls, challenge: Challenge, reference: bytes, video: bytes, suffix: str
) -> FaceVerdict:
    """Have a video judged, outside any transaction."""
    folder = context.settings.data_dir / "run" / "face-checks"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(dir=folder, suffix=suffix) as file:
        file.write(video)
        file.flush()
        steps = [
            {"action": "straight" if step.action == "read" else step.action, "from_ms": step.from_ms, "to_ms": step.to_ms}
            for step in challenge.steps
        ]
        params = {"path": file.name, "reference": base64.b64encode(reference).decode(), "challenge": steps}
        try:
            face: Mapping[str, Any] = await vision.call("face.video", params, timeout=TIMEOUT_S)
        except RpcError as error:
            return FaceVerdict(None, {"UNAVAILABLE": "VISION_UNAVAILABLE"}.get(error.code, error.code))
        spoken = await _listen(speech, challenge, Path(file.name))
    if int(face.get("duration_ms") or 0) < challenge.length_ms - _SLACK_MS and face.get("is_same") is not None:
        return FaceVerdict(None, "VIDEO_TOO_SHORT", face.get("similarity"), face.get("threshold"))
    return judge(challenge, face, spoken)


async def _listen(speech: Calls, challenge: Challenge, path: Path) -> Mapping[str, Any] | None:
    reading = next((step for step in challenge.steps if step.action == "read"), None)
    if reading is None:
        return None
    params = {"path": str(path), "digits": challenge.digits, "from_ms": reading.from_ms, "to_ms": reading.to_ms}
    try:
        answer: Mapping[str, Any] = await speech.call("digits.judge", params, timeout=TIMEOUT_S)
    except RpcError as error:
        return {"is_said": None, "reason": "SILENT", "heard": ""} if error.code in _FILE_ERRORS else None
    return answer
