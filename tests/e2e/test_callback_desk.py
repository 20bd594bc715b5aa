"""The phone desk in Chromium, on the whole service: rules changed on the form, a call that succeeds, a problem case to its end.

The desk's hours are those of a rulebook version that the administrator publishes on the page: every day, around the clock.
"""

import io
import json
import os
import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import cv2
import numpy as np
import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, async_playwright, expect

from scripts.demo import cast
from scripts.demo.browser import CHROMIUM, DESK, chromium
from scripts.demo.drive import sign_in
from scripts.demo.service import RunningService, running
from scripts.demo.staff import api
from scripts.demo.whole_case import Shots
from tests.e2e.conftest import WholeCase
from tests.e2e.pages import faults_of, settled
from tests.integration.callback.test_files import sound

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

expect.set_options(timeout=30_000)
POLICY = {
    "product": {"name": "守护一生重大疾病保险", "product_type": "health", "waiting_period_days": 90},
    "premium": {"mode": "regular_pay", "amount_fen": 2_000_000, "frequency": "annual", "years": 5},
    "coverage": "终身",
    "channel": "individual",
    "org_code": "110101",
    "fees_text": "无",
    "net_amount_fen": 2_000_000,
}


@dataclass
class Desk:
    """The running service with its people at their browsers."""

    service: RunningService
    shot: Shots
    admin: Page
    operator: Page
    compliance: Page
    faults: list[str]

    async def core(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """A call of the core system."""
        headers = {"Authorization": f"Bearer {self.service.core_api_key}"}
        async with aiohttp.ClientSession(headers=headers) as http, http.post(f"{self.service.url}{path}", json=body) as response:
            answer: dict[str, Any] = await response.json()
            assert response.status == 201, answer
            return answer

    async def policy(self, number: str, name: str, cert_no: str, phone: str) -> str:
        """Issue a policy; under S3 the phone comes first. Returns its callback."""
        person = {"name": name, "birth_on": "1960-05-01", "cert_type": "passport", "cert_no": cert_no, "phone": phone}
        body = {
            **POLICY,
            "policy_no": number,
            "issued_at": datetime.now(UTC).isoformat(),
            "policyholder": person,
            "insured": person,
        }
        return str((await self.core("/api/v1/policies", body))["callback_id"])


async def desk_page(browser: BrowserContext, url: str, user: str, faults: list[str]) -> Page:
    assert browser.browser
    context = await browser.browser.new_context(viewport=DESK, locale="zh-CN", timezone_id="Asia/Shanghai")  # type: ignore[arg-type]
    context.set_default_timeout(30_000)
    page = await context.new_page()
    page.on("pageerror", lambda error: faults.append(f"{user}: {error}"))
    await sign_in(page, url, user, cast.PASSWORD)
    return page


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory, need: Callable[[str, str], None]) -> AsyncIterator[Desk]:
    if not Path(CHROMIUM).exists():
        need("Chromium", "apt-get install chromium, or set DR_CHROMIUM")
    folder, faults = tmp_path_factory.mktemp("desk"), list[str]()
    shots = Shots(Path(os.environ["DR_SHOTS"]) if "DR_SHOTS" in os.environ else None)
    async with (
        running(folder / "data", DR_CALLBACK_RULEBOOK="S3") as service,
        async_playwright() as playwright,
        chromium(None, is_phone=False, playwright=playwright) as browser,
    ):
        admin = await desk_page(browser, service.url, cast.ADMINISTRATOR, faults)
        operator = await desk_page(browser, service.url, cast.OPERATOR, faults)
        compliance = await desk_page(browser, service.url, "hegui", faults)
        yield Desk(service, shots, admin, operator, compliance, faults)


async def still(desk: Desk, page: Page, name: str) -> None:
    """A picture in which nothing fades or slides any more."""
    if desk.shot.folder is not None:
        await settled(page)
    await desk.shot(page, name)


async def no_serious_fault(page: Page) -> None:
    """The accessibility check of axe-core, on what is shown now."""
    assert await faults_of(page) == []


