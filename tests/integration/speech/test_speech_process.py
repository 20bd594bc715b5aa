"""The speech process itself: started, fed over its socket with tapped packets, asked over its RPC, stopped."""

import asyncio
import hashlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from media.rpc import RpcClient, RpcError
from media.taps import TapKind, TapPacket, pack
from scripts.demo.service import free_port
from server.settings import ROOT, Settings
from tests.support import speech as kit

pytestmark = [pytest.mark.needs_models, pytest.mark.needs_clips]

LEXICON = {"affirmative": ["是", "是的", "清楚", "同意"], "negative": ["不", "不是", "没有", "不清楚"], "fillers": []}


@dataclass
class Speech:
    """A running speech process and what it said."""

    client: RpcClient
    tap: socket.socket
    process: asyncio.subprocess.Process
    events: "asyncio.Queue[tuple[str, dict[str, Any]]]" = field(default_factory=asyncio.Queue)
    seen: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    seqs: dict[str, int] = field(default_factory=dict)
    times: dict[str, int] = field(default_factory=dict)
    held_until: dict[str, int] = field(default_factory=dict)

    async def call(self, method: str, **params: Any) -> Any:
        return await self.client.call(method, params, timeout=60)

    async def open(self, window_id: str, seat: str = "customer", timeout_ms: int = 20_000) -> None:
        spec = {"window_id": window_id, "room_id": "room", "seat_id": seat, "lexicon": LEXICON}
        await self.call("answer.open", **spec, timeout_ms=timeout_ms, silence_ms=600)

    async def say(self, samples: kit.Samples, seat: str = "customer") -> None:
        """Send speech and the quiet around it as packets, faster than real time."""
        padded = np.concatenate([kit.room_noise(300, 15.0), samples, kit.room_noise(1_400, 15.0)])
        for packet in kit.opus_packets(padded):
            seq, t_ms = self.seqs.get(seat, 65_500), self.times.get(seat, 0)
            arrival = max(t_ms, self.held_until.get(seat, 0))
            data = pack(TapPacket(TapKind.AUDIO, 0, 0, 1, arrival, seq, t_ms * 48, "room", seat, packet))
            await asyncio.to_thread(self.tap.send, data)
            self.seqs[seat], self.times[seat] = (seq + 1) & 0xFFFF, t_ms + 20

    async def wait(self, event: str, **match: Any) -> dict[str, Any]:
        """The next event of a kind (former ones are in `seen`)."""
        async with asyncio.timeout(60):
            while True:
                name, params = await self.events.get()
                self.seen.append((name, params))
                if name == event and all(params.get(key) == value for key, value in match.items()):
                    return params


async def start(tmp_path: Path, models: Path, *, code: int = 0) -> Speech:
    port = free_port()
    environment = {"DR_DATA_DIR": str(tmp_path), "DR_MODEL_DIR": str(models), "DR_SPEECH_RPC_PORT": str(port)}
    environment |= {"DR_PROMPT_RECORDINGS_DIR": str(tmp_path / "recordings")}
    inherited = {name: value for name, value in os.environ.items() if name != "DR_MODEL_MIRROR"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "speech", cwd=ROOT, env=inherited | environment, stderr=asyncio.subprocess.DEVNULL
    )
    token = Settings(data_dir=tmp_path).internal_token.get_secret_value()
    events: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue()
    client = RpcClient(f"http://127.0.0.1:{port}", token, on_event=lambda name, params: events.put_nowait((name, params)))
    client.start()
    await client.wait_connected(90)
    tap = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    speech = Speech(client, tap, process, events)
    await speech.call("speech.info")
    tap.connect(str(tmp_path / "run" / "speech.sock"))
    return speech


async def stop(speech: Speech) -> int:
    await speech.client.aclose()
    speech.tap.close()
    if speech.process.returncode is None:
        speech.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(90):
        return await speech.process.wait()


