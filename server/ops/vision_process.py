"""The vision process: reads the key-frame tap, serves the vision RPC. Glue only; the engine is `media.vision.service`."""

import base64
import binascii
import contextlib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from media.rpc import Params, RpcError, RpcServer
from media.tap_reader import TapReader
from media.vision.models import locate
from media.vision.service import VisionError, VisionService
from media.vision.video import Step
from server.ops.ending import stop_on_signals
from server.ops.perception import Strict, params_invalid, serve
from server.settings import Settings

_RECEIVE_BUFFER = 8 << 20
_LARGEST = 70_000
_BURST = 128


def _base64(value: object) -> bytes:
    if not isinstance(value, str):
        raise ValueError("base64 text expected")
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


_Image = Annotated[bytes, BeforeValidator(_base64)]


class _OneImage(Strict):
    image: _Image


class _TwoImages(Strict):
    a: _Image
    b: _Image


class _Card(Strict):
    image: _Image
    side: str = Field(max_length=40)


class _Step(Strict):
    action: str = Field(max_length=20)
    from_ms: int = Field(ge=0, le=60_000)
    to_ms: int = Field(ge=0, le=60_000)


class _Video(Strict):
    path: Path
    reference: _Image | None = None
    challenge: list[str | _Step] = Field(default_factory=list, max_length=20)


class _Seat(Strict):
    seat_id: str
    reference: _Image | None = None


class _Watch(Strict):
    room_id: str
    seats: list[_Seat] = Field(max_length=20)


class _Unwatch(Strict):
    room_id: str


class VisionRpc:
    """The methods of the vision RPC over one service."""

    def __init__(self, service: VisionService) -> None:
        self._service = service

    def register(self, rpc: RpcServer) -> None:
        """Add every method."""
        rpc.method("vision.info", self._info)
        rpc.method("face.detect", self._detect)
        rpc.method("face.embed", self._embed)
        rpc.method("face.compare", self._compare)
        rpc.method("card.inspect", self._card)
        rpc.method("face.video", self._video)
        rpc.method("room.watch", self._watch)
        rpc.method("room.unwatch", self._unwatch)

    async def _info(self, _params: Params) -> Any:
        return self._service.info()

    async def _detect(self, params: Params) -> Any:
        with _errors():
            return await self._service.detect(_OneImage.model_validate(params).image)

    async def _embed(self, params: Params) -> Any:
        with _errors():
            return await self._service.embed(_OneImage.model_validate(params).image)

    async def _compare(self, params: Params) -> Any:
        with _errors():
            images = _TwoImages.model_validate(params)
            return await self._service.compare(images.a, images.b)

    async def _card(self, params: Params) -> Any:
        with _errors():
            wanted = _Card.model_validate(params)
            return await self._service.inspect_card(wanted.image, wanted.side)

    async def _video(self, params: Params) -> Any:
        with _errors():
            wanted = _Video.model_validate(params)
            steps = [s if isinstance(s, str) else Step(s.action, s.from_ms, s.to_ms) for s in wanted.challenge]
            return await self._service.check_video(wanted.path, wanted.reference, steps)

    async def _watch(self, params: Params) -> Any:
        with _errors():
            wanted = _Watch.model_validate(params)
            return await self._service.watch(wanted.room_id, {seat.seat_id: seat.reference for seat in wanted.seats})

    async def _unwatch(self, params: Params) -> Any:
        with _errors():
            return await self._service.unwatch(_Unwatch.model_validate(params).room_id)


class _errors(contextlib.AbstractContextManager[None]):
    def __exit__(self, kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ValidationError):
            raise params_invalid(error)
        if isinstance(error, VisionError):
            raise RpcError(error.code, error.message, retryable=error.retryable)


async def main(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = stop_on_signals()
    rpc = RpcServer(settings.internal_token.get_secret_value())
    async with VisionService(locate(settings.model_dir, settings.model_mirror), rpc.emit) as service:
        VisionRpc(service).register(rpc)
        tap = TapReader(
            settings.data_dir / "run" / "vision.sock",
            service.feed,
            receive_buffer=_RECEIVE_BUFFER,
            largest=_LARGEST,
            burst=_BURST,
        )
        await serve(settings, rpc, settings.vision_rpc_port, tap, stop)
