"""The speech process: reads the audio tap, serves the speech RPC. Glue only; the engine is `asr.service`."""

import contextlib
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from asr.listening import WindowSpec
from asr.models import locate
from asr.ports import AnswerLexicon, SpeechError
from asr.service import SpeechOptions, SpeechService
from media.rpc import Params, RpcError, RpcServer
from media.tap_reader import TapReader
from media.taps import TapKind, TapPacket
from server.ops.ending import stop_on_signals
from server.ops.perception import Strict, params_invalid, serve
from server.settings import Settings

_RECEIVE_BUFFER = 4 << 20
_LARGEST = 65_536
_BURST = 256


class _Lexicon(Strict):
    affirmative: list[str] = Field(default_factory=list, max_length=500)
    negative: list[str] = Field(default_factory=list, max_length=500)
    fillers: list[str] = Field(default_factory=list, max_length=500)


class _Open(Strict):
    window_id: str = Field(min_length=1, max_length=100)
    room_id: str
    seat_id: str
    lexicon: _Lexicon = _Lexicon()
    timeout_ms: int = Field(ge=500, le=600_000)
    silence_ms: int = Field(ge=200, le=5_000)


class _Close(Strict):
    window_id: str


class _Prepare(Strict):
    text: str
    rate: float = 1.0
    recorded_key: str | None = None


class _File(Strict):
    path: Path
    language: str = "zh"


class _Digits(Strict):
    path: Path
    digits: str = Field(pattern=r"^[0-9]{2,8}$")
    from_ms: int = Field(ge=0, le=60_000)
    to_ms: int = Field(ge=0, le=60_000)


class SpeechRpc:
    """The methods of the speech RPC over one service."""

    def __init__(self, service: SpeechService) -> None:
        self._service = service

    def register(self, rpc: RpcServer) -> None:
        """Add every method."""
        rpc.method("speech.info", self._info)
        rpc.method("prompt.prepare", self._prepare)
        rpc.method("answer.open", self._open)
        rpc.method("answer.close", self._close)
        rpc.method("transcribe.file", self._file)
        rpc.method("digits.judge", self._judge_digits)

    async def _info(self, _params: Params) -> Any:
        return self._service.info()

    async def _prepare(self, params: Params) -> Any:
        with _errors():
            wanted = _Prepare.model_validate(params)
            return await self._service.prepare_prompt(wanted.text, rate=wanted.rate, recorded_key=wanted.recorded_key)

    async def _open(self, params: Params) -> Any:
        with _errors():
            wanted = _Open.model_validate(params)
            lexicon = wanted.lexicon
            spec = WindowSpec(wanted.window_id, wanted.room_id, wanted.seat_id, wanted.timeout_ms, wanted.silence_ms)
            phrases = AnswerLexicon(tuple(lexicon.affirmative), tuple(lexicon.negative), tuple(lexicon.fillers))
            await self._service.open_answer(spec, phrases)
            return {}

    async def _close(self, params: Params) -> Any:
        with _errors():
            return await self._service.close_answer(_Close.model_validate(params).window_id)

    async def _file(self, params: Params) -> Any:
        with _errors():
            return await self._service.transcribe_file(_File.model_validate(params).path)

    async def _judge_digits(self, params: Params) -> Any:
        with _errors():
            wanted = _Digits.model_validate(params)
            return await self._service.judge_digits(wanted.path, wanted.digits, wanted.from_ms, wanted.to_ms)


class _errors(contextlib.AbstractContextManager[None]):
    def __exit__(self, kind: object, error: BaseException | None, _trace: object) -> None:
        if isinstance(error, ValidationError):
            raise params_invalid(error)
        if isinstance(error, SpeechError):
            raise RpcError(error.code, str(error), retryable=error.retryable)


def feed(service: SpeechService, packet: TapPacket) -> None:
    """Hand an audio packet of the tap to the service."""
    if packet.kind is TapKind.AUDIO:
        service.feed(packet.room_id, packet.seat_id, packet.rtp_seq, packet.t_ms, packet.frame, packet.payload)


def options(settings: Settings) -> SpeechOptions:
    """The service's options from the settings."""
    folders = [folder for folder in (settings.model_dir, settings.model_mirror) if folder is not None]
    return SpeechOptions(
        models=locate(*folders),
        prompt_cache=settings.data_dir / "prompts",
        voice=settings.voice,
        recordings=settings.prompt_recordings_dir,
        voice_dirs=tuple(folders),
    )


async def main(settings: Settings) -> None:
    """Run until SIGTERM or SIGINT."""
    stop = stop_on_signals()
    rpc = RpcServer(settings.internal_token.get_secret_value())
    async with SpeechService(options(settings), rpc.emit) as service:
        SpeechRpc(service).register(rpc)
        tap = TapReader(
            settings.data_dir / "run" / "speech.sock",
            partial(feed, service),
            receive_buffer=_RECEIVE_BUFFER,
            largest=_LARGEST,
            burst=_BURST,
        )
        await serve(settings, rpc, settings.speech_rpc_port, tap, stop)