@pytest.fixture
async def speech(tmp_path: Path) -> AsyncIterator[Speech]:
    kit.models()
    running = await start(tmp_path, kit.MODELS)
    yield running
    await stop(running)


async def test_an_answer_that_arrives_late_in_one_burst_is_the_same_answer(speech: Speech) -> None:
    for number, held_ms in enumerate((140, 400, 700, 900)):
        await speech.say(kit.room_noise(1_000, 15.0))
        await speech.open(f"burst{number}")
        speech.held_until["customer"] = speech.times["customer"] + held_ms
        await speech.say(kit.answer("tong2_yi4"))
        final = await speech.wait("answer.final", window_id=f"burst{number}")
        assert (final["verdict"], final["phrase"]) == ("affirmative", "同意")


async def test_answers_partials_transcripts_and_activity(speech: Speech) -> None:
    await speech.open("first")
    await speech.say(kit.answer("shi4_de"))
    final = await speech.wait("answer.final", window_id="first")
    assert (final["verdict"], final["phrase"], final["engine"]) == ("affirmative", "是的", "ctc-closed")
    assert 0 < final["start_ms"] < final["end_ms"] < 2_000
    heard = await speech.wait("transcript") if not any(name == "transcript" for name, _ in speech.seen) else None
    spoken = heard or next(params for name, params in speech.seen if name == "transcript")
    assert (spoken["text"], "".join(word["text"] for word in spoken["words"])) == ("是的", "是的")
    assert any(name == "answer.partial" and params["text"] for name, params in speech.seen)
    assert any(name == "speech.activity" and params["is_speaking"] for name, params in speech.seen)
    await speech.open("second")
    await speech.say(kit.splice(kit.answer("bu4"), kit.answer("qing1_chu3")))
    final = await speech.wait("answer.final", window_id="second")
    assert (final["verdict"], final["phrase"]) == ("negative", "不清楚")
    assert await speech.call("answer.close", window_id="second") == final
    await speech.say(kit.clip("aishell3/SSB00570140.wav"), seat="agent")
    heard = await speech.wait("transcript", seat_id="agent")
    assert "保险" in heard["text"]
    assert heard["engine"] == "ctc"
    assert heard["words"][0]["start_ms"] >= heard["start_ms"]


async def test_each_window_hears_its_own_person_only(speech: Speech) -> None:
    await speech.open("policyholder", seat="a")
    await speech.open("insured", seat="b", timeout_ms=1_500)
    await speech.say(kit.answer("tong2_yi4"), seat="a")
    assert (await speech.wait("answer.final", window_id="policyholder"))["verdict"] == "affirmative"
    final = await speech.wait("answer.final", window_id="insured")
    assert (final["verdict"], final["reasons"]) == ("not_measured", ["no_audio"])


async def test_what_was_said_before_the_opening_does_not_count(speech: Speech) -> None:
    await speech.say(kit.answer("tong2_yi4"))
    await speech.wait("transcript")
    await speech.open("late", timeout_ms=1_500)
    await speech.say(kit.quiet(1_000))
    assert (await speech.wait("answer.final", window_id="late"))["verdict"] == "silent"


async def test_prompts_are_made_once_and_are_opus_of_20_ms(speech: Speech) -> None:
    text = "本产品的红利是不确定的，您每年缴纳保费20,000.00元，请问您清楚了吗？"
    first = await speech.call("prompt.prepare", text=text, rate=1.0)
    path = Path(first["path"])
    written = path.stat().st_mtime_ns
    assert await speech.call("prompt.prepare", text=text, rate=1.0) == first
    assert path.stat().st_mtime_ns == written
    assert hashlib.sha256(path.read_bytes()).hexdigest() == first["sha256"]
    assert first["voice"] == "espeak"
    assert first["is_synthetic"] is True
    assert [text[index] for index, _ in first["marks"]] == ["本", "您", "请"]
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        assert (stream.codec_context.name, stream.codec_context.sample_rate, stream.codec_context.channels) == ("opus", 48_000, 1)
        lengths = [packet.duration for packet in container.demux(stream) if packet.size]
    assert set(lengths[:-1]) == {960}
    assert (lengths[-1] or 0) <= 960
    assert abs(len(lengths) * 20 - first["duration_ms"]) <= 40
    slow = await speech.call("prompt.prepare", text=text, rate=0.8)
    assert slow["duration_ms"] > first["duration_ms"] * 1.15
    assert slow["sha256"] != first["sha256"]


