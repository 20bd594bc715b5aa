"""Faces on real photos, alerts on a video whose people change, and what is said when a model is missing."""

import asyncio
import base64
import csv
import itertools
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.rpc import RpcClient, RpcError
from media.taps import CHUNK, FLAG_SCREEN, TapKind, TapPacket, pack, unpack
from media.vision import Faces, Thresholds, locate, main_face
from media.vision.card import find_card
from media.vision.faces import Picture
from media.vision.keyframes import ChunkAssembler, decode_key_frame
from media.vision.picture import decode_image, difference, encode_jpeg, measure, shrink
from media.vision.service import VisionError, VisionService
from media.vision.video import look_at_video, samples
from media.vision.watch import AlertKind, Look, SeatWatch
from server.settings import ROOT
from tests.media import synth


@pytest.fixture(scope="module")
def faces(model_dir: Path) -> Faces:
    found = Faces.open(model_dir)
    assert found is not None
    assert found.can_compare
    return found


@pytest.fixture(scope="module")
def photos(testdata: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (testdata / "faces").glob("*.jpg")}


def embedding_of(faces: Faces, data: bytes) -> Any:
    picture = decode_image(data)
    assert picture is not None
    face = main_face(faces.look(picture))
    assert face is not None
    return faces.embed(picture, face)


@pytest.mark.needs_models
@pytest.mark.needs_clips
def test_pairs_of_photos(faces: Faces, photos: dict[str, bytes], testdata: Path) -> None:
    with (testdata / "faces" / "pairs.csv").open() as file:
        pairs = list(csv.DictReader(file))
    assert pairs
    for pair in pairs:
        similarity, is_same = faces.same(embedding_of(faces, photos[pair["file_a"]]), embedding_of(faces, photos[pair["file_b"]]))
        assert is_same is (pair["same"] == "1"), (pair, similarity)


@pytest.mark.needs_models
@pytest.mark.needs_clips
def test_two_people_have_no_main_face(faces: Faces, photos: dict[str, bytes]) -> None:
    picture = decode_image(photos["two_people.jpg"])
    assert picture is not None
    found = faces.look(picture)
    assert len(found) == 2
    assert main_face(found) is None


def video_pictures(path: Path, step_ms: int) -> list[tuple[int, Picture]]:
    """Pictures of a file every `step_ms`."""
    with av.open(str(path)) as container:
        due = 0.0
        found = []
        for frame in container.decode(video=0):
            t_ms = (frame.time or 0) * 1000
            if t_ms >= due:
                found.append((int(t_ms), np.asarray(frame.to_ndarray(format="bgr24"), np.uint8)))
                due += step_ms
    return found


def still_picture(rgb: Picture) -> synth.Picture:
    return lambda _: rgb


def encode_key_frames(pictures: list[tuple[int, Picture]], codec: str = "vp8") -> list[tuple[int, bytes]]:
    """Each picture as a key frame of its own."""
    frames = []
    for t_ms, picture in pictures:
        height, width = picture.shape[:2]
        rgb = np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8)
        [unit] = synth.encode_video(codec, still_picture(rgb), 100, fps=10, width=width, height=height)
        frames.append((t_ms, unit.data))
    return frames


def tap_packets(room: str, seat: str, frames: list[tuple[int, bytes]], flags: int = 0) -> list[TapPacket]:
    packets = []
    for number, (t_ms, data) in enumerate(frames):
        parts = [data[at : at + CHUNK] for at in range(0, len(data), CHUNK)]
        for index, part in enumerate(parts):
            packets.append(TapPacket(TapKind.KEY_FRAME, flags, index, len(parts), t_ms, 0, number, room, seat, part))
    return packets


