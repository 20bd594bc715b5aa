"""The customer's callback in Chromium under S0, S1 and S2, from the SMS or the web entry to the result, side by side.

The real service with all its processes; the recordings and inspections before are put into its database, the minimum answering
times are waited for. Every page is looked at by axe-core and at 200 % text.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
import pytest_asyncio
import sqlalchemy as sa
from playwright.async_api import Browser, Page, async_playwright

from scripts.demo import callback as steps
from scripts.demo import cast
from scripts.demo.browser import CHROMIUM, chromium
from scripts.demo.drive import sign_in
from scripts.demo.poses import camera_script
from scripts.demo.service import RunningService, running
from server.bootstrap import build_context
from server.callbacks import policies
from server.callbacks.library import shipped_calendar
from server.callbacks.schemas import NewPolicy
from server.callbacks.tables import callback_events, callbacks
from server.cases import people
from server.cases.facts import load_case_facts
from server.cases.service import create as create_case
from server.cases.tables import cases
from server.context import Context
from server.settings import Settings
from server.users.links import create_link, revoke_links
from server.users.sign_in import SYSTEM
from tests.e2e.a11y import Looks
from tests.e2e.pages import faults_of
from tests.support.callbacks import last_code, messages, passed_case, whole_policy
from tests.support.recordings import principal

pytestmark = [pytest.mark.browser, pytest.mark.needs_models, pytest.mark.needs_clips, pytest.mark.asyncio(loop_scope="module")]

ME, OTHER = "obama_1.jpg", "biden_1.jpg"
PEOPLE = {"S0": ("P2026010004", "13800004001"), "S1": ("P2026010001", "13800001001"), "S2": ("P2026010005", "13800005001")}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 1,
    "locale": "zh-CN",
    "timezone_id": "Asia/Shanghai",
    "permissions": ["camera", "microphone"],
}


@dataclass(slots=True)
class World:
    """A running service, its database, and one browser."""

    service: RunningService
    context: Context
    browser: Browser
    looks: Looks
    camera: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One face check at a time: the machine films and judges in real time."""

    async def phone(self) -> Page:
        """A fresh phone with a camera of its own."""
        page = await (await self.browser.new_context(**PHONE)).new_page()
        page.set_default_timeout(60_000)
        await page.add_init_script(camera_script(ME, OTHER))
        return page

    async def issue(self, rulebook: str, number: str, at: datetime | None = None, **changes: Any) -> str:
        """The core system issues a policy under an insurer's rulebook. Returns the callback's id."""
        moment = at or self.context.now()
        issued = {"policy_no": number, "issued_at": moment.isoformat(), "proposal_no": PEOPLE[rulebook][0]}
        body = {**issued, "effective_on": shipped_calendar().local_date(moment).isoformat(), **changes}
        settings = self.context.settings.model_copy(update={"callback_rulebook": rulebook})
        then = replace(self.context, settings=settings, now=lambda: moment + timedelta(seconds=1))
        async with self.context.db.begin() as tx:
            policy = NewPolicy.model_validate_json(orjson.dumps(body))
            return (await policies.receive(tx, then, SYSTEM, policy)).callback_id

    async def link(self, phone: str, policy_no: str, *, but: str = "") -> str:
        """The link in the newest SMS about a policy, as soon as it was sent."""
        async with asyncio.timeout(60):
            while True:
                for _, text in reversed(await messages(self.context, phone)):
                    found = re.search(r"https?://\S+/m/c#k=[\w-]+", text)
                    if found and policy_no in text and found[0] != but:
                        return found[0]
                await asyncio.sleep(0.2)

    async def events(self, callback_id: str) -> list[str]:
        """What happened to a callback."""
        query = sa.select(callback_events.c.kind).where(callback_events.c.callback_id == callback_id)
        async with self.context.db.read() as tx:
            return [str(row.kind) for row in await tx.execute(query.order_by(callback_events.c.seq))]

    async def state(self, callback_id: str) -> str:
        """Where a callback stands."""
        async with self.context.db.read() as tx:
            return str(await tx.scalar(sa.select(callbacks.c.state).where(callbacks.c.id == callback_id)))

    async def prove_face(self, page: Page, *, is_stranger: bool = False) -> None:
        """The face check, one person at a time; who followed the prompts too late on a busy machine tries again."""

        async def look(page: Page, name: str) -> None:
            if name.endswith("-turn"):  # axe would hold the page up in the middle of the film
                await self.looks.picture(page, name)
            else:
                await self.looks(page, name)

        async with self.camera:
            for _ in range(4):  # with the stranger one less than locks the day
                await steps.prove_face(page, look)
                if is_stranger or not await page.locator('[data-testid="face-result"]').count():
                    return


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(
    tmp_path_factory: pytest.TempPathFactory, need: Callable[[str, str], None], model_dir: Path, testdata: Path
) -> AsyncIterator[World]:
    if not Path(CHROMIUM).exists():
        need("Chromium", "apt-get install chromium, or set DR_CHROMIUM")
    folder = tmp_path_factory.mktemp("callbacks")
    async with running(folder / "data", DR_MODEL_DIR=str(model_dir), DR_CALLBACK_RULEBOOK="S0") as service:
        context = build_context(Settings(data_dir=service.data_dir, public_url=service.url))
        before: Any = SimpleNamespace(context=context)
        for proposal_no, _ in PEOPLE.values():
            await passed_case(before, face=(testdata / "faces" / "obama_2.jpg").read_bytes(), proposal_no=proposal_no)
        async with async_playwright() as playwright, chromium(None, is_phone=True, playwright=playwright) as opened:
            assert opened.browser is not None
            yield World(service, context, opened.browser, Looks())
        await context.db.aclose()


