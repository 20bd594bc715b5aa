"""Real Chromium pages through the real worker: camera, microphone and a canvas screen both ways, prompts, loss, ICE restart."""

import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import av
import pytest
from aiohttp import web
from playwright.async_api import Browser, Page, async_playwright

from media.recorder.reader import read_timeline
from media.transport.port import UdpPort
from tests.conftest import lacking
from tests.media.conftest import ROOM, Control
from tests.media.native import NativeClient, missing
from tests.media.test_sessions import make_prompt

pytestmark = pytest.mark.browser

PAGE = """<canvas id=c width=1280 height=720></canvas><script>
const transceiver = mid => pc.getTransceivers().find(item => item.mid === mid)
function draw() {
  const canvas = document.getElementById('c').getContext('2d'); let n = 0
  setInterval(() => { canvas.fillStyle = `hsl(${n++ * 7 % 360},80%,50%)`; canvas.fillRect(0, 0, 1280, 720)
    canvas.fillStyle = '#000'; canvas.font = '90px sans-serif'; canvas.fillText('page ' + n, 50, 300) }, 120)
  return document.getElementById('c').captureStream(8).getVideoTracks()[0]
}
async function answer(sdp) {
  await pc.setRemoteDescription({type: 'offer', sdp})
  for (const mid of ['0', '1', '2']) transceiver(mid).direction = 'sendonly'
  await pc.setLocalDescription(await pc.createAnswer())
  return pc.localDescription.sdp
}
async function join(sdp, kinds) {
  window.pc = new RTCPeerConnection({bundlePolicy: 'max-bundle'})
  pc.ontrack = event => {
    const element = document.createElement(event.track.kind)
    element.autoplay = true; element.srcObject = new MediaStream([event.track]); document.body.appendChild(element)
  }
  const media = await navigator.mediaDevices.getUserMedia({audio: true, video: {width: 1280, height: 720}})
  const text = await answer(sdp)
  await transceiver('0').sender.replaceTrack(media.getAudioTracks()[0])
  if (kinds.includes('camera')) await transceiver('1').sender.replaceTrack(media.getVideoTracks()[0])
  if (kinds.includes('screen')) await transceiver('2').sender.replaceTrack(draw())
  return text
}
async function stats() {
  const out = {inbound: {}, outbound: {}, available: 0, state: pc.connectionState};
  (await pc.getStats()).forEach(item => {
    if (item.type === 'inbound-rtp') out.inbound[item.mid] = item
    if (item.type === 'outbound-rtp') out.outbound[item.mid] = item
    if (item.type === 'candidate-pair' && item.nominated) out.available = item.availableOutgoingBitrate
  })
  return out
}
</script>"""
FLAGS = [
    "--no-sandbox",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
]


@pytest.fixture
def engine() -> str:
    """Browsers cost too much to run everything twice: the loop that a worker would choose."""
    return "auto"


@pytest.fixture
def worker_host() -> str:
    """Where the machine's own address leads: Chromium never uses 127.0.0.1."""
    return "0.0.0.0"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        item = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        yield item
        await item.close()