class Events:
    """Collects events and lets a test wait for one."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, dict[str, Any]]] = []
        self._changed = asyncio.Event()

    def __call__(self, name: str, params: dict[str, Any]) -> None:
        self.seen.append((name, params))
        self._changed.set()

    def of(self, name: str) -> list[dict[str, Any]]:
        return [params for seen, params in self.seen if seen == name]

    async def wait(self, name: str, count: int, timeout: float = 60) -> list[dict[str, Any]]:
        async with asyncio.timeout(timeout):
            while len(self.of(name)) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.of(name)


@pytest.mark.needs_models
@pytest.mark.needs_clips
async def test_alerts_when_people_change(model_dir: Path, testdata: Path, photos: dict[str, bytes]) -> None:
    path = testdata / "video" / "synth_person_change.mp4"
    timeline = json.loads(path.with_suffix(".json").read_text())["segments"]
    frames = encode_key_frames(video_pictures(path, 500))
    events = Events()
    async with VisionService(locate(model_dir), events) as service:
        states = await service.watch("room", {"seat": photos["obama_1.jpg"], "other": None})
        assert states == {"references": {"seat": "ok", "other": "REFERENCE_NONE"}}
        for number, packet in enumerate(tap_packets("room", "seat", frames), 1):
            service.feed(packet)
            await events.wait("vision.seat", number)
        summary = await service.unwatch("room")
    for look in events.of("vision.seat"):
        who = next(part["who"] for part in timeline if part["from"] * 1000 <= look["t_ms"] < part["to"] * 1000)
        assert look["faces"] == len(who), look
    spans: dict[str, list[list[int]]] = {}
    for alert in events.of("vision.alert"):
        if alert["is_active"]:
            spans.setdefault(alert["kind"], []).append([alert["t_ms"]])
        else:
            spans[alert["kind"]][-1].append(alert["t_ms"])
    for kind, start, end in (("face_lost", 4_000, 6_000), ("stranger", 6_000, 10_000)):
        [[raised, *cleared]] = spans[kind]
        assert 0 <= raised - start <= 1_000, kind
        assert not cleared or 0 <= cleared[0] - end <= 1_000, kind
    [[raised]] = spans["two_faces"]
    assert 0 <= raised - 10_000 <= 1_000
    figures = summary["seats"]["seat"]
    assert figures["presence"] == pytest.approx(10 / 12, abs=0.06)
    assert figures["similarity_min"] < 0.25
    assert summary["seats"]["other"]["presence"] is None


async def test_without_models_nothing_passes(tmp_path: Path) -> None:
    picture = np.full((240, 320, 3), 128, np.uint8)
    image = encode_jpeg(picture)
    events = Events()
    async with VisionService(locate(tmp_path), events) as service:
        assert [model["available"] for model in service.info()["models"]] == [False, False]
        found = await service.detect(image)
        assert found["faces"] is None
        assert found["reasons"]
        with pytest.raises(VisionError) as caught:
            await service.compare(image, image)
        assert caught.value.code == "MODEL_MISSING"
        video = await service.check_video(tmp_path / "none.mp4", image, ["turn_left"])
        assert (video["is_same"], video["is_live"]) == (None, None)
        assert video["reasons"]
        assert await service.watch("room", {"seat": image}) == {"references": {"seat": "MODEL_MISSING"}}
        for packet in tap_packets("room", "seat", encode_key_frames([(0, picture)])):
            service.feed(packet)
        [look] = await events.wait("vision.seat", 1)
        assert (look["faces"], look["similarity"]) == (None, None)
        assert look["brightness"] == pytest.approx(128, abs=6)
        assert not events.of("vision.alert")
        figures = (await service.unwatch("room"))["seats"]["seat"]
        assert (figures["presence"], figures["similarity_min"]) == (None, None)


async def test_black_dark_and_frozen_pictures_raise_and_clear(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)

    def noisy(level: int) -> Picture:
        return np.clip(rng.normal(level, 25, (240, 320, 3)), 0, 255).astype(np.uint8)

    still = noisy(120)
    black = np.zeros((240, 320, 3), np.uint8)
    pictures = [noisy(120), black, noisy(120), noisy(15), noisy(120), still, still, still, noisy(120)]
    events = Events()
    async with VisionService(locate(tmp_path), events) as service:
        await service.watch("room", {"seat": None})
        frames = encode_key_frames([(index * 1_000, picture) for index, picture in enumerate(pictures)])
        for number, packet in enumerate(tap_packets("room", "seat", frames), 1):
            service.feed(packet)
            await events.wait("vision.seat", number)
            if number == 4:  # asked to watch again, as after a restart of the service: what stands is told again, nothing else
                await service.watch("room", {"seat": None})
    alerts = [(alert["kind"], alert["is_active"], alert["t_ms"]) for alert in events.of("vision.alert")]
    assert alerts == [
        ("black", True, 1_000),
        ("black", False, 2_000),
        ("dark", True, 3_000),
        ("dark", True, 3_000),
        ("dark", False, 4_000),
        ("frozen", True, 7_000),
        ("frozen", False, 8_000),
    ]


@pytest.mark.parametrize("codec", ["vp8", "h264"])
def test_key_frames_are_decoded_alone(codec: str) -> None:
    picture = np.full((240, 320, 3), (40, 90, 160), np.uint8)
    [(_, data)] = encode_key_frames([(0, picture)], codec)
    decoded = decode_key_frame(data, codec == "h264")
    assert decoded is not None
    assert np.abs(decoded.reshape(-1, 3).mean(axis=0) - (40, 90, 160)).max() < 8
    assert decode_key_frame(b"\x00" * 30, codec == "h264") is None
    assert decode_key_frame(b"", codec == "h264") is None


@given(st.lists(st.binary(min_size=1, max_size=30), min_size=1, max_size=6), st.randoms())
def test_chunks_come_together_in_any_order(parts: list[bytes], random: Any) -> None:
    packets = [TapPacket(TapKind.KEY_FRAME, 0, i, len(parts), 5, 0, 9, "r", "s", part) for i, part in enumerate(parts)]
    random.shuffle(packets)
    chunks = ChunkAssembler()
    done = [frame for packet in packets if (frame := chunks.push(unpack(pack(packet))))]
    assert [frame.data for frame in done] == [b"".join(parts)]
    assert chunks.push(TapPacket(TapKind.KEY_FRAME, FLAG_SCREEN, 9, 2, 5, 0, 9, "r", "s", b"x")) is None


looks = st.builds(
    Look,
    t_ms=st.just(0),
    faces=st.one_of(st.none(), st.integers(0, 3)),
    similarity=st.one_of(st.none(), st.floats(-1, 1)),
    brightness=st.floats(0, 255),
    sharpness=st.floats(0, 500),
    is_black=st.booleans(),
    still_ms=st.integers(0, 5_000),
)


@given(st.lists(looks, max_size=40))
def test_alerts_alternate_and_clear(given_looks: list[Look]) -> None:
    watch = SeatWatch(Thresholds())
    seen: dict[AlertKind, list[bool]] = {}
    good = Look(0, 1, 0.9, 120, 100, False, 0)
    for look in [*given_looks, good]:
        for alert in watch.take(look):
            seen.setdefault(alert.kind, []).append(alert.is_active)
    assert not watch.active
    assert orjson.loads(orjson.dumps(watch.summary.data()))["alerts"] == {
        kind: states.count(True) for kind, states in seen.items()
    }
    for states in seen.values():
        assert all(a != b for a, b in itertools.pairwise(states))
        assert (states[0], states[-1]) == (True, False)


def test_measures_of_a_picture() -> None:
    checkers = np.indices((480, 640)).sum(axis=0) // 8 % 2 * 200
    sharp = np.repeat(checkers[..., None], 3, axis=2).astype(np.uint8)
    soft = np.asarray(cv2.GaussianBlur(sharp, (31, 31), 0), np.uint8)
    assert measure(sharp).sharpness > 10 * measure(soft).sharpness
    assert measure(np.zeros((480, 640, 3), np.uint8)).is_black(Thresholds())
    assert not measure(sharp).is_black(Thresholds())
    assert difference(shrink(sharp), shrink(sharp)) == 0
    assert decode_image(b"GIF89a") is None
    assert decode_image(b"\xff\xd8\xff" + b"\x00" * 50) is None


def draw_card(angle: float = 0) -> Picture:
    """A drawn card on a table."""
    scene = np.full((600, 800, 3), (70, 90, 110), np.uint8)
    card = np.full((300, 476, 3), (235, 235, 230), np.uint8)
    for row in range(5):
        cv2.putText(card, "NAME 110101199001011234", (20, 50 + row * 50), cv2.FONT_HERSHEY_SIMPLEX, 0.7, (30, 30, 30), 2)
    corners = np.array([[0, 0], [476, 0], [476, 300], [0, 300]], np.float32)
    turn = cv2.getRotationMatrix2D((400, 300), angle, 1.0)
    target = (corners + np.array([162, 150])) @ turn[:, :2].T + turn[:, 2]
    matrix = cv2.getPerspectiveTransform(corners, target.astype(np.float32))
    mask = cv2.warpPerspective(np.full((300, 476), 255, np.uint8), matrix, (800, 600))
    scene[mask > 0] = cv2.warpPerspective(card, matrix, (800, 600))[mask > 0]
    return scene


@pytest.mark.parametrize("angle", [0, 8, -15])
def test_a_card_is_found_by_its_edges(angle: float) -> None:
    look = find_card(draw_card(angle))
    assert look.has_card
    assert look.area == pytest.approx(476 * 300 / 480_000, rel=0.2)


def test_no_card_is_no_card() -> None:
    rng = np.random.default_rng(3)
    plain = np.full((600, 800, 3), 120, np.uint8)
    noise = rng.integers(0, 255, (600, 800, 3)).astype(np.uint8)
    for picture in (plain, noise):
        look = find_card(picture)
        assert not look.has_card
        assert look.reasons


@pytest.mark.needs_models
@pytest.mark.needs_clips
def test_a_video_of_two_people_is_not_the_reference(faces: Faces, photos: dict[str, bytes], testdata: Path) -> None:
    path = testdata / "video" / "synth_person_change.mp4"
    look = look_at_video(faces, path, embedding_of(faces, photos["obama_1.jpg"]), ["turn_left"])
    assert look.is_same is False
    assert look.is_live is False
    assert {"FACE_DIFFERS", "FACE_MANY"} <= set(look.reasons)
    none = look_at_video(faces, testdata / "faces" / "pairs.csv", None, [])
    assert (none.is_same, none.is_live) == (None, None)


def encoded(width: int, height: int) -> "av.Packet[Any]":
    """One key frame of VP8, grey all over: kilobytes whatever its size."""
    coder = av.CodecContext.create("libvpx", "w")
    assert isinstance(coder, av.VideoCodecContext)
    coder.width, coder.height, coder.pix_fmt, coder.time_base = width, height, "yuv420p", Fraction(1, 1000)
    coder.options = {"deadline": "realtime", "cpu-used": "8"}
    frame = av.VideoFrame.from_ndarray(np.full((height, width, 3), 128, np.uint8), format="bgr24")
    frame.pts, frame.time_base = 0, Fraction(1, 1000)
    return next(packet for packet in [*coder.encode(frame), *coder.encode(None)] if packet.size)


def webm(path: Path, pictures: "list[tuple[int, av.Packet[Any]]]") -> Path:
    """A WebM of these key frames with their times in ms; its head tells the size of small pictures."""
    with av.open(str(path), "w", format="webm") as container:
        stream = container.add_stream("libvpx", 30)
        stream.width, stream.height, stream.pix_fmt, stream.time_base = 64, 48, "yuv420p", Fraction(1, 1000)
        for t_ms, picture in pictures:
            packet = av.Packet(bytes(picture))
            packet.pts = packet.dts = t_ms
            packet.time_base, packet.is_keyframe, packet.stream = Fraction(1, 1000), True, stream
            container.mux(packet)
    return path


def test_a_video_is_read_within_bounds(tmp_path: Path) -> None:
    small, large = encoded(64, 48), encoded(4800, 2400)
    assert [t_ms for t_ms, _ in samples(webm(tmp_path / "a.webm", [(0, small), (300, small)]))] == [0, 300]
    unfolding = samples(webm(tmp_path / "b.webm", [(0, small), (300, large)]))
    assert next(unfolding)[0] == 0
    with pytest.raises(av.FFmpegError):
        next(unfolding)
    crowded = webm(tmp_path / "c.webm", [(0, small)] * 3700 + [(9000, small)])
    assert [t_ms for t_ms, _ in samples(crowded)] == [0], "thousands of pictures of one moment are not decoded to the end"


def test_a_playlist_is_no_video(tmp_path: Path) -> None:
    """A file that names other files, whatever it is called: nobody has those looked at who may upload this one."""
    webm(tmp_path / "other.webm", [(0, encoded(64, 48))])
    playlist = tmp_path / "mine.webm"
    playlist.write_text("ffconcat version 1.0\nfile other.webm\n")
    with pytest.raises(av.FFmpegError):
        list(samples(playlist))


@pytest.fixture
async def process(tmp_path: Path, model_dir: Path) -> AsyncIterator[tuple[RpcClient, Events, Path]]:
    """The real process, with its RPC and its tap."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = tmp_path / "data"
    code = "import asyncio, server.settings as s, server.ops.vision_process as v; asyncio.run(v.main(s.Settings()))"
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "DR_DATA_DIR": str(data),
        "DR_VISION_RPC_PORT": str(port),
        "DR_INTERNAL_TOKEN": "token",
        "DR_MODEL_DIR": str(model_dir),
    }
    running = await asyncio.create_subprocess_exec(sys.executable, "-c", code, cwd=ROOT, env=env)
    events = Events()
    client = RpcClient(f"http://127.0.0.1:{port}", "token", events)
    client.start()
    try:
        await client.wait_connected(90)
        yield client, events, data / "run" / "vision.sock"
    finally:
        await client.aclose()
        running.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(running.wait(), 60) == 0


