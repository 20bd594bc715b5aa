"""Stock aiortc clients through the real worker: another implementation's SDP, ICE, DTLS, SRTP, jitter buffer and decoder."""

import asyncio
import random
from typing import Any

import pytest
from aiortc import RTCBundlePolicy, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import AudioStreamTrack, VideoStreamTrack

from tests.media.conftest import ROOM, Control


@pytest.fixture
def worker_host() -> str:
    """aiortc never uses 127.0.0.1, so this worker listens where the machine's own address leads."""
    return "0.0.0.0"


async def join(control: Control, seat_id: str) -> tuple[RTCPeerConnection, dict[str, Any]]:
    joined = await control.call("seat.join", room_id=ROOM, seat_id=seat_id)
    peer = RTCPeerConnection(RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE))
    tracks: dict[str, Any] = {}

    @peer.on("track")
    def on_track(track: Any) -> None:
        mid = next(item.mid for item in peer.getTransceivers() if item.receiver.track is track)
        tracks[str(mid)] = track

    await peer.setRemoteDescription(RTCSessionDescription(joined["sdp"], "offer"))
    for transceiver in peer.getTransceivers():
        if transceiver.mid in ("0", "1"):
            transceiver.direction = "sendonly"
            transceiver.sender.replaceTrack(AudioStreamTrack() if transceiver.mid == "0" else VideoStreamTrack())
    await peer.setLocalDescription(await peer.createAnswer())
    await control.call("seat.answer", leg_id=joined["leg_id"], sdp=peer.localDescription.sdp)
    await control.event("leg.connected", 60, seat_id=seat_id)
    return peer, tracks


def lose(peer: RTCPeerConnection, share: float, seed: int) -> None:
    """Drop a share of the media datagrams both ways, below aiortc."""
    chance = random.Random(seed)
    dtls = peer.getTransceivers()[0].sender.transport
    transport = dtls.transport
    send, receive = transport._send, transport._recv

    async def lossy_send(data: bytes) -> None:
        if data[0] < 128 or chance.random() >= share:
            await send(data)

    async def lossy_receive() -> bytes:
        while True:
            data: bytes = await receive()
            if data[0] < 128 or chance.random() >= share:
                return data

    transport._send, transport._recv = lossy_send, lossy_receive


async def _legs(control: Control) -> dict[str, Any]:
    stats = await control.call("room.stats", room_id=ROOM)
    return {item["seat_id"]: item for item in stats["legs"]}


@pytest.mark.parametrize("share", [0.0, 0.05])
async def test_two_aiortc_clients_see_and_hear_each_other(control: Control, share: float) -> None:
    seats = [{"seat_id": seat, "label": seat, "kind": "customer"} for seat in ("a", "b")]
    await control.call("room.open", room_id=ROOM, seats=seats, video_codec="vp8")
    await control.consent("a", "b")
    a, _ = await join(control, "a")
    b, tracks = await join(control, "b")
    try:
        if share:
            lose(a, share, 1)
            lose(b, share, 2)
        async with asyncio.timeout(100):
            for _ in range(30):
                frame = await tracks["4"].recv()
                assert frame.sample_rate == 48_000
            widths = {(await tracks["5"].recv()).width for _ in range(20)}
            assert widths == {640}
            legs = await _legs(control)
            while share and not (legs["a"]["nack"] and legs["a"]["rtx"] and legs["b"]["resent"]):
                await tracks["5"].recv()  # chance decides which packets are lost: watch on until each repair was needed
                legs = await _legs(control)
        if not share:
            assert legs["a"]["lost"] == 0
        assert legs["a"]["tracks"]["camera"]["codec"] == "vp8"
    finally:
        await a.close()
        await b.close()
    await control.event("leg.closed", seat_id="a", reason="closed_by_peer")
