"""How long a fault of picture or sound takes until the agent and the customer are warned, and until the warnings are gone again.

    python -m scripts.bench.alerts [--rounds 5] [--shots FOLDER]

The real service, an agent's desk and two phones in Chromium, recording. One customer's camera is a picture drawn in the page that
changes at a known instant (nobody there, two faces, dark, black), and the microphone is cut off; watchers in both pages note with
the same machine's clock when a warning appears or goes. Each fault begins at another place of the key frames' rhythm. Last line:
`RESULT {json}`: `warn_ms_max` and `clear_ms_max` over everything, medians and worst by fault and page, `warnings_missing`.
"""

import argparse
import asyncio
import base64
import os
import statistics
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import cv2
from playwright.async_api import Page, async_playwright

from scripts.bench.recorded import result
from scripts.demo import assets
from scripts.demo import cast as people
from scripts.demo.browser import Person, chromium
from scripts.demo.drive import Agent, Customer, sign_in
from scripts.demo.service import running
from scripts.demo.staff import Outbox

FAULTS = {"empty": "FACE_LOST", "two": "TWO_FACES", "dark": "DARK", "black": "BLACK", "silent": "NO_SOUND"}
"""Scene → warning."""
LIMIT_S = 15.0
SETTLE_S = 3.0

_CAMERA = """
((scenes) => {
  if (!navigator.mediaDevices) return;
  const before = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  const canvas = document.createElement('canvas');
  canvas.width = 640; canvas.height = 480;
  const draw = canvas.getContext('2d');
  const pictures = {};
  for (const [name, source] of Object.entries(scenes)) { pictures[name] = new Image(); pictures[name].src = source; }
  let scene = 'face', tick = 0, microphone = null;
  const paint = () => {
    tick += 1;
    const picture = pictures[scene === 'empty' || scene === 'two' ? scene : 'face'];
    draw.filter = scene === 'dark' ? 'brightness(0.3)' : 'none';
    if (scene === 'black') { draw.fillStyle = '#000'; draw.fillRect(0, 0, 640, 480); return; }
    if (picture.complete) draw.drawImage(picture, -8 + 4 * Math.sin(tick / 9), -6 + 3 * Math.cos(tick / 7), 656, 492);
    draw.filter = 'none';
    for (let i = 0; i < 60; i++) {
      draw.fillStyle = `rgba(${tick % 255}, ${(i * 37 + tick) % 255}, 90, 0.06)`;
      draw.fillRect((i * 97 + tick * 13) % 640, (i * 61 + tick * 7) % 480, 6, 6);
    }
  };
  setInterval(paint, 66);
  window.__scene = (name) => {
    scene = name;
    if (microphone) microphone.enabled = name !== 'silent';
    paint();
    return Date.now();
  };
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const stream = constraints && constraints.audio ? await before({ audio: constraints.audio }) : new MediaStream();
    if (stream.getAudioTracks().length) microphone = stream.getAudioTracks()[0];
    if (constraints && constraints.video) canvas.captureStream(15).getVideoTracks().forEach((track) => stream.addTrack(track));
    return stream;
  };
})
"""

_WATCH = """([selector, within]) => {
  const noted = (window.__noted = []);
  let before = new Set();
  const look = () => {
    const found = [...document.querySelectorAll(selector)];
    const mine = found.filter((each) => !within || each.closest('[data-seat-id]')?.textContent.includes(within));
    const now = new Set(mine.map((each) => (each.dataset.code || '').toUpperCase()));
    for (const code of now) if (!before.has(code)) noted.push([code, true, Date.now()]);
    for (const code of before) if (!now.has(code)) noted.push([code, false, Date.now()]);
    before = now;
  };
  new MutationObserver(look).observe(document.body, { attributes: true, childList: true, subtree: true });
  look();
}"""
"""Notes warnings that appear and go, with the time. `within`: only in the tile with this text."""


def scenes() -> dict[str, str]:
    """The pictures before the customer's camera, as data addresses: alone, nobody, two people."""
    two = cv2.imread(str(assets.testdata() / "faces" / "two_people.jpg"))
    if two is None:
        raise assets.AssetsMissing("cannot read two_people.jpg")
    wall = cv2.GaussianBlur(cv2.resize(assets.portrait(people.POLICYHOLDER_PHOTO)[:20, :60], (640, 480)), (0, 0), 9)
    found = {"face": assets.portrait(people.POLICYHOLDER_PHOTO), "two": cv2.resize(two, (640, 480)), "empty": wall}
    return {
        name: "data:image/jpeg;base64," + base64.b64encode(cv2.imencode(".jpg", picture)[1].tobytes()).decode()
        for name, picture in found.items()
    }


async def noted(page: Page, code: str, is_shown: bool, since_ms: int) -> float | None:
    """Milliseconds from an instant until a page showed a warning, or no longer showed it; None: not within the limit."""
    for _ in range(int(LIMIT_S / 0.2)):
        for found, was_shown, at in await page.evaluate("window.__noted"):
            if (found, was_shown) == (code, is_shown) and at >= since_ms:
                return float(at - since_ms)
        await asyncio.sleep(0.2)
    return None


