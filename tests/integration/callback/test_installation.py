"""What an installation brings along: its insurer's name, and shipped files that an upgrade changes under a running service."""

import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from server.app import build_app
from server.bootstrap import read_shipped
from server.callbacks import library
from server.settings import DEMO_INSURER, DEMO_INSURER_PHONE, DEMO_INSURER_SHORT, Settings
from tests.support.callbacks import Customer, messages, whole_policy
from tests.support.core import Service, running

BOOKS = "/api/v1/callback-rulebooks"
PHONE = "13700008888"


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the shipped files that a test may change; read anew, as by a new process, and forgotten afterwards."""
    folder = tmp_path / "shipped"
    shutil.copytree(library.FOLDER, folder)
    monkeypatch.setattr(library, "FOLDER", folder)
    forget()
    yield folder
    forget()


def forget() -> None:
    """What a process that ends forgets."""
    for read in (library._shipped, library._former, library.shipped_rulebook, library.shipped_questionnaire):
        read.cache_clear()


def change(path: Path, edit: Callable[[str], str]) -> None:
    before = path.read_text(encoding="utf-8")
    path.write_text(edit(before), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != before


def upgrade(folder: Path) -> None:
    """The next release: other numbers and texts, as versions of their own."""
    change(folder / "rulebooks" / "S1.yaml", lambda text: text.replace("min_answer_seconds: 60", "min_answer_seconds: 75"))
    change(folder / "rulebooks" / "S1.yaml", lambda text: text.replace("version: 2", "version: 3"))
    change(folder / "questionnaires" / "S1.yaml", lambda text: text.replace("感谢您购买我公司保险产品", "衷心感谢您"))
    change(folder / "questionnaires" / "S1.yaml", lambda text: text.replace("version: 1", "version: 2"))


@pytest.fixture
async def service(shipped: Path, settings: Settings) -> AsyncIterator[Service]:
    async with running(settings) as it:
        yield it


async def test_files_that_change_under_a_running_service_are_not_its_own(service: Service, shipped: Path) -> None:
    """Code and data of a release belong together: a field that this code does not know, or a broken file, stops nobody."""
    core, admin = await service.core(), await service.sign_in("admin")
    change(shipped / "rulebooks" / "S1.yaml", lambda text: text + "a_rule_of_the_next_release: {days: 3}\n")
    change(shipped / "rulebook-former.yaml", lambda text: text + "a_rule_of_the_next_release: {days: 0}\n")
    (shipped / "rulebooks" / "S0.yaml").unlink()
    change(shipped / "questionnaires" / "S1.yaml", lambda _: "{")
    upgrade_of_form = await admin.ask("GET", "/api/v1/callback-questionnaires")
    assert "S1" in {item["id"] for item in upgrade_of_form["items"]}
    assert {item["id"] for item in (await admin.ask("GET", BOOKS))["items"]} >= {"S0", "S1"}
    await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201)
    customer = Customer(service, PHONE)
    assert (await customer.open())["min_answer_seconds"] == 60
    await customer.prove_by_code()
    assert (await customer.to_questions())["questions"]
    nobody = await service.anonymous()
    assert (await nobody.raw("GET", "/api/v1/openapi.json")).status == 200


async def test_after_an_upgrade_a_callback_keeps_the_rules_it_began_with(service: Service, shipped: Path) -> None:
    core = await service.core()
    taken = await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201)
    upgrade(shipped)
    forget()
    new = TestServer(build_app(service.context))  # the next process on the same database
    await new.start_server()
    try:
        after = Service(new, service.context, service.clock, service.callers)
        earlier = Customer(after, PHONE)
        assert (await earlier.open())["min_answer_seconds"] == 60
        await earlier.prove_by_code()
        questions = await earlier.to_questions()
        assert questions["questions"]
        core = await after.core()
        body = whole_policy(after, "00001354407800002")
        body["policyholder"] |= {"cert_no": "E87654321", "phone": "13700009999"}
        await core.ask("POST", "/api/v1/policies", json=body, status=201)
        later = Customer(after, "13700009999")
        assert (await later.open())["min_answer_seconds"] == 75
        admin = await after.sign_in("admin")
        assert (await admin.ask("GET", f"{BOOKS}/S1/versions/3"))["data"]["answering"]["min_answer_seconds"] == 75
        operator = await after.sign_in("sunqi")
        view = await operator.ask("GET", f"/api/v1/callbacks/{taken['callback_id']}")
        assert (view["rulebook"], view["rulebook_version"]) == ("S1", 2)
    finally:
        await new.close()


def test_everything_shipped_is_read_at_once(shipped: Path) -> None:
    read_shipped()
    shutil.rmtree(shipped)
    assert library.shipped_rulebook("S2").id == "S2"
    assert library.shipped_questionnaire("S2").id == "S2"
    own = library.shipped_data("rulebooks", "S1")
    own["phone"]["number"] = "changed"
    assert library.shipped_data("rulebooks", "S1")["phone"]["number"] != "changed", "what is handed out is the caller's own"


async def test_customers_read_one_insurer_from_the_recording_to_the_callback(service: Service) -> None:
    """Shipped rulebooks come from several companies' documents; used here, they speak for this installation's insurer."""
    settings, core = service.context.settings, await service.core()
    assert (settings.insurer_name, settings.insurer_short_name) == (DEMO_INSURER, DEMO_INSURER_SHORT)
    assert settings.insurer_phone == DEMO_INSURER_PHONE
    settings.insurer_name, settings.insurer_short_name = "长安人寿保险有限公司", "长安人寿"
    settings.insurer_phone = "010-00000000"
    await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201)
    customer = Customer(service, PHONE)
    entry = await customer.open()
    assert (entry["insurer"], entry["desk_phone"]) == ("长安人寿保险有限公司", "010-00000000")
    said = [text for template, text in await messages(service.context, PHONE) if template.startswith("callback_")]
    assert [text[: len("【长安人寿】")] for text in said] == ["【长安人寿】"]
    admin = await service.sign_in("admin")
    listed = {item["id"]: item for item in (await admin.ask("GET", BOOKS))["items"]}
    assert {item["insurer"] for item in listed.values()} == {"长安人寿保险有限公司"}
    assert listed["S0"]["source"].startswith("长生人寿"), "where its rules come from stays"
    shown = await admin.ask("GET", f"{BOOKS}/S1/versions/2")
    assert (shown["data"]["insurer"], shown["data"]["sms"]["sender"]) == ("长安人寿保险有限公司", "长安人寿")
    assert len(listed) >= 5
    for name, item in listed.items():
        data = (await admin.ask("GET", f"{BOOKS}/{name}/versions/{item['versions'][0]}"))["data"]
        numbers = (data["phone"]["number"], data["phone"].get("inbound_number", ""))
        assert numbers == ("010-00000000", ""), "no other company's telephone number"
    data = {**shown["data"], "insurer": "长安人寿上海分公司"}
    await admin.ask("POST", f"{BOOKS}/S1/versions", json={"data": data, "note": "分公司"}, status=201)
    listed = {item["id"]: item for item in (await admin.ask("GET", BOOKS))["items"]}
    assert listed["S1"]["insurer"] == "长安人寿上海分公司", "what is published is used as it is"


@pytest.mark.parametrize(("name", "version"), [("S0", 4), ("S2", 3)])
async def test_questionnaires_name_the_insurer_of_the_rulebook(service: Service, name: str, version: int) -> None:
    service.context.settings.callback_rulebook = name
    admin = await service.sign_in("admin")
    form = await admin.ask("GET", f"/api/v1/callback-questionnaires/{name}/versions/{version}")
    text = form["data"]["notice"] + form["data"]["thanks"]
    assert "{insurer}" in text
    assert "{insurer_phone}" in text
    assert not any(other in text for other in ("长生人寿", "爱心"))
    assert not re.search(r"\d[\d-]{6,}", text), "no company's telephone number stands in a shipped text"
    sample = {"product_type": "health", "payment_mode": "single_pay", "has_recording": False}
    preview = await admin.ask(
        "POST", f"/api/v1/callback-questionnaires/{name}/preview", json={"data": form["data"], "sample": sample}, status=200
    )
    assert "{" not in preview["notice"]
