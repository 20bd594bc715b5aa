"""The vision engine behind the RPC of docs/protocols.md: single pictures, videos, and the watch over seats during a call.

All model work runs in one thread of its own; the loop only hands over. Per seat only the newest key frame waits, so a slow
machine looks less often instead of falling behind. Answers say *not measured* (None and a reason) where a model is missing.
"""

import asyncio
import base64
import contextlib
import functools
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from media.taps import TapKind, TapPacket
from media.vision.card import find_card
from media.vision.faces import Embedding, Face, Faces, Picture, main_face, pack_embedding
from media.vision.keyframes import ChunkAssembler, EncodedKeyFrame, decode_key_frame
from media.vision.models import EMBEDDER, ModelState, Thresholds
from media.vision.picture import Gray, PictureMeasures, decode_image, difference, encode_jpeg, measure, shrink
from media.vision.video import Step, look_at_video
from media.vision.watch import Look, SeatWatch

log = logging.getLogger(__name__)

Emit = Callable[[str, dict[str, Any]], None]
T = TypeVar("T")
_FACE_ON_CARD = 0.25
"""A face wider than this part of the card is no card's portrait: on an identity card it takes about 16 of 85.6 mm."""
_BESIDE = 0.12
"""So far, in widths of the card, the portrait's middle lies from the card's: it stands beside the print."""


