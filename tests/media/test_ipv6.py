"""A worker on both address families: native clients and Chromium over IPv6, others over IPv4, in one room and one recording."""

import pytest
from playwright.async_api import Browser

from media.recorder.reader import read_timeline
from media.transport import ice
from media.worker import advertised
from tests.conftest import lacking
from tests.media.conftest import ROOM, Control
from tests.media.native import NativeClient, missing
from tests.media.test_chromium import browser, page_url, until

__all__ = ["browser", "page_url"]


@pytest.fixture
def engine() -> str:
    """IPv6 is served by the Python loop: the compiled one knows IPv4 only."""
    return "auto"


@pytest.fixture
def worker_host() -> str:
    if not any(":" in address for address in advertised("::", "")):
        lacking("an IPv6 address", "give an interface one, for example fd00::2/64")
    return "::"


def only(sdp: str, *, is_v6: bool) -> str:
    """The offer with the candidates of one family."""
    lines = [
        line
        for line in sdp.splitlines()
        if not line.startswith("a=candidate:") or (":" in line.removeprefix("a=candidate:").split()[4]) is is_v6
    ]
    assert any(line.startswith("a=candidate:") for line in lines)
    return "\r\n".join(lines) + "\r\n"


async def join(control: Control, client: NativeClient, seat: str, *, is_v6: bool) -> str:
    joined = await control.call("seat.join", room_id=ROOM, seat_id=seat)
    answered = await client.call("join", sdp=only(joined["sdp"], is_v6=is_v6))
    await control.call("seat.answer", leg_id=joined["leg_id"], sdp=answered["sdp"])
    await control.event("leg.connected", 60, seat_id=seat)
    return str(joined["leg_id"])


async def test_both_families_meet_in_one_room(control: Control) -> None:
    if what := missing():
        lacking(what, "run `npm ci` in web/")
    await control.open("a", "b")
    await control.consent("a", "b")
    folder = control.data_dir / "recordings" / "rec"
    a, b = await NativeClient.start(), await NativeClient.start()
    try:
        leg_id = await join(control, a, "a", is_v6=True)
        await join(control, b, "b", is_v6=False)
        await control.call("recording.start", room_id=ROOM, recording_id="rec", dir=str(folder))
        for client, is_v6 in ((a, True), (b, False)):
            stats = await client.until(lambda stats: stats["pair"] and stats["seen"].get("5", {}).get("frames", 0) > 10)
            assert (":" in stats["local"]["address"]) is is_v6, stats["local"]
        # ICE restart, on the same leg.
        restarted = await control.call("seat.restart", leg_id=leg_id)
        answered = await a.call("restart", sdp=only(restarted["sdp"], is_v6=True))
        await control.call("seat.answer", leg_id=leg_id, sdp=answered["sdp"])
        before = (await b.call("stats"))["seen"]["5"]["frames"]
        await b.until(lambda stats: stats["seen"]["5"]["frames"] > before + 20)
        assert not control.found("leg.closed")
        assert control.worker.port.counters["handler_error"] == 0
    finally:
        await a.aclose()
        await b.aclose()
    await control.call("recording.stop", room_id=ROOM)
    assert {segment.seat_id for segment in read_timeline(folder).segments} == {"a", "b"}


@pytest.mark.browser
async def test_chromium_over_ipv6(control: Control, browser: Browser, page_url: str) -> None:
    await control.open("a", "b")
    await control.consent("a", "b")
    pages = []
    for seat, kinds in (("a", ["camera"]), ("b", [])):
        page = await (await browser.new_context()).new_page()
        await page.goto(page_url)
        joined = await control.call("seat.join", room_id=ROOM, seat_id=seat)
        answer = await page.evaluate("args => join(...args)", [only(joined["sdp"], is_v6=True), kinds])
        await control.call("seat.answer", leg_id=joined["leg_id"], sdp=answer)
        await control.event("leg.connected", 60, seat_id=seat)
        pages.append(page)
    await until(pages[1], "s.inbound['5']?.framesDecoded > 20")
    assert control.worker.port.counters["handler_error"] == 0


@pytest.mark.parametrize(
    ("address", "family"),
    [(("fd00::2", 5000, 0, 0), 2), (("::ffff:192.0.2.7", 5000, 0, 0), 1), (("192.0.2.7", 5000), 1)],
)
def test_the_mapped_address_has_the_clients_own_family(address: tuple[str, int], family: int) -> None:
    request = ice.StunMessage(bytes(12), True, False, "u", False, None, b"")
    data = ice.success(request, address, "password")
    assert data[25] == family
    assert int.from_bytes(data[22:24], "big") == (8 if family == 1 else 20)