async def test_the_administrator_changes_the_rules_on_the_form(desk: Desk) -> None:
    page = desk.admin
    await page.goto(f"{desk.service.url}/desk/callback-rules")
    await page.click('[data-testid="open-rulebook-S3-2"]')
    form = page.get_by_test_id("rulebook-form")
    await form.locator("summary", has_text="电话回访").click()
    days = page.get_by_test_id("field-phone.due_hours")
    await days.fill("一天")
    await expect(page.get_by_test_id("field-fault")).to_have_text("请填写整数。")
    await page.get_by_test_id("field-fault").scroll_into_view_if_needed()
    await desk.shot(page, "desk-callback-rules-fault")
    await page.reload()
    await page.click('[data-testid="open-rulebook-S3-2"]')
    await expect(days).to_have_value("一天")  # bad input loses nothing, not even when the page is closed
    await expect(page.get_by_test_id("field-fault")).to_be_visible()
    await days.fill("24")
    await expect(page.get_by_test_id("field-fault")).to_have_count(0)
    for label, hour in (("开始时间", "00:00"), ("结束时间", "23:59")):
        field, panel = form.get_by_label(label), page.locator(".el-time-panel:visible")
        await field.click()
        await expect(panel).to_have_count(1)  # what is typed before the panel is there is forgotten when it opens
        await field.fill(hour)
        await field.press("Enter")
        await expect(panel).to_have_count(0)
    await form.get_by_role("switch", name="仅工作日").locator("..").click()
    await expect(page.get_by_test_id("rule-preview")).to_contain_text("直接电话回访")
    await still(desk, page, "desk-callback-rules")
    await page.fill('[data-testid="rule-note"]', "全天拨打")
    await page.click('[data-testid="rule-publish"]')
    await page.wait_for_selector('[data-testid="open-rulebook-S3-3"].on')
    book = await api(page, desk.service.url, "/api/v1/callback-rulebooks/S3/versions/3")
    assert book["data"]["phone"]["hours"] == {"opens": "00:00", "closes": "23:59", "workdays_only": False}
    await no_serious_fault(page)
    await page.click('[data-testid="open-questionnaire-S3-2"]')
    await page.get_by_test_id("add-question").click()
    added = page.get_by_test_id("designer-question").last
    await added.locator("textarea").fill("您对{policyholder_nam}")
    await expect(page.get_by_test_id("rule-fault")).to_contain_text("没有这个合并项")
    await added.locator("textarea").fill("请问{policyholder_name}，您对本次服务满意吗？")
    await expect(page.get_by_test_id("rule-preview")).to_contain_text("请问张三，您对本次服务满意吗？")
    await desk.shot(page, "desk-callback-questionnaire")
    await page.get_by_test_id("discard-draft").click()
    await expect(page.get_by_test_id("rule-preview")).not_to_contain_text("满意吗")


async def hear_all(page: Page, **other: str) -> None:
    """Click what the customer says, question by question."""
    await page.get_by_test_id("script-question").first.wait_for()
    for question in await page.get_by_test_id("script-question").all():
        name = str(await question.get_attribute("data-question"))
        await question.get_by_test_id(f"heard-{name}-{other.get(name, 'yes')}").click()


async def test_a_call_from_the_work_list_to_success(desk: Desk) -> None:
    page = desk.operator
    callback_id = await desk.policy("P-E2E-0001", "周云峰", "E12345678", "13700008888")
    await page.goto(f"{desk.service.url}/desk/callbacks")
    row = page.locator(f'[data-testid="callback-row"][data-callback-id="{callback_id}"]')
    await row.wait_for()
    await desk.shot(page, "desk-callback-list")
    await no_serious_fault(page)
    await row.click()
    await expect(page.get_by_test_id("policy-phone")).to_have_text("137 0000 8888")
    await hear_all(page)
    files = {"name": "call.wav", "mimeType": "audio/wav", "buffer": sound(4)}
    await page.get_by_test_id("upload-recording").set_input_files(files)  # type: ignore[arg-type]
    await page.get_by_test_id("play-call").click()
    audio = page.get_by_test_id("call-audio")
    await audio.wait_for()
    await page.wait_for_function("() => document.querySelector('audio').currentTime > 0.5")
    assert 3.9 < await audio.evaluate("a => a.duration") < 4.1
    await page.get_by_test_id("phone-result-success").click()
    await desk.shot(page, "desk-callback-call")
    await no_serious_fault(page)
    await page.get_by_test_id("phone-result-save").click()
    await expect(page.get_by_test_id("callback-state")).to_have_attribute("data-state", "success")
    async with page.expect_download() as waiting:
        await page.get_by_test_id("export-evidence").click()
    archive = zipfile.ZipFile(io.BytesIO(Path(await (await waiting.value).path()).read_bytes()))
    manifest = json.loads(archive.read("manifest.json"))
    assert (manifest["callback_id"], manifest["damaged"], manifest["is_history_intact"]) == (callback_id, [], True)
    assert any(name.startswith("files/") and name.endswith(".wav") for name in archive.namelist())