class VisionError(Exception):
    """A refusal. Codes: IMAGE_INVALID, FACE_NONE, FACE_MANY, MODEL_MISSING, ROOM_UNKNOWN."""

    def __init__(self, code: str, message: str = "", *, retryable: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retryable = retryable


@dataclass(slots=True)
class _Seat:
    """A watched seat."""

    watch: SeatWatch
    reference: Embedding | None
    pending: EncodedKeyFrame | None = None
    before: Gray | None = None
    still_since: int = 0
    last_ms: int = -1
    undecodable: int = 0


class VisionService:
    """Owns the models and the worker thread.

    Args:
        models: where the models are (`media.vision.models.locate`).
        emit: sends an event to every RPC client; called on the loop.
    """

    def __init__(self, models: Mapping[str, ModelState], emit: Emit, thresholds: Thresholds | None = None) -> None:
        self._models = dict(models)
        self._emit = emit
        self._thresholds = thresholds or Thresholds()
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="vision")
        self._faces: Faces | None = None
        self._chunks = ChunkAssembler()
        self._rooms: dict[str, dict[str, _Seat]] = {}
        self._waiting = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> "VisionService":
        self._faces = await self._in_thread(lambda: Faces.of(self._models, self._thresholds))
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None
        self._executor.shutdown(wait=True, cancel_futures=True)

    # --- single pictures

    def info(self) -> dict[str, Any]:
        """Which models are there, and the thresholds."""
        models = [
            {"name": state.name, "available": state.path is not None, "reason": state.reason} for state in self._models.values()
        ]
        return {"models": models, "thresholds": self._thresholds.data()}

    async def detect(self, image: bytes) -> dict[str, Any]:
        """Faces of a picture (None without the model), sharpness, brightness."""

        def work() -> dict[str, Any]:
            picture = _decoded(image)
            faces = self._faces
            found = None if faces is None else [_face_data(face) for face in faces.look(picture)]
            reasons = [] if faces is not None else [self._missing()]
            return {"faces": found, **_measures(measure(picture)), "reasons": reasons}

        return await self._in_thread(work)

    async def embed(self, image: bytes) -> dict[str, Any]:
        """The embedding of the one face of a picture."""

        def work() -> dict[str, Any]:
            face, vector = self._subject(_decoded(image))
            data = base64.b64encode(pack_embedding(vector)).decode()
            return {"embedding": data, "box": [round(value, 1) for value in face.box], "score": face.score}

        return await self._in_thread(work)

    async def compare(self, a: bytes, b: bytes) -> dict[str, Any]:
        """Whether two pictures show one person."""

        def work() -> dict[str, Any]:
            _, first = self._subject(_decoded(a))
            _, second = self._subject(_decoded(b))
            assert self._faces is not None
            similarity, is_same = self._faces.same(first, second)
            return {"similarity": similarity, "is_same": is_same, "threshold": self._thresholds.same}

        return await self._in_thread(work)

    async def inspect_card(self, image: bytes, side: str) -> dict[str, Any]:
        """Whether a picture shows a card; the front of an identity card also needs a portrait, and no more than that.

        `has_card` is None for a front without the model: edges and print alone do not make one.
        """

        def work() -> dict[str, Any]:
            picture = _decoded(image)
            look = find_card(picture)
            reasons = list(look.reasons)
            faces = None if self._faces is None else self._faces.look(picture)
            has_face = None if faces is None else bool(faces)
            has_card: bool | None = look.has_card
            if faces and faces[0].box[2] > _FACE_ON_CARD * look.width(picture):
                reasons.append("FACE_FILLS_PICTURE")
                has_card = False
            elif side == "id_front" and faces is None:
                reasons.append(self._missing())
                has_card = None if has_card else False
            elif side == "id_front" and not faces:
                reasons.append("PORTRAIT_NOT_FOUND")
                has_card = False
            elif side == "id_front" and faces and has_card and look.corners is None and not _may_be_cut(picture, faces):
                reasons.append("CARD_EDGES_NOT_FOUND")
                has_card = False
            return {"has_card": has_card, "has_face": has_face, **_measures(measure(picture)), "reasons": reasons}

        return await self._in_thread(work)

    async def check_video(self, path: Path, reference: bytes | None, challenge: Sequence[str | Step]) -> dict[str, Any]:
        """A short video of one person against a reference picture."""

        def work() -> dict[str, Any]:
            if self._faces is None:
                nothing = {"similarity": None, "is_same": None, "is_live": None, "best_frame": None, "duration_ms": 0}
                return {**nothing, "reasons": [self._missing()]}
            vector = self._subject(_decoded(reference))[1] if reference is not None and self._faces.can_compare else None
            look = look_at_video(self._faces, path, vector, challenge)
            best = base64.b64encode(encode_jpeg(look.best_frame)).decode() if look.best_frame is not None else None
            return {
                "similarity": look.similarity,
                "is_same": look.is_same,
                "is_live": look.is_live,
                "reasons": list(look.reasons),
                "best_frame": best,
                "duration_ms": look.duration_ms,
                "threshold": self._thresholds.same,
            }

        return await self._in_thread(work)

    # --- the watch over a room

    async def watch(self, room_id: str, seats: Mapping[str, bytes | None]) -> dict[str, Any]:
        """Watch the seats of a room from now on; a seat already watched keeps its figures, and its alerts are told again.

        Returns:
            Which references serve.
        """

        def references() -> tuple[dict[str, Embedding | None], dict[str, str]]:
            vectors: dict[str, Embedding | None] = {}
            states: dict[str, str] = {}
            for seat_id, image in seats.items():
                vectors[seat_id] = None
                if image is None:
                    states[seat_id] = "REFERENCE_NONE"
                    continue
                try:
                    vectors[seat_id] = self._subject(_decoded(image))[1]
                    states[seat_id] = "ok"
                except VisionError as error:
                    states[seat_id] = error.code
            return vectors, states

        vectors, states = await self._in_thread(references)
        room = self._rooms.setdefault(room_id, {})
        for seat_id in list(room):
            if seat_id not in vectors:
                del room[seat_id]
        for seat_id, vector in vectors.items():
            if seat_id in room:
                seat = room[seat_id]
                seat.reference = vector
                for kind in sorted(seat.watch.active):
                    told = {"room_id": room_id, "seat_id": seat_id, "t_ms": seat.last_ms, "kind": kind, "is_active": True}
                    self._emit("vision.alert", told)
            else:
                room[seat_id] = _Seat(SeatWatch(self._thresholds), vector)
        return {"references": states}

    async def unwatch(self, room_id: str) -> dict[str, Any]:
        """Stop watching; the figures of each seat. An unknown room has none."""
        room = self._rooms.pop(room_id, {})
        return {"seats": {seat_id: dict(seat.watch.summary.data()) for seat_id, seat in room.items()}}

    def feed(self, packet: TapPacket) -> None:
        """Take a datagram of the tap; called on the loop, returns at once."""
        if packet.kind is not TapKind.KEY_FRAME or packet.room_id not in self._rooms:
            return
        frame = self._chunks.push(packet)
        if frame is None or frame.is_screen:
            return
        seat = self._rooms[frame.room_id].get(frame.seat_id)
        if seat is not None:
            seat.pending = frame
            self._waiting.set()

    async def _run(self) -> None:
        while True:
            await self._waiting.wait()
            self._waiting.clear()
            for room_id, seats in list(self._rooms.items()):
                for seat_id, seat in list(seats.items()):
                    frame, seat.pending = seat.pending, None
                    if frame is None:
                        continue
                    try:
                        look = await self._in_thread(functools.partial(self._look, seat, frame))
                    except Exception:
                        log.exception("vision look failed")
                        continue
                    if look is not None and self._rooms.get(room_id, {}).get(seat_id) is seat:
                        self._tell(room_id, seat_id, seat, look)

    def _tell(self, room_id: str, seat_id: str, seat: _Seat, look: Look) -> None:
        names = {"room_id": room_id, "seat_id": seat_id, "t_ms": look.t_ms}
        alerts = seat.watch.take(look)
        figures = {
            "faces": look.faces,
            "similarity": look.similarity,
            "brightness": round(look.brightness, 1),
            "sharpness": round(look.sharpness, 1),
            "is_frozen": look.still_ms >= self._thresholds.frozen_ms,
            "is_black": look.is_black,
        }
        self._emit("vision.seat", {**names, **figures})
        for alert in alerts:
            self._emit("vision.alert", {**names, "kind": alert.kind, "is_active": alert.is_active})

    # --- in the worker thread

    def _look(self, seat: _Seat, frame: EncodedKeyFrame) -> Look | None:
        picture = decode_key_frame(frame.data, frame.is_h264)
        if picture is None:
            seat.undecodable += 1
            return None
        figures = measure(picture)
        small = shrink(picture)
        is_later = frame.t_ms > seat.last_ms
        if not is_later or seat.before is None or difference(small, seat.before) > self._thresholds.frozen_difference:
            seat.still_since = frame.t_ms
        seat.before, seat.last_ms = small, frame.t_ms
        count: int | None = None
        similarity: float | None = None
        brightness = figures.brightness
        if self._faces is not None:
            found = self._faces.look(picture)
            count = len(found)
            if found:
                brightness = _face_luma(picture, found[0])
            if seat.reference is not None and self._faces.can_compare and (face := main_face(found)) is not None:
                similarity = self._faces.same(self._faces.embed(picture, face), seat.reference)[0]
        is_black = figures.is_black(self._thresholds)
        return Look(frame.t_ms, count, similarity, brightness, figures.sharpness, is_black, frame.t_ms - seat.still_since)

    def _subject(self, picture: Picture) -> tuple[Face, Embedding]:
        """The one face of a picture and its embedding. Raises `VisionError`."""
        if self._faces is None or not self._faces.can_compare:
            raise VisionError("MODEL_MISSING", self._missing())
        found = self._faces.look(picture)
        if not found:
            raise VisionError("FACE_NONE")
        face = main_face(found)
        if face is None:
            raise VisionError("FACE_MANY", str(len(found)))
        return face, self._faces.embed(picture, face)

    def _missing(self) -> str:
        return next((state.reason for state in self._models.values() if state.path is None), f"MODEL_MISSING: {EMBEDDER}")

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._executor, work)