async def s1(world: World) -> None:
    """复星保德信: a wrong face, the right face, two policies in one visit, signature; leaving ends the visit."""
    phone = PEOPLE["S1"][1]
    first = await world.issue("S1", "00001354400000101")
    page = await world.phone()
    await page.goto(await world.link(phone, "00001354400000101"))
    second = await world.issue("S1", "00001354400000102")
    await page.wait_for_selector('[data-testid="callback-start"]')
    await world.looks(page, "phone-callback-start")
    await page.click('[data-testid="callback-start"]')
    await page.evaluate("person => { window.__camera.person = person }", OTHER)
    await world.prove_face(page, is_stranger=True)
    assert "没有通过" in await page.locator('[data-testid="face-result"]').inner_text(), "somebody else's face"
    await world.looks(page, "phone-callback-face-refused")
    await page.evaluate("person => { window.__camera.person = person }", ME)
    await world.prove_face(page)
    await page.wait_for_selector('[data-testid="policy-row"]')
    await world.looks(page, "phone-callback-policies")
    await page.click('[data-policy-no="00001354400000101"]')
    began = world.context.now()  # the server counts from the first rendering, a little later
    await steps.confirm_notice(page, world.looks)
    await page.wait_for_selector('[data-testid="submit-answers"]')
    await reads_well(page)
    await steps.answer_questions(page, world.looks)
    await page.wait_for_selector('[data-testid="open-sign-pad"]')
    assert world.context.now() - began >= timedelta(seconds=60), "answers are taken after the minimum time"
    await world.looks(page, "phone-callback-confirm")
    await steps.sign(page, world.looks)
    await world.looks(page, "phone-callback-signed")
    await page.click('[data-testid="confirm-answers"]:not([disabled])')
    await page.wait_for_selector('[data-testid="callback-result"][data-state="success"]')
    await world.looks(page, "phone-callback-result")
    assert await world.state(first) == "success"
    await kept_pages(world, first)
    await page.click('[data-testid="next-policy"]')
    await page.wait_for_selector('[data-testid="notice-tick"]')
    assert (await world.events(second))[-1] == "identity_passed", "no new face check within the visit"
    await page.goto("about:blank")
    async with asyncio.timeout(60):
        while (await world.events(second))[-1] != "left":
            await asyncio.sleep(0.1)