async def test_refusals_have_codes(speech: Speech) -> None:
    bad: list[tuple[str, dict[str, Any], str]] = [
        ("answer.close", {"window_id": "none"}, "WINDOW_UNKNOWN"),
        ("answer.open", {"window_id": "x"}, "PARAMS_INVALID"),
        ("answer.close", {"window_id": "x", "more": 1}, "PARAMS_INVALID"),
        ("prompt.prepare", {"text": "。。"}, "PROMPT_EMPTY"),
        ("prompt.prepare", {"text": "好", "rate": 9}, "PROMPT_RATE"),
        ("transcribe.file", {"path": "/none.webm", "language": "zh"}, "FILE_UNREADABLE"),
        ("nothing", {}, "METHOD_UNKNOWN"),
    ]
    for method, params, code in bad:
        with pytest.raises(RpcError) as caught:
            await speech.client.call(method, params, timeout=60)
        assert caught.value.code == code, method
    await speech.open("twice")
    with pytest.raises(RpcError) as caught:
        await speech.open("twice")
    assert caught.value.code == "WINDOW_EXISTS"
    await asyncio.to_thread(speech.tap.send, b"not a tap packet")
    assert (await speech.call("answer.close", window_id="twice"))["verdict"] == "not_measured"


async def test_a_file_is_transcribed_with_its_own_times(speech: Speech, tmp_path: Path) -> None:
    samples = np.concatenate([kit.quiet(1_000), kit.clip("aishell3/SSB00570140.wav"), kit.quiet(2_000), kit.answer("mei2_you3")])
    path = tmp_path / "track.webm"
    with av.open(str(path), "w", format="webm") as container:
        stream: Any = container.add_stream("libopus", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(samples[None], "s16", "mono")
        frame.sample_rate = 16_000
        for piece in av.AudioResampler("s16", "mono", 48_000).resample(frame):
            piece.pts = 60_000 * 48
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    heard = await speech.call("transcribe.file", path=str(path), language="zh")
    first, second = heard["segments"]
    assert "保险" in first["text"]
    assert 60_900 < first["start_ms"] < 61_600
    assert "没有" in second["text"]
    assert second["start_ms"] > first["end_ms"] + 1_500
    assert heard["engine"] == "ctc"


async def test_without_models_it_runs_and_says_so(tmp_path: Path) -> None:
    speech = await start(tmp_path, tmp_path / "empty")
    try:
        info = await speech.call("speech.info")
        assert not any(engine["available"] for engine in info["engines"])
        assert all(engine["reason"] for engine in info["engines"])
        await speech.open("w")
        final = await speech.wait("answer.final", window_id="w")
        assert (final["verdict"], final["reasons"], final["engine"]) == ("not_measured", ["no_engine"], "none")
        assert (await speech.call("prompt.prepare", text="您好", rate=1.0))["duration_ms"] > 300
        with pytest.raises(RpcError) as caught:
            await speech.call("transcribe.file", path="/x.webm", language="zh")
        assert caught.value.code == "NO_ENGINE"
    finally:
        assert await stop(speech) == 0


async def test_it_stops_cleanly_while_listening(tmp_path: Path) -> None:
    kit.models()
    speech = await start(tmp_path, kit.MODELS)
    await speech.open("w")
    assert await stop(speech) == 0
    assert not (tmp_path / "run" / "speech.sock").exists()