@pytest.mark.needs_models
@pytest.mark.needs_clips
async def test_process_answers_and_watches(process: tuple[RpcClient, Events, Path], photos: dict[str, bytes]) -> None:
    import socket

    client, events, tap = process
    coded = {name: base64.b64encode(data).decode() for name, data in photos.items()}
    info = await client.call("vision.info")
    assert all(model["available"] for model in info["models"])
    same = await client.call("face.compare", {"a": coded["obama_1.jpg"], "b": coded["obama_2.jpg"]})
    assert same["is_same"] is True
    assert same["threshold"] == 0.38
    embedded = await client.call("face.embed", {"image": coded["biden_1.jpg"]})
    assert len(base64.b64decode(embedded["embedding"])) == 1024
    found = await client.call("face.detect", {"image": coded["two_people.jpg"]})
    assert len(found["faces"]) == 2
    for params, code in (
        ({"image": coded["two_people.jpg"]}, "FACE_MANY"),
        ({"image": base64.b64encode(b"nonsense").decode()}, "IMAGE_INVALID"),
        ({"image": "%%%"}, "PARAMS_INVALID"),
        ({"picture": "x"}, "PARAMS_INVALID"),
    ):
        with pytest.raises(RpcError) as caught:
            await client.call("face.embed", params)
        assert caught.value.code == code
    card = await client.call("card.inspect", {"image": base64.b64encode(encode_jpeg(draw_card())).decode(), "side": "id_back"})
    assert card["has_card"] is True
    watched = await client.call("room.watch", {"room_id": "r", "seats": [{"seat_id": "s", "reference": coded["biden_1.jpg"]}]})
    assert watched == {"references": {"s": "ok"}}
    picture = decode_image(photos["biden_2.jpg"])
    assert picture is not None
    small = np.asarray(cv2.resize(picture, (480, 480)), np.uint8)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.sendto(b"garbage", str(tap))
        for packet in tap_packets("r", "s", encode_key_frames([(40, small)])):
            sender.sendto(pack(packet), str(tap))
    [look] = await events.wait("vision.seat", 1)
    assert look["faces"] == 1
    assert look["similarity"] > 0.38
    summary = await client.call("room.unwatch", {"room_id": "r"})
    assert summary["seats"]["s"]["presence"] == 1.0