async def s2(world: World) -> None:
    """爱心: SMS at once, face, no notice, no minimum time, no confirmation page; success."""
    phone = PEOPLE["S2"][1]
    next_due = (world.context.now() + timedelta(days=365)).date().isoformat()
    callback_id = await world.issue("S2", "88000001522216", next_due_on=next_due)
    page, link = await world.phone(), await world.link(phone, "88000001522216")
    await page.goto(link)
    await page.wait_for_selector('[data-testid="callback-start"]')
    assert await bar(page) == ["身份", "保单", "问卷"], "no notice, no confirmation, no signature"
    assert "须知" not in await page.locator("main").inner_text()
    await page.click('[data-testid="callback-start"]')
    await page.wait_for_selector('[data-testid="face-capture"]:not([disabled])')
    await world.looks(page, "phone-callback-face-digits")
    await page.click('[data-testid="face-capture"]')
    await page.wait_for_selector('[data-testid="face-digits"]')
    await world.looks(page, "phone-callback-digits")
    await page.reload()
    await page.click('[data-testid="callback-start"]')
    await world.prove_face(page)
    await page.wait_for_selector('[data-testid="submit-answers"], [data-testid="notice-tick"]')
    assert await page.locator('[data-testid="notice-tick"]').count() == 0, "no notice is asked for"
    await steps.answer_questions(page)
    await page.wait_for_selector('[data-testid="callback-result"][data-state="success"]')
    assert await world.state(callback_id) == "success"
    happened = await world.events(callback_id)
    assert happened[-4:] == ["identity_passed", "questionnaire_rendered", "answers_submitted", "succeeded"]
    await page.goto("about:blank")  # the same page with the same key would not be loaded again
    await page.goto(link)
    await page.wait_for_selector('[data-testid="callback-blocked"][data-code="CALLBACK_FINISHED"]')
    await world.looks(page, "phone-callback-done")


async def s0(world: World) -> None:
    """长生: the daily batch's SMS; the web entry with binding, notice, remark, a no, confirmation; the phone desk follows."""
    phone, calendar, number = PEOPLE["S0"][1], shipped_calendar(), "66000000000301"
    yesterday = calendar.local_date(world.context.now()) - timedelta(days=1)
    callback_id = await world.issue("S0", number, calendar.at(yesterday) + timedelta(hours=9))
    link = await world.link(phone, number)
    async with world.context.db.read() as tx:
        stored = (await people.of_proposals(tx, world.context, [PEOPLE["S0"][0]]))[PEOPLE["S0"][0]]
    page = await world.phone()
    await page.goto(f"{world.service.url}/m/entry")
    await page.wait_for_selector('[data-testid="entry-password"]')
    await world.looks(page, "phone-entry-sign-in")
    await page.click('[data-testid="to-bind"]')
    await page.fill('[data-testid="bind-cert"]', stored[0].person.cert_no)
    await page.fill('[data-testid="bind-phone"]', phone)
    await world.looks(page, "phone-entry-bind")
    await page.click('[data-testid="bind-next"]')
    await page.wait_for_selector('[data-testid="entry-otp"]')
    await world.looks(page, "phone-entry-code")
    await page.fill('[data-testid="entry-otp"]', await last_code(world.context, phone))
    await page.wait_for_selector('[data-testid="new-password"]')
    for name in ("new-password", "new-password-again"):
        await page.fill(f'[data-testid="{name}"]', "liuyang-2026")
    await world.looks(page, "phone-entry-password")
    await page.click('[data-testid="save-password"]')
    await page.wait_for_selector('[data-testid="entry-policy"]')
    await world.looks(page, "phone-entry-policies")
    await page.click('[data-testid="entry-sign-out"]')
    await page.reload()
    await page.wait_for_selector('[data-testid="entry-password"]')
    assert await page.locator('[data-testid="entry-cert"]').count() == 0, "later the password alone"
    await world.looks(page, "phone-entry-known")
    await page.fill('[data-testid="entry-password"]', "liuyang-2026")
    await page.click('[data-testid="entry-sign-in"]')
    await page.click('[data-testid="entry-policy"]')
    await page.wait_for_selector('[data-testid="notice-tick"]')
    assert "60" in await page.locator("main").inner_text(), "the page shows the rulebook's number"
    assert await page.is_disabled('[data-testid="callback-start"]'), "the notice comes before the face"
    assert await bar(page) == ["须知", "身份", "保单", "问卷", "核对"], "nothing is signed"
    await world.looks(page, "phone-callback-s0-entry")
    await page.locator('label:has([data-testid="notice-tick"])').click()
    await page.click('[data-testid="callback-start"]')
    await world.prove_face(page)
    await page.wait_for_selector('[data-testid="remark"]')
    await page.fill('[data-testid="remark"]', "备" * 200)
    await page.go_back()  # the phone's own button: asked first, nothing is lost
    await page.wait_for_selector('[data-testid="confirm-no"]')
    await world.looks(page, "phone-callback-leave")
    await page.click('[data-testid="confirm-no"]')
    assert await page.input_value('[data-testid="remark"]') == "备" * 200
    await page.click('[data-testid="abort"]')
    await page.wait_for_selector('[data-testid="confirm-no"]')
    await world.looks(page, "phone-callback-abort")
    await page.click('[data-testid="confirm-no"]')
    other = await world.issue("S0", "66000000000302", calendar.at(yesterday) + timedelta(hours=9))
    await steps.answer_questions(page, wrong="Q6")
    await page.wait_for_selector('[data-testid="edit-answers"]')
    await world.looks(page, "phone-callback-s0-confirm")
    await page.click('[data-testid="confirm-answers"]')
    await page.wait_for_selector('[data-testid="callback-result"][data-state="phone"]')
    await world.looks(page, "phone-callback-result-phone")
    assert await world.state(callback_id) == "problem"
    await abort(world, page, other)
    await page.goto("about:blank")  # the same page with another key would not be loaded again
    await page.goto(link)
    await page.wait_for_selector('[data-testid="callback-blocked"][data-code="PROBLEM_BY_PHONE_ONLY"]')
    await world.looks(page, "phone-callback-blocked")


