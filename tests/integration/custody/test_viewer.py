"""The regulator package as a person gets it: unpacked into a folder, opened from disk in a browser without any network."""

import asyncio
import base64
import json
import os
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.async_api import Page, async_playwright

from scripts.demo.browser import CHROMIUM
from server.settings import Settings
from storage.evidence.package import FolderPackage
from storage.evidence.signing import KeyRing
from storage.evidence.verify import verify
from tests.support.core import running
from tests.support.recordings import finalise, make_session

pytestmark = pytest.mark.browser


async def exported(tmp_path: Path) -> Path:
    """A finalised recording's package, fetched over HTTP and unpacked."""
    async with running(Settings(data_dir=tmp_path / "data", http_port=0, model_dir=tmp_path / "none")) as service:
        made = await make_session(service.context, length_ms=6_000, verdicts={1: "unclear"})
        await finalise(service.context, made.recording_id)
        keeper = await service.sign_in("hegui")
        answer = await keeper.raw("GET", f"/api/v1/recordings/{made.recording_id}/package")
        (tmp_path / "package.zip").write_bytes(await answer.read())
    with zipfile.ZipFile(tmp_path / "package.zip") as archive:
        archive.extractall(tmp_path / "package")
    return tmp_path / "package"


async def verdict(page: Page, folder: Path) -> tuple[bool, str]:
    await page.set_input_files("#pick", str(folder))
    box = page.locator("#result[data-intact]")
    await box.wait_for()
    found = (await box.get_attribute("data-intact") == "true", await box.inner_text())
    await box.evaluate("(box) => box.removeAttribute('data-intact')")
    return found


async def test_the_viewer_plays_jumps_and_verifies_from_disk(tmp_path: Path, need: Callable[[str, str], None]) -> None:
    if not Path(CHROMIUM).exists():
        need("Chromium", "apt-get install chromium, or set DR_CHROMIUM")
    folder = await exported(tmp_path)
    assert {"annex/access-log.json", "annex/inspection.json", "index.html"} <= set(FolderPackage(folder).names())
    assert verify(FolderPackage(folder)).is_intact
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        faults: list[str] = []
        asked: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: asked.append(request.url))
        await page.goto((folder / "index.html").as_uri())
        await look(page)
        is_intact, text = await verdict(page, folder)
        assert is_intact, text
        for part in ("Ed25519 签名", "SHA-256", "录制切片链", "会话事件链", "时间戳对应本签名", "公钥取自证据包自身"):
            assert part in text
        if os.environ.get("DR_SHOTS"):
            await page.screenshot(path=f"{os.environ['DR_SHOTS']}/package-viewer.png")
        await tamper(page, folder, tmp_path)
        assert faults == []
        assert [url for url in asked if not url.startswith("file:")] == []
        await browser.close()


async def until(page: Page, condition: str) -> None:
    """Until a condition on the video `v` holds; the page's own policy forbids the usual way to wait."""
    program = "new Promise((done) => { const v = document.getElementById('video'); "
    program += f"const look = () => (({condition}) ? done(true) : requestAnimationFrame(look)); look(); }})"
    async with asyncio.timeout(30):
        await page.evaluate(program)


async def look(page: Page) -> None:
    """Nodes jump, the transcript and the papers are there, the film really plays."""
    await until(page, "v.readyState >= 2")
    nodes = page.locator("#nodes button")
    assert await nodes.count() >= 12
    await nodes.nth(5).click()
    await until(page, "v.currentTime > 1.5")
    assert await page.locator(".node.on").count() == 1
    assert await page.locator(".said").count() > 0
    await page.click("text=文书")
    assert await page.locator("#panels canvas.sign").count() > 0
    await page.click("text=应答")
    assert "客户随后口头补充确认" in await page.inner_text("#panels")
    await page.click("text=质检")
    assert "待质检" in await page.inner_text("#panels")
    await page.select_option("#source", index=1)
    await until(page, "v.src.includes('tracks/') && v.readyState >= 2")


async def tamper(page: Page, folder: Path, tmp_path: Path) -> None:
    """Whatever is changed is said, by name."""

    async def changed(name: str, change: Callable[[bytes], bytes | None]) -> str:
        original = (folder / name).read_bytes()
        new = change(original)
        if new is None:
            (folder / name).unlink()
        else:
            (folder / name).write_bytes(new)
        is_intact, text = await verdict(page, folder)
        (folder / name).write_bytes(original)
        assert is_intact is False, text
        return text

    def flip(data: bytes) -> bytes:
        return data[:99] + bytes([data[99] ^ 1]) + data[100:]

    segments = sorted((folder / "segments").iterdir())
    segment = f"segments/{segments[1].name}"
    assert f"{segment}（被改动）" in await changed(segment, flip)
    assert f"{segment}（缺失）" in await changed(segment, lambda _: None)
    assert "第 3 条" in await changed("events.ndjson", lambda data: b"\n".join(other_actor(data.split(b"\n"), 2)))
    assert "清单在封存之后被改动" in await changed("manifest.json", lambda data: data.replace(b'"completed"', b'"aborted"', 1))
    assert "时间戳不是为本签名签发的" in await changed("timestamp.tsr", lambda data: data[:40])
    assert "缺少 timestamp.tsr" in await changed("timestamp.tsr", lambda _: None)
    forged = KeyRing(tmp_path / "forger")
    manifest = (folder / "manifest.json").read_bytes()
    sealed_at = verify(FolderPackage(folder)).sealed_at
    assert sealed_at
    assert "找不到密钥" in await changed("signature.json", lambda _: forged.sign(manifest, sealed_at))
    extra = folder / "segments" / "more.webm"
    extra.write_bytes(b"more")
    assert "清单之外的文件" in (await verdict(page, folder))[1]
    extra.unlink()
    key = json.loads((folder / "keys/keys.json").read_text())["keys"][0]["public_key"]
    await page.fill("#key", key)
    is_intact, text = await verdict(page, folder)
    assert is_intact
    assert "公钥取自证据包自身" not in text
    await page.fill("#key", base64.b64encode(forged.active(sealed_at).raw).decode())
    assert "公钥与签名所用密钥不符" in (await verdict(page, folder))[1]
    shutil.rmtree(folder)


def other_actor(lines: list[bytes], number: int) -> list[bytes]:
    body = json.loads(lines[number])
    return [*lines[:number], lines[number].replace(body["at"].encode(), b"2020-01-01T00:00:00+00:00", 1), *lines[number + 1 :]]
