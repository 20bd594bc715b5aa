"""Wire models of identity capture (证件、银行卡、人脸影像采集)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import StringConstraints

from server.http.endpoint import Schema


class ImageKind(StrEnum):
    """ID card front (the side with the portrait), back, bank card, face photo."""

    ID_FRONT = "id_front"
    ID_BACK = "id_back"
    BANK_CARD = "bank_card"
    FACE = "face"


class ImageCheck(Schema):
    """One machine check. `not_measured` says that nobody looked (`reasons` say why), never that it is fine."""

    code: Literal["sharpness", "brightness", "face_present", "card_present", "face_matches_card"]
    result: Literal["ok", "warning", "failed", "not_measured"]
    value: float | None
    reasons: list[str]


class ImageQuery(Schema):
    """Query of a picture: `v` only makes a new picture a new address, for the browser."""

    v: Annotated[str, StringConstraints(max_length=64)] = ""


class IdentityImageView(Schema):
    """A captured image. `image_url` streams it to staff who may see the case; each look is logged."""

    id: str
    kind: ImageKind
    width: int
    height: int
    sha256: str
    captured_at: datetime
    captured_by: Literal["agent", "customer"]
    checks: list[ImageCheck]
    image_url: str


class ParticipantIdentity(Schema):
    """One participant's images."""

    participant_id: str
    name: str
    required: list[ImageKind]
    missing: list[ImageKind]
    images: list[IdentityImageView]
    is_complete: bool


class IdentityView(Schema):
    """All participants of a case who must be captured."""

    case_id: str
    is_complete: bool
    can_capture: bool
    participants: list[ParticipantIdentity]


class CustomerImage(Schema):
    """An image as its own customer sees it: whether it is there and whether it should be taken again."""

    kind: ImageKind
    captured_at: datetime
    checks: list[ImageCheck]


class CustomerIdentity(Schema):
    """The customer's own capture page."""

    name_masked: str
    product_name: str
    required: list[ImageKind]
    missing: list[ImageKind]
    images: list[CustomerImage]
    is_complete: bool
    can_capture: bool


class IdentityLink(Schema):
    """A link was sent by SMS; `url` is shown in development only."""

    expires_at: datetime
    url: str | None