async def test_a_problem_case_to_its_end(desk: Desk, tmp_path: Path) -> None:
    page = desk.operator
    callback_id = await desk.policy("P-E2E-0002", "陈桂兰", "E87654321", "13700007777")
    await page.goto(f"{desk.service.url}/desk/callbacks/{callback_id}")
    await hear_all(page, Q6="no")
    await page.get_by_test_id("phone-result-problem").click()
    await page.get_by_test_id("phone-result-note").fill("不清楚责任免除")
    await page.get_by_test_id("phone-result-save").click()
    state = page.get_by_test_id("callback-state")
    await expect(state).to_have_attribute("data-state", "problem")
    await expect(page.locator('[data-question="Q6"]').get_by_text("否", exact=True).first).to_be_visible()
    await page.get_by_test_id("problem-category").click()
    await page.get_by_role("option", name="销售人员违规").click()
    await page.get_by_test_id("classify").click()
    await page.get_by_test_id("explained-visit").click()
    async with page.context.expect_page() as opened:
        await page.get_by_test_id("print-explanation").click()
    await (await opened.value).close()
    await page.locator('[data-testid="paper"][data-kind="form"]').wait_for()
    scan = tmp_path / "signed.png"
    cv2.imwrite(str(scan), np.full((1200, 900, 3), 240, np.uint8))
    await page.get_by_test_id("upload-scan-explanation").set_input_files(scan)
    await page.locator('[data-testid="paper"][data-kind="scan"]').wait_for()
    await page.get_by_test_id("visitor").click()
    await expect(page.get_by_role("option", name="张三")).to_have_count(0)  # sales staff are not offered
    await page.get_by_role("option", name="何规").click()
    await page.get_by_test_id("scan").click()
    await page.get_by_role("option", name="上传的扫描件").click()
    await page.get_by_test_id("form-signed").click()
    await expect(page.get_by_test_id("form-returned")).to_be_enabled()
    await still(desk, page, "desk-callback-problem")
    await page.get_by_test_id("form-returned").click()
    for asked in ("verify-explained", "verify-signature"):
        await page.get_by_test_id(asked).get_by_text("是", exact=True).click()
    await expect(page.get_by_test_id("verify-save")).to_be_enabled()
    await still(desk, page, "desk-callback-verify")
    await page.get_by_test_id("verify-save").click()
    await expect(state).to_have_attribute("data-state", "success")
    events = [await item.get_attribute("data-kind") for item in await page.get_by_test_id("history-event").all()]
    assert events[:5] == ["succeeded", "visit_form_returned", "explained", "problem_classified", "problem_found"]
    reports = await api(desk.compliance, desk.service.url, "/api/v1/callback-tasks?kind=compliance_report")
    assert [task["callback_id"] for task in reports["items"]] == [callback_id]
    await desk.compliance.goto(f"{desk.service.url}/desk/callback-samples")
    await desk.compliance.locator(".el-table__row", has_text="与双录矛盾或曾为问题件").first.wait_for()
    await still(desk, desk.compliance, "desk-callback-samples")
    await no_serious_fault(desk.compliance)


async def test_a_grace_period_is_called_about(desk: Desk) -> None:
    page = desk.operator
    today = datetime.now(UTC).date()
    event = {
        "kind": "grace",
        "event_no": "E-GRACE-1",
        "premium_due_on": today.isoformat(),
        "grace_ends_on": (today + timedelta(days=365)).isoformat(),
        "premium_fen": 323_300,
        "policy": {"policyholder_name": "李秀英", "phone": "13700006666", "product_name": "福满堂养老年金", "org_code": "110101"},
    }
    await desk.core("/api/v1/policies/P-OLD-0001/events", event)
    await page.goto(f"{desk.service.url}/desk/service-calls")
    await page.get_by_test_id("service-call-row").first.wait_for()
    await desk.shot(page, "desk-service-calls")
    await page.get_by_test_id("service-call-row").first.click()
    for question, answer in (("G1", "yes"), ("G2", "yes"), ("G3", "no")):
        await page.get_by_test_id(f"service-{question}-{answer}").click()
    await desk.shot(page, "desk-service-call")
    await no_serious_fault(page)
    await page.get_by_test_id("service-reached").click()
    await expect(page.get_by_test_id("service-call-status")).to_have_attribute("data-status", "done")
    await page.goto(f"{desk.service.url}/desk/callback-statistics")
    await page.get_by_test_id("statistics-sheet").wait_for()
    await page.locator("svg rect").first.wait_for()
    await desk.shot(page, "desk-callback-statistics")
    assert desk.faults == []


async def test_the_recording_plays_at_the_answer(whole_case: WholeCase) -> None:
    """Real media: the desk opens the dual recording a few seconds before what the customer said on the subject."""
    async with async_playwright() as playwright, chromium(None, is_phone=False, playwright=playwright) as browser:
        page = await desk_page(browser, whole_case.service.url, cast.OPERATOR, [])
        await play_at_the_answer(page, whole_case.service.url, whole_case.outcome.callback["callback_id"])


async def play_at_the_answer(page: Page, url: str, callback_id: str) -> None:
    """Open the place of a spoken answer and watch it for a moment."""
    shown = await api(page, url, f"/api/v1/callbacks/{callback_id}")
    said = next(q["said"] for q in shown["questions"] if q["said"] and q["said"]["kind"] == "answer" and q["said"]["t_ms"])
    await page.goto(f"{url}/desk/callbacks/{callback_id}")
    await page.get_by_test_id("play-said").first.wait_for()
    buttons = page.get_by_test_id("play-said").filter(has_text=said["node_title"])
    await buttons.first.click()
    video = page.get_by_test_id("said-video")
    await video.wait_for()
    begin = max(0.0, said["t_ms"] / 1000 - 8)
    await page.wait_for_function("begin => document.querySelector('video').currentTime > begin + 0.5", arg=begin)
    at, width = await video.evaluate("v => [v.currentTime, v.videoWidth]")
    assert begin < at < begin + 20
    assert width >= 640, "the composed picture is shown"