@pytest.fixture
async def page_url() -> AsyncIterator[str]:
    async def serve(request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


async def join(control: Control, browser: Browser, url: str, seat: str, kinds: list[str]) -> tuple[Page, str]:
    page = await (await browser.new_context()).new_page()
    await page.goto(url)
    joined = await control.call("seat.join", room_id=ROOM, seat_id=seat)
    answer = await page.evaluate("args => join(...args)", [joined["sdp"], kinds])
    await control.call("seat.answer", leg_id=joined["leg_id"], sdp=answer)
    await control.event("leg.connected", 60, seat_id=seat)
    return page, joined["leg_id"]


async def until(page: Page, condition: str, timeout: float = 60) -> dict[str, Any]:
    """Poll the page's statistics in the page until `condition` (over `s`) holds."""
    script = f"""async () => {{ const end = performance.now() + {timeout * 1000}; let s;
      while (performance.now() < end) {{ s = await stats(); if ({condition}) return s
        await new Promise(resolve => setTimeout(resolve, 100)) }}
      throw new Error('not reached: ' + JSON.stringify(s)) }}"""
    return dict(await page.evaluate(script))


async def test_two_pages_with_camera_voice_screen_and_prompt(
    control: Control, browser: Browser, page_url: str, tmp_path: Path
) -> None:
    await control.open("a", "b")
    await control.consent("a", "b")
    a, _ = await join(control, browser, page_url, "a", ["camera"])
    b, _ = await join(control, browser, page_url, "b", ["camera", "screen"])
    for kind in ("mic", "camera", "screen"):
        await control.event("track.started", 60, seat_id="b", kind=kind)
    seen = await until(
        a, "s.inbound['5']?.framesDecoded > 40 && s.inbound['6']?.framesDecoded > 20 && s.inbound['4']?.totalAudioEnergy > 0"
    )
    video = seen["inbound"]["5"]
    assert video["packetsLost"] <= 0.02 * video["packetsReceived"], "numbers follow each other; a busy browser may miss some"
    await until(b, "s.inbound['5']?.framesDecoded > 40 && s.inbound['4']?.packetsReceived > 100")
    path = tmp_path / "p.opus"
    make_prompt(path, 50)
    await control.call("prompt.play", room_id=ROOM, prompt_id="p", path=str(path))
    await until(a, "s.inbound['3']?.packetsReceived >= 48")
    # Transport-wide feedback is what lets the browser leave its 300 kbit/s start.
    await until(a, "s.available > 2500000 || s.outbound['1'].targetBitrate >= 1500000")
    assert (await control.event("levels"))["levels"].keys() <= {"a", "b"}
    stats = await control.call("room.stats", room_id=ROOM)
    assert {leg["srtp_profile"] for leg in stats["legs"]} == {"SRTP_AEAD_AES_128_GCM"}
    assert control.worker.port.counters["handler_error"] == 0


async def test_h264_flows_until_a_member_lacks_it(control: Control, browser: Browser, page_url: str) -> None:
    async def codec_of_a() -> tuple[str, int]:
        stats = await control.call("room.stats", room_id=ROOM)
        track = next(item for item in stats["legs"] if item["seat_id"] == "a")["tracks"]["camera"]
        return track["codec"], track["key_frames"]

    await control.open("a", "b", "c")
    await control.consent("a", "b", "c")
    folder = control.data_dir / "recordings" / "rec"
    a, leg_id = await join(control, browser, page_url, "a", ["camera"])
    b, _ = await join(control, browser, page_url, "b", [])
    await until(b, "s.inbound['5']?.framesDecoded > 20")
    assert (await codec_of_a())[0] == "h264"
    await control.call("recording.start", room_id=ROOM, recording_id="rec", dir=str(folder))
    if what := missing():
        lacking(what, "run `npm ci` in web/")
    client = await NativeClient.start()  # its libwebrtc was built without H264
    try:
        joined = await control.call("seat.join", room_id=ROOM, seat_id="c")
        answered = await client.call("join", sdp=joined["sdp"])
        await control.call("seat.answer", leg_id=joined["leg_id"], sdp=answered["sdp"])
        asked = await control.event("leg.renegotiate", seat_id="a")
        assert asked["leg_id"] == leg_id
        before = (await until(b, "true"))["inbound"]["5"]["framesDecoded"]
        restarted = await control.call("seat.restart", leg_id=leg_id)
        answer = await a.evaluate("sdp => answer(sdp)", restarted["sdp"])
        await control.call("seat.answer", leg_id=leg_id, sdp=answer)
        await client.until(lambda stats: stats["seen"].get("5", {}).get("frames", 0) > 10)
        await until(b, f"s.inbound['5'].framesDecoded > {before + 20}")
        codec, key_frames = await codec_of_a()
        assert codec == "vp8"
        assert key_frames >= 1
        assert not control.found("leg.closed")
    finally:
        await client.aclose()
    await control.call("recording.stop", room_id=ROOM)
    timeline = read_timeline(folder)
    codecs = [item.codec for item in timeline.segments if item.seat_id == "a"]
    assert {"h264+opus", "vp8+opus"} <= set(codecs)
    for segment in timeline.segments:
        if segment.seat_id == "a":
            with av.open(str(timeline.path(segment))) as container:
                assert sum(1 for _ in container.decode()) > 0


async def test_ice_restart_in_the_browser(control: Control, browser: Browser, page_url: str) -> None:
    await control.open("a", "b")
    await control.consent("a", "b")
    a, leg_id = await join(control, browser, page_url, "a", ["camera"])
    b, _ = await join(control, browser, page_url, "b", [])
    before = await until(b, "s.inbound['5']?.framesDecoded > 10")
    restarted = await control.call("seat.restart", leg_id=leg_id)
    answer = await a.evaluate("sdp => answer(sdp)", restarted["sdp"])
    await control.call("seat.answer", leg_id=leg_id, sdp=answer)
    await until(b, f"s.inbound['5'].framesDecoded > {before['inbound']['5']['framesDecoded'] + 40}")
    assert await a.evaluate("pc.connectionState") == "connected"
    assert not control.found("leg.closed")


class LossySocket:
    """A socket that loses a share of the media datagrams on both ways, those that leave as one message one by one."""

    def __init__(self, socket: Any, share: float) -> None:
        self._socket, self._share, self._chance = socket, share, random.Random(7)
        self.lost = {"in": 0, "out": 0}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)

    def _is_lost(self, first: int, way: str) -> bool:
        is_lost = first >= 128 and self._chance.random() < self._share
        self.lost[way] += is_lost
        return is_lost

    def recvfrom_into(self, view: memoryview) -> tuple[int, tuple[str, int]]:
        """The next datagram that is not lost."""
        while True:
            length, address = self._socket.recvfrom_into(view)
            if not self._is_lost(view[0], "in"):
                return length, address

    def sendto(self, data: bytes | memoryview, address: tuple[str, int]) -> None:
        """Send, or lose."""
        if not self._is_lost(data[0], "out"):
            self._socket.sendto(data, address)

    def sendmsg(self, parts: list[bytes], _control: Any, _flags: int, address: tuple[str, int]) -> None:
        """Each part is a datagram of its own."""
        for part in parts:
            self.sendto(part, address)