async def one(pages: dict[str, Page], customer: Page, scene: str, shots: Path | None) -> dict[tuple[str, str, str], float | None]:
    """One fault: made, seen by both, mended, gone from both."""
    code = FAULTS[scene]
    found: dict[tuple[str, str, str], float | None] = {}
    for what, name, is_shown in (("warn", scene, True), ("clear", "face", False)):
        began = await customer.evaluate("name => window.__scene(name)", name)
        times = await asyncio.gather(*(noted(page, code, is_shown, began) for page in pages.values()))
        found |= {(what, scene, who): at for who, at in zip(pages, times, strict=True)}
        if shots is not None and is_shown:
            for who, page in pages.items():
                await page.screenshot(path=str(shots / f"warning-{who}-{scene}.png"), scale="css")
        await asyncio.sleep(SETTLE_S)
    return found


def summary(rounds: list[dict[tuple[str, str, str], float | None]]) -> dict[str, Any]:
    """Worst over everything, and by fault and page."""
    figures: dict[str, Any] = {"warn_ms_max": None, "clear_ms_max": None, "warnings_missing": 0, "rounds": len(rounds)}
    for key in rounds[0] if rounds else ():
        times = [each[key] for each in rounds]
        seen = [at for at in times if at is not None]
        figures["warnings_missing"] += len(times) - len(seen)
        what, scene, who = key
        if seen:
            figures[f"{what}_ms_max"] = max(figures[f"{what}_ms_max"] or 0.0, max(seen))
        median = round(statistics.median(seen)) if seen else None
        print(f"  {what:5} {scene:6} {who:8} median {median} ms, worst {max(seen, default=None)} ms, {len(seen)} of {len(times)}")
        figures[f"{what}_{scene}_{who}_ms"] = [median, max(seen, default=None)]
    return figures


async def measure(rounds: int, shots: Path | None) -> dict[str, Any]:
    """Bring a case into the room, then make and mend each fault."""
    done: list[dict[tuple[str, str, str], float | None]] = []
    with tempfile.TemporaryDirectory(prefix="bench-warnings", dir=os.environ.get("DR_BENCH_DIR")) as name:
        folder = Path(name)
        cast = await asyncio.to_thread(people.prepare, folder / "cast")
        async with running(folder / "data") as service, AsyncExitStack() as stack:
            playwright = await stack.enter_async_context(async_playwright())
            desk = await stack.enter_async_context(chromium(cast.films["agent"], is_phone=False, playwright=playwright))
            phone_a = await stack.enter_async_context(chromium(None, is_phone=True, playwright=playwright))
            phone_b = await stack.enter_async_context(chromium(cast.films["insured"], is_phone=True, playwright=playwright))
            await phone_a.add_init_script(f"({_CAMERA})({scenes()!r})")
            assert desk.browser is not None
            admin = await (await desk.browser.new_context()).new_page()
            await sign_in(admin, service.url, people.ADMINISTRATOR, people.PASSWORD)
            await admin.goto("about:blank")
            outbox = Outbox(admin, service.url)
            agent = Agent(Person("agent", await desk.new_page()), service.url, cast.agent_speech)
            first = Customer(
                Person("policyholder", await phone_a.new_page()), service.url, people.POLICYHOLDER[1], cast.policyholder_says
            )
            second = Customer(Person("insured", await phone_b.new_page()), service.url, people.INSURED[1], cast.insured_says)
            await sign_in(agent.person.page, service.url, people.AGENT, people.PASSWORD)
            await agent.open_case(people.PROPOSAL_NO, cast.images)
            code = await agent.create_session()
            await agent.enter()
            await first.join(code, outbox.code)
            await second.join(code, outbox.code)
            await agent.start()
            pages = {"agent": agent.person.page, "customer": first.person.page}
            await pages["agent"].evaluate(_WATCH, ['[data-testid="alert"]', people.POLICYHOLDER[0][0]])
            await pages["customer"].evaluate(_WATCH, ['[data-testid="own-warning"]', ""])
            await asyncio.sleep(2 * SETTLE_S)
            for number in range(rounds):
                found: dict[tuple[str, str, str], float | None] = {}
                for scene in FAULTS:
                    found |= await one(pages, first.person.page, scene, shots if number == 0 else None)
                    await asyncio.sleep(0.37 * number)  # another place in the rhythm of the key frames
                done.append(found)
                print(f"round {number + 1}: {found}; load average {os.getloadavg()[0]:.1f}", flush=True)
    return summary(done)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Warnings during the call")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--shots", type=Path)
    options = parser.parse_args()
    if options.shots is not None:
        options.shots.mkdir(parents=True, exist_ok=True)
    result(asyncio.run(measure(options.rounds, options.shots)))


if __name__ == "__main__":
    main()
