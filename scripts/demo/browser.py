"""One Chromium per person: a camera film as the fake camera, and a microphone that speaks clips when told to.

The microphone is a WebAudio stream handed out by `getUserMedia`; what is said goes through the browser's real Opus encoder.
"""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright

CHROMIUM = os.environ.get("DR_CHROMIUM", "/usr/bin/chromium")
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1440, "height": 900}

_MICROPHONE = """
(() => {
  if (!navigator.mediaDevices) return;
  const original = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  let context, output;
  const microphone = () => {
    if (!context) {
      context = new AudioContext({ sampleRate: 48000 });
      output = context.createMediaStreamDestination();
      const room = context.createBuffer(1, 96000, 48000);
      const samples = room.getChannelData(0);
      for (let i = 0; i < samples.length; i++) samples[i] = (Math.random() - 0.5) * 0.001;
      const noise = context.createBufferSource();
      noise.buffer = room; noise.loop = true; noise.connect(output); noise.start();
    }
    context.resume();
    return output.stream.getAudioTracks()[0].clone();
  };
  navigator.mediaDevices.getUserMedia = async (constraints) => {
    const stream = new MediaStream();
    if (constraints && constraints.video) {
      const video = await original({ video: constraints.video });
      video.getVideoTracks().forEach((track) => stream.addTrack(track));
    }
    if (constraints && constraints.audio) stream.addTrack(microphone());
    return stream;
  };
  // Chromium names a film by its path, and the stream above by a number.
  const named = (kind, label) =>
    /^([/]|WebAudio|MediaStream|fake)/i.test(label) ? (kind.startsWith('video') ? '演示摄像头' : '演示麦克风') : label;
  for (const device of [MediaStreamTrack, MediaDeviceInfo]) {
    const own = Object.getOwnPropertyDescriptor(device.prototype, 'label').get;
    Object.defineProperty(device.prototype, 'label', { get() { return named(this.kind, own.call(this)); } });
  }
  window.__say = async (wav) => {
    microphone();
    const bytes = Uint8Array.from(atob(wav), (c) => c.charCodeAt(0));
    const buffer = await context.decodeAudioData(bytes.buffer);
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(output);
    await new Promise((done) => { source.onended = done; source.start(); });
    return buffer.duration;
  };
})();
"""


class Person:
    """One person at one browser. `page` is what they look at; errors of the page are collected in `faults`."""

    def __init__(self, name: str, page: Page) -> None:
        self.name = name
        self.page = page
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on(
            "console",
            lambda m: self.faults.append(m.text) if m.type == "error" and "Failed to load resource" not in m.text else None,
        )

    async def say(self, wav: str) -> float:
        """Speak a clip into the microphone; returns its seconds when it has ended."""
        seconds: float = await self.page.evaluate("wav => window.__say(wav)", wav)
        return seconds


@asynccontextmanager
async def chromium(film: Path | None, *, is_phone: bool, playwright: Playwright | None = None) -> AsyncIterator[BrowserContext]:
    """A browser of one person, closed at the end.

    Args:
        film: .mjpeg file shown by the fake camera; None for Chromium's test picture.
        is_phone: 390x844 with touch, else 1440x900.
    """
    arguments = [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
        "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
        "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", "--mute-audio",
        "--disable-backgrounding-occluded-windows", "--disable-renderer-backgrounding",
    ]  # fmt: skip
    if film:
        arguments.append(f"--use-file-for-fake-video-capture={film}")
    own = None
    if playwright is None:
        own = await async_playwright().start()
        playwright = own
    browser: Browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
    try:
        context = await browser.new_context(
            viewport=PHONE if is_phone else DESK,  # type: ignore[arg-type]
            has_touch=is_phone,
            is_mobile=is_phone,
            device_scale_factor=1,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
            ignore_https_errors=True,
            permissions=["camera", "microphone"],
        )
        await context.add_init_script(_MICROPHONE)
        context.set_default_timeout(20_000)
        yield context
    finally:
        await browser.close()
        if own:
            await own.stop()