async def abort(world: World, page: Page, callback_id: str) -> None:
    """中止回访: nothing of the visit is kept, and the page says why the telephone follows."""
    await page.click('[data-testid="next-policy"]')
    await page.click('[data-testid="abort"]')
    await page.click('[data-testid="confirm-yes"]')
    await page.wait_for_selector('[data-testid="callback-result"][data-state="aborted"]')
    assert "没有保留" in await page.locator('[data-testid="callback-result"]').inner_text()
    await world.looks(page, "phone-callback-aborted")
    assert await world.state(callback_id) == "phone"
    await page.goto("about:blank")
    await page.goto(await world.link(PEOPLE["S0"][1], "66000000000302"))
    await page.wait_for_selector('[data-testid="callback-blocked"][data-code="ABORTED_TO_PHONE"]')
    await world.looks(page, "phone-callback-blocked-aborted")


async def bar(page: Page) -> list[str]:
    """The steps above the page, by name."""
    return await page.locator("main .steps small").all_inner_texts()


async def reads_well(page: Page) -> None:
    """What a screen reader finds on the questionnaire: every question is a named group of two choices; the time has a name."""
    texts = [text.strip() for text in await page.locator(".question p").all_inner_texts()]
    groups = page.get_by_role("radiogroup")
    assert await groups.count() == len(texts) > 0
    for index, text in enumerate(texts):
        group = groups.nth(index)
        label = page.locator(f'[id="{await group.get_attribute("aria-labelledby")}"]')
        assert (await label.inner_text()).strip() == text
        assert [await group.get_by_role("radio", name=name, exact=True).count() for name in ("是", "否")] == [1, 1]
        assert await group.locator(":checked").count() == 0, "nothing is chosen beforehand"
    assert await page.get_by_role("progressbar", name="最短阅读时间").count() == 1
    assert await page.get_by_role("heading", level=1).count() == 1
    assert await page.get_by_role("main").count() == 1


