"""Machine checks of identity images, by the vision process. They flag; people decide.

Without the vision process, or without its models, a check is `not_measured`: never a pass.
"""

import base64
from typing import Any, Literal, Protocol

import structlog

from media.rpc import RpcError
from server.identity.schemas import ImageCheck, ImageKind

log = structlog.get_logger(__name__)

TIMEOUT_S = 4.0
MIN_SHARPNESS = 40.0
NOT_A_CARD = "FACE_FILLS_PICTURE"
"""A person's picture where a card belongs: seen for certain. Edges that were not found may be glare, and only warn."""
BRIGHTNESS = (40.0, 230.0)
"""Variance of the Laplacian, and mean of the luma: below or beyond, the picture should be taken again."""


class VisionCalls(Protocol):
    """The part of the RPC client that is needed."""

    async def call(self, method: str, params: dict[str, Any] | None = None, *, timeout: float = 10) -> Any:
        """Call the vision process. Raises `RpcError`."""
        ...


async def check_image(vision: VisionCalls, kind: ImageKind, image: bytes) -> list[ImageCheck]:
    """Checks of one image on its own."""
    codes: tuple[Any, ...] = ("sharpness", "brightness", "face_present" if kind is ImageKind.FACE else "card_present")
    method = "face.detect" if kind is ImageKind.FACE else "card.inspect"
    params: dict[str, Any] = {"image": _b64(image)}
    if kind is not ImageKind.FACE:
        params["side"] = kind.value
    try:
        answer = await vision.call(method, params, timeout=TIMEOUT_S)
    except RpcError as error:
        return [_not_measured(code, error) for code in codes]
    present = _face_present(answer) if kind is ImageKind.FACE else _card_present(answer)
    return [
        _range("sharpness", answer.get("sharpness"), MIN_SHARPNESS, None),
        _range("brightness", answer.get("brightness"), *BRIGHTNESS),
        present,
    ]


async def compare_faces(vision: VisionCalls, face: bytes, card: bytes) -> ImageCheck:
    """Whether the face photo and the portrait on the card show one person. One picture on both sides measures nothing."""
    if face == card:
        return ImageCheck(code="face_matches_card", result="not_measured", value=None, reasons=["SAME_PICTURE"])
    try:
        answer = await vision.call("face.compare", {"a": _b64(face), "b": _b64(card)}, timeout=TIMEOUT_S)
    except RpcError as error:
        return _not_measured("face_matches_card", error)
    similarity, verdict = answer.get("similarity"), answer.get("is_same")
    if verdict is None:
        return ImageCheck(code="face_matches_card", result="not_measured", value=similarity, reasons=["FACE_UNCERTAIN"])
    return ImageCheck(
        code="face_matches_card",
        result="ok" if verdict else "failed",
        value=similarity,
        reasons=[] if verdict else ["FACE_DIFFERS"],
    )


def _not_measured(code: Any, error: RpcError) -> ImageCheck:
    if error.code not in ("UNAVAILABLE", "MODEL_MISSING", "FACE_NONE", "FACE_MANY"):
        log.warning("vision_check_failed", code=error.code)
    reason = {"UNAVAILABLE": "VISION_UNAVAILABLE"}.get(error.code, error.code)
    return ImageCheck(code=code, result="not_measured", value=None, reasons=[reason])


def _range(code: Any, value: float | None, low: float, high: float | None) -> ImageCheck:
    if value is None:
        return ImageCheck(code=code, result="not_measured", value=None, reasons=["NO_VALUE"])
    if value < low:
        return ImageCheck(code=code, result="warning", value=value, reasons=["TOO_LOW"])
    if high is not None and value > high:
        return ImageCheck(code=code, result="warning", value=value, reasons=["TOO_HIGH"])
    return ImageCheck(code=code, result="ok", value=value, reasons=[])


def _face_present(answer: dict[str, Any]) -> ImageCheck:
    faces = answer.get("faces")
    if faces is None:
        why = [str(reason) for reason in answer.get("reasons") or ["NO_VALUE"]]
        return ImageCheck(code="face_present", result="not_measured", value=None, reasons=why)
    reasons = {0: ["FACE_NONE"], 1: []}.get(len(faces), ["FACE_MANY"])
    return ImageCheck(code="face_present", result="failed" if reasons else "ok", value=float(len(faces)), reasons=reasons)


def _card_present(answer: dict[str, Any]) -> ImageCheck:
    has_card = answer.get("has_card")
    reasons = [str(reason) for reason in answer.get("reasons") or []]
    if has_card is None:
        return ImageCheck(code="card_present", result="not_measured", value=None, reasons=reasons or ["NO_VALUE"])
    result: Literal["ok", "warning", "failed"] = "ok" if has_card else "failed" if NOT_A_CARD in reasons else "warning"
    return ImageCheck(code="card_present", result=result, value=None, reasons=reasons)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