def _decoded(image: bytes) -> Picture:
    picture = decode_image(image)
    if picture is None:
        raise VisionError("IMAGE_INVALID", "neither JPEG nor PNG, damaged or too large")
    return picture


def _may_be_cut(picture: Picture, faces: Sequence[Face]) -> bool:
    """Whether a picture without a card's edges may be cut to a front: lying, and one upright portrait beside the print."""
    x, _, width, _ = faces[0].box
    middle = (x + width / 2) / picture.shape[1]
    return picture.shape[1] > picture.shape[0] and main_face(list(faces)) is not None and abs(middle - 0.5) > _BESIDE


def _measures(figures: PictureMeasures) -> dict[str, float]:
    return {"sharpness": round(figures.sharpness, 2), "brightness": round(figures.brightness, 2)}


def _face_data(face: Face) -> dict[str, Any]:
    box = [round(value, 1) for value in face.box]
    return {"box": box, "score": round(face.score, 4), "landmarks": [[round(x, 1), round(y, 1)] for x, y in face.landmarks]}


def _face_luma(picture: Picture, face: Face) -> float:
    """Brightness of the face itself: a bright window behind does not light it."""
    x, y, w, h = (int(value) for value in face.box)
    part = picture[max(0, y) : max(0, y + h), max(0, x) : max(0, x + w)]
    return measure(part).brightness if part.size else measure(picture).brightness