async def kept_pages(world: World, callback_id: str) -> None:
    """The desk shows every kept page as the customer saw it."""
    context = await world.browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = await context.new_page()
    await sign_in(page, world.service.url, cast.OPERATOR, cast.PASSWORD)
    await page.goto(f"{world.service.url}/desk/callbacks/{callback_id}")
    kept, dialog = page.get_by_test_id("open-page"), page.get_by_test_id("kept-page")
    await kept.first.wait_for()
    kinds = [await link.get_attribute("data-kind") for link in await kept.all()]
    assert {"identity", "notice", "questionnaire", "confirm", "signature", "result"} <= set(kinds)
    for kind, words in (
        ("identity", "与要求一致"),
        ("confirm", "客户的回答：是"),
        ("signature", "笔迹校验值"),
        ("result", "回访已经完成"),
    ):
        await kept.nth(len(kinds) - 1 - kinds[::-1].index(kind)).click()
        await page.wait_for_selector(f'[data-testid="kept-page"][data-kind="{kind}"]')
        said = await dialog.inner_text()
        assert words in said, said
        assert "与当时一致" in said
        assert "{" not in said, "no raw data"
        assert await faults_of(page) == []
        await world.looks.picture(page, f"desk-callback-kept-{kind}")
        await page.keyboard.press("Escape")
        await dialog.wait_for(state="hidden")
    await context.close()


async def test_s0_s1_and_s2_from_the_sms_to_the_result(world: World) -> None:
    async with asyncio.TaskGroup() as group:
        for journey in (s1, s0, s2):
            group.create_task(journey(world))


async def test_a_dead_link_is_renewed_and_a_code_replaces_the_face_for_a_passport(world: World) -> None:
    service: Any = SimpleNamespace(clock=SimpleNamespace(at=world.context.now()))
    number = "00001354400000901"
    body = {key: value for key, value in whole_policy(service).items() if key not in ("issued_at", "policy_no")}
    callback_id = await world.issue("S1", number, **body, proposal_no=None)
    phone = body["policyholder"]["phone"]
    link = await world.link(phone, number)
    async with world.context.db.begin() as tx:
        await revoke_links(tx, world.context, scope="callback_link", subject=callback_id)
    page = await world.phone()
    await page.goto(link)
    await page.wait_for_selector('[data-testid="renew-link"]')
    await world.looks(page, "phone-callback-dead-link")
    await page.click('[data-testid="renew-link"]')
    await page.wait_for_selector('[data-testid="link-renewed"]')
    fresh = await world.link(phone, number, but=link)
    await page.goto("about:blank")
    await page.goto(fresh)
    await page.wait_for_selector('[data-testid="callback-start"]')
    assert "视频" not in await page.locator("main").inner_text(), "no film is made where a code proves it"
    await page.click('[data-testid="callback-start"]')
    await page.click('[data-testid="send-otp"]')
    await page.wait_for_selector('[data-testid="otp"]')
    assert await page.locator('input[type="tel"]').count() == 0, "the phone cannot be changed here"
    await world.looks(page, "phone-callback-code")
    await page.fill('[data-testid="otp"]', await last_code(world.context, phone))
    await page.wait_for_selector('[data-testid="notice-tick"]')


async def test_the_pages_of_joining_and_of_identity_capture(world: World) -> None:
    """The other pages that a customer opens alone."""
    async with world.context.db.begin() as tx:
        who = await principal(world.context, "zhangsan")
        proposal_no = PEOPLE["S0"][0]
        await tx.execute(sa.update(cases).where(cases.c.proposal_no == proposal_no).values(state="cancelled"))
        facts = await load_case_facts(tx, world.context, await create_case(tx, world.context, who, proposal_no))
        holder = next(person for person in facts.participants if "policyholder" in person.roles)
        claims = {"case_id": facts.case_id, "participant_id": holder.id}
        link = await create_link(
            tx, world.context, page="identity", scope="identity", subject=holder.id, expires_s=600, claims=claims
        )
    page = await world.phone()
    await page.goto(link)
    await page.wait_for_selector("[data-testid^='capture-']", state="attached")
    await world.looks(page, "phone-identity")
    await page.goto(f"{world.service.url}/m/")
    await page.wait_for_selector("main input")
    await world.looks(page, "phone-code")
    await page.fill("main input", "000000")
    await page.wait_for_selector('[role="alert"]')
    await world.looks(page, "phone-code-wrong")
    await page.goto(f"{world.service.url}/m/nowhere")
    await page.wait_for_selector("main h1")
    await world.looks(page, "phone-not-found")


async def test_nothing_that_axe_or_large_text_would_find(world: World) -> None:
    assert len(world.looks.seen) >= 20, "the pages were looked at by the tests before"
    assert world.looks.findings == []