def lose(port: UdpPort, share: float) -> LossySocket:
    """Drop a share of the media datagrams in both directions at the socket (of the Python loop, which can be reached there)."""
    lossy = LossySocket(port._socket, share)
    port._socket = lossy  # type: ignore[assignment]
    return lossy


@pytest.mark.parametrize("engine", ["python"])
async def test_five_percent_loss_both_ways_is_repaired(control: Control, browser: Browser, page_url: str) -> None:
    lossy = lose(control.worker.port, 0.05)
    await control.open("a", "b")
    await control.consent("a", "b")
    await join(control, browser, page_url, "a", ["camera"])
    b, _ = await join(control, browser, page_url, "b", [])
    start = await until(b, "s.inbound['5']?.framesDecoded > 10")
    await control.event_number(4, "quality", 60, seat_id="a")
    seen = await until(b, f"s.inbound['5'].framesDecoded > {start['inbound']['5']['framesDecoded'] + 100}")
    video = seen["inbound"]["5"]
    assert video["nackCount"] > 0
    assert video["retransmittedPacketsReceived"] > 0
    stats = await control.call("room.stats", room_id=ROOM)
    leg = next(item for item in stats["legs"] if item["seat_id"] == "a")
    assert min(lossy.lost.values()) > 0
    assert leg["rtx"] > 0
    assert leg["lost"] <= leg["packets"] * 0.005


async def test_reload_brings_the_person_back_to_the_seat(control: Control, browser: Browser, page_url: str) -> None:
    await control.open("a", "b")
    await control.consent("a", "b")
    a, first = await join(control, browser, page_url, "a", ["camera"])
    b, _ = await join(control, browser, page_url, "b", [])
    before = await until(b, "s.inbound['5']?.framesDecoded > 10")
    await a.close()
    await join(control, browser, page_url, "a", ["camera"])
    await control.event("leg.closed", seat_id="a", leg_id=first)
    await until(b, f"s.inbound['5'].framesDecoded > {before['inbound']['5']['framesDecoded'] + 20}")
