"""One whole case in three real browsers, run once for all tests of this folder."""

import zipfile
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
import yaml
from playwright.async_api import Page

from scripts.demo.browser import CHROMIUM
from scripts.demo.drive import Stuck
from scripts.demo.service import RunningService, running
from scripts.demo.whole_case import Outcome, Shots, run
from server.recordings.rulebook import PATH
from tests.e2e.a11y import Looks

BEFORE_THE_ROOM = {"phone-code", "phone-last4", "phone-roles", "phone-consents", "phone-devices"}


@dataclass(slots=True)
class LookingShots(Shots):
    """Pictures, and a close look at the pages of joining; in the room nothing may disturb the call."""

    looks: Looks = field(default_factory=Looks)

    async def __call__(self, page: Page, name: str) -> None:
        """Take the picture and look."""
        await Shots.__call__(self, page, name)
        if name in BEFORE_THE_ROOM:
            await self.looks(page, name)


@dataclass(frozen=True, slots=True)
class WholeCase:
    """A finished case, its service still running, and its package unpacked."""

    service: RunningService
    outcome: Outcome
    package: Path
    looks: Looks


def _less_to_watch(path: Path) -> Path:
    """An installation's own rules: every node is looked at, not the whole film, which takes minutes (`make demo-case` does)."""
    rules = yaml.safe_load(PATH.read_text(encoding="utf-8"))
    rules["watch"]["shares"] = dict.fromkeys(rules["watch"]["shares"], 0.0)
    path.write_text(yaml.safe_dump(rules, allow_unicode=True), encoding="utf-8")
    return path


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def whole_case(
    tmp_path_factory: pytest.TempPathFactory, need: Callable[[str, str], None], model_dir: Path, testdata: Path
) -> AsyncIterator[WholeCase]:
    if not Path(CHROMIUM).exists():
        need("Chromium", "apt-get install chromium, or set DR_CHROMIUM")
    folder = tmp_path_factory.mktemp("case")
    rules = _less_to_watch(folder / "inspection-rulebook.yaml")
    async with running(folder / "data", DR_MODEL_DIR=str(model_dir), DR_INSPECTION_RULEBOOK=str(rules)) as service:
        try:
            shots = LookingShots(folder / "shots")
            outcome = await run(service.url, service.core_api_key, folder, shots)
        except Stuck as error:
            pytest.fail(f"{error}\nlogs and pictures: {folder}", pytrace=False)
        assert outcome.package is not None
        unpacked = folder / "package"
        with zipfile.ZipFile(outcome.package) as zipped:
            zipped.extractall(unpacked)
        yield WholeCase(service, outcome, unpacked, shots.looks)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A whole case takes minutes: the prompts are spoken in real time, and the callback has its minute of reading."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(1800))
