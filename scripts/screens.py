"""`make screens`: screenshots of every page into docs/screens (desk 1440x900, phone 390x844), from one whole case and a tour.

What only an unusual course shows (camera refused, no network, a rejection) is taken by the page tests: `DR_SCREENS=docs/screens`.
"""

import argparse
import asyncio
import tempfile
from pathlib import Path

from playwright.async_api import async_playwright

from scripts.demo import after, cast
from scripts.demo.browser import chromium
from scripts.demo.drive import sign_in
from scripts.demo.service import RunningService, running
from scripts.demo.whole_case import Shots, run
from server.settings import ROOT

TOUR: dict[str, list[tuple[str, str]]] = {
    cast.AGENT: [
        ("devices", "desk-devices"),
        ("account", "desk-account"),
        ("admin/users", "desk-denied"),
        ("no-such-page", "desk-not-found"),
    ],
    cast.ADMINISTRATOR: [
        ("overview", "desk-overview"),
        ("custody", "desk-custody"),
        ("disposals", "desk-disposals"),
        ("inspection-statistics", "desk-inspection-statistics"),
        ("admin/users", "desk-admin-users"),
        ("admin/scripts", "desk-admin-scripts"),
        ("admin/scripts/standard-life/1", "desk-admin-script"),
        ("admin/outbox", "desk-admin-outbox"),
        ("admin/audits", "desk-admin-audits"),
        ("admin/health", "desk-admin-health"),
        ("admin/jobs", "desk-admin-jobs"),
        ("admin/webhooks", "desk-admin-webhooks"),
        ("callback-rules", "desk-callback-rules"),
        ("workday-calendar", "desk-workday-calendar"),
    ],
    cast.OPERATOR: [
        ("callbacks", "desk-callbacks"),
        ("service-calls", "desk-service-calls"),
        ("callback-numbers", "desk-callback-numbers"),
        ("phone-warnings", "desk-phone-warnings"),
        ("callback-reports", "desk-callback-reports"),
        ("callback-samples", "desk-callback-samples"),
        ("callback-statistics", "desk-callback-statistics"),
    ],
}


async def _tour(service: RunningService, shots: Shots) -> None:
    async with async_playwright() as playwright:
        for user, pages in TOUR.items():
            async with chromium(None, is_phone=False, playwright=playwright) as desk:
                page = await desk.new_page()
                if user == cast.ADMINISTRATOR:
                    await page.goto(f"{service.url}/desk/")
                    await page.wait_for_selector('[data-testid="login-submit"]')
                    await shots(page, "desk-sign-in")
                    await page.goto(f"{service.url}/desk/register")
                    await page.wait_for_load_state("networkidle")
                    await shots(page, "desk-register")
                await sign_in(page, service.url, user, cast.PASSWORD)
                for path, name in pages:
                    await page.goto(f"{service.url}/desk/{path}")
                    await page.wait_for_load_state("networkidle")
                    await asyncio.sleep(1)
                    await shots(page, name)
        async with chromium(None, is_phone=True, playwright=playwright) as phone:
            page = await phone.new_page()
            await page.goto(f"{service.url}/m/")
            await page.fill('[data-testid="join-code"]', "000000")
            await asyncio.sleep(1.5)
            await shots(page, "phone-code-wrong")


async def _main(folder: Path, *, is_tour_only: bool) -> None:
    shots = Shots(folder)
    with tempfile.TemporaryDirectory() as scratch:
        async with running(Path(scratch) / "data") as service:
            if not is_tour_only:
                outcome = await run(service.url, service.core_api_key, Path(scratch), shots)
                async with async_playwright() as playwright:
                    await after.picture(playwright, service, outcome, shots)
            await _tour(service, shots)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Screenshots of every page")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "screens")
    parser.add_argument("--tour", action="store_true", help="only the pages that need no case; other pictures stay")
    options = parser.parse_args()
    folder: Path = options.to
    asyncio.run(_main(folder, is_tour_only=options.tour))
    print(f"{len(list(folder.glob('*.png')))} screenshots in {folder}")


if __name__ == "__main__":
    main()
