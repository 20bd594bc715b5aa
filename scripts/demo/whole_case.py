"""One whole case on a running service: from the agent's sign-in to a sealed, reviewed recording and a finished callback."""

import asyncio
import contextlib
import zipfile
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import av
from playwright.async_api import Page, async_playwright
from playwright.async_api import TimeoutError as Timeout

from scripts.demo import cast as people
from scripts.demo.browser import DESK, Person, chromium
from scripts.demo.callback import answer_callback, issue_policy
from scripts.demo.drive import Agent, Customer, Stuck, sign_in
from scripts.demo.staff import Outbox, api, download_package, review, wait_state


@dataclass(slots=True)
class Outcome:
    """What a run left behind."""

    case_id: str = ""
    session_id: str = ""
    recording_id: str = ""
    package: Path | None = None
    recorded_s: tuple[float, float] = (0.0, 0.0)
    """At least and at most so long the recording was on, by the agent's browser."""
    recording: dict[str, Any] = field(default_factory=dict)
    answers: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    ledger: list[dict[str, Any]] = field(default_factory=list)
    checks: list[dict[str, Any]] = field(default_factory=list)
    callback: dict[str, Any] = field(default_factory=dict)
    nodes: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Shots:
    """Takes one screenshot per name into a folder, or none without a folder."""

    folder: Path | None = None
    taken: set[str] = field(default_factory=set)

    async def __call__(self, page: Page, name: str) -> None:
        """Take it once; a page that is going away costs nothing."""
        if self.folder is None or name in self.taken:
            return
        self.taken.add(name)
        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            await page.screenshot(path=str(self.folder / f"{name}.png"), timeout=5_000, scale="css")
        except Exception:  # a screenshot never decides whether a case succeeds
            self.taken.discard(name)


def film_s(package: Path) -> float:
    """How long the composed film in a package (a ZIP) is, read from the file itself."""
    with zipfile.ZipFile(package) as zipped, zipped.open("composite.mp4") as file, av.open(file, "r") as film:
        assert film.duration is not None
        return film.duration / 1_000_000


async def run(
    url: str,
    core_api_key: str,
    folder: Path,
    shots: Shots | None = None,
    *,
    with_callback: bool = True,
    outcome: Outcome | None = None,
) -> Outcome:
    """Run the case.

    Args:
        url: address of a running development service with demo data.
        core_api_key: the core system's key, to issue the policy.
        folder: for camera films and the package.
        outcome: filled while the case runs, so that a run that fails can say how far it came.
    """
    shot = shots or Shots()
    cast = await asyncio.to_thread(people.prepare, folder / "cast")
    outcome = outcome or Outcome()
    async with AsyncExitStack() as stack:
        playwright = await stack.enter_async_context(async_playwright())
        desk = await stack.enter_async_context(chromium(cast.films["agent"], is_phone=False, playwright=playwright))
        phone_a = await stack.enter_async_context(chromium(cast.films["policyholder"], is_phone=True, playwright=playwright))
        phone_b = await stack.enter_async_context(chromium(cast.films["insured"], is_phone=True, playwright=playwright))
        assert desk.browser is not None
        admin = await (await desk.browser.new_context(viewport=DESK, locale="zh-CN")).new_page()  # type: ignore[arg-type]
        await sign_in(admin, url, people.ADMINISTRATOR, people.PASSWORD)
        await admin.goto("about:blank")
        outbox = Outbox(admin, url)
        agent = Agent(Person("agent", await desk.new_page()), url, cast.agent_speech, shot)
        first = Customer(
            Person("policyholder", await phone_a.new_page()),
            url,
            people.POLICYHOLDER[1],
            cast.policyholder_says,
            shot,
            role="first",
        )
        second = Customer(
            Person("insured", await phone_b.new_page()), url, people.INSURED[1], cast.insured_says, shot, role="second"
        )
        await _record(url, agent, first, second, cast, outbox, outcome, shot)
        await wait_state(agent.person.page, url, agent.case_id, {"pending_inspection"})
        await agent.person.page.wait_for_selector('[data-testid="case-state"][data-state="pending_inspection"]')
        await shot(agent.person.page, "desk-case-sealed")
        inspector = await (await desk.browser.new_context(viewport=DESK, locale="zh-CN")).new_page()  # type: ignore[arg-type]
        await sign_in(inspector, url, people.INSPECTOR, people.PASSWORD)
        await review(inspector, url, agent.case_id, shot)
        await _collect(inspector, url, agent.case_id, outcome, folder)
        if with_callback:
            await issue_policy(url, core_api_key, people.PROPOSAL_NO)
            link = await outbox.link(people.POLICYHOLDER[1], r"(https?://\S*/m/c#k=[\w\-]+)")
            page = await phone_a.new_page()
            await answer_callback(page, link, shot)
            outcome.callback = await api(agent.person.page, url, f"/api/v1/cases/{agent.case_id}/callback")
        outcome.faults = [f"{p.name}: {fault}" for p in (agent.person, first.person, second.person) for fault in p.faults]
    return outcome


async def _record(
    url: str, agent: Agent, first: Customer, second: Customer, cast: people.Cast, outbox: Outbox, outcome: Outcome, shot: Shots
) -> None:
    await sign_in(agent.person.page, url, people.AGENT, people.PASSWORD)
    await shot(agent.person.page, "desk-cases")
    outcome.case_id = await agent.open_case(people.PROPOSAL_NO, cast.images)
    code = await agent.create_session()
    outcome.session_id = agent.session_id
    await agent.enter()
    await first.join(code, outbox.code)
    await second.join(code, outbox.code)
    await shot(first.person.page, "phone-lobby")
    await agent.start()
    tasks = [asyncio.create_task(first.take_part()), asyncio.create_task(second.take_part())]
    try:
        driving = asyncio.create_task(agent.run_nodes())
        tasks.append(driving)
        while not driving.done():  # whoever fails first ends the run with its reason
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED, timeout=1)
            for task in done:
                task.result()
        outcome.recorded_s = await agent.recorded_s()
        await shot(agent.person.page, "desk-room-ended")
        await asyncio.gather(*tasks)
        await shot(first.person.page, "phone-ended")
    except (Stuck, TimeoutError) as error:
        for person in (agent.person, first.person, second.person):
            await shot(person.page, f"stuck-{person.name}")
        phones = {
            p.name: " ".join((await p.page.locator("body").inner_text()).split())[:300] for p in (first.person, second.person)
        }
        raise Stuck(f"{error or 'time over'}; {await agent.describe()}; phones {phones}") from error
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    outcome.nodes = agent.visited
    await agent.person.page.goto(f"{url}/desk/cases/{agent.case_id}")
    with contextlib.suppress(Timeout):  # for the picture's sake alone
        await agent.person.page.wait_for_selector('[data-testid="case-progress"]')
    await shot(agent.person.page, "desk-case-progress")


async def _collect(page: Page, url: str, case_id: str, outcome: Outcome, folder: Path) -> None:
    recordings = await api(page, url, f"/api/v1/recordings?case_id={case_id}")
    outcome.recording_id = recordings["items"][0]["id"]
    base = f"/api/v1/recordings/{outcome.recording_id}"
    outcome.recording = await api(page, url, base)
    outcome.answers = await api(page, url, f"{base}/answers")
    outcome.ledger = await api(page, url, f"{base}/ledger")
    outcome.checks = await api(page, url, f"{base}/checks")
    outcome.package = await download_package(page, url, outcome.recording_id, folder / f"{outcome.recording_id}.zip")
