"""The workday calendar through the real application: read, checked, published in versions, and followed by every process."""

from datetime import date
from typing import Any

import sqlalchemy as sa

from server.audits.tables import audit_entries
from server.callbacks import calendars
from server.callbacks.library import installed_calendar, use_published_years
from tests.support.core import Service
from tests.unit.callback.test_calendar_years import NOTICE_2026

BASE = "/api/v1/workday-calendar"
TEXT_2027 = "1月1日至3日放假，共3天。2月5日至12日放假，共8天。2月20日上班。4月3日至5日放假。5月1日至5日放假。10月1日至7日放假。"


async def draft(admin: Any, year: int, text: str, version: int = 0) -> dict[str, Any]:
    read = await admin.ask("POST", f"{BASE}/{year}/text", json={"text": text})
    assert read["faults"] == []
    days = {key: read[key] for key in ("holidays", "workdays")}
    shown = await admin.ask("POST", f"{BASE}/{year}/preview", json=days)
    assert shown["faults"] == []
    return {**days, "note": "国务院办公厅通知", "base_version": version}


async def test_a_year_is_read_checked_and_published_and_counts_at_once(service: Service) -> None:
    admin = await service.sign_in("admin")
    rows = {row["year"]: row for row in (await admin.ask("GET", BASE))["items"]}
    assert (rows[2026]["source"], rows[2027]["source"], rows[2027]["is_needed"]) == ("shipped", "estimated", False)
    assert installed_calendar()[0].is_workday(date(2027, 2, 12)), "an estimate knows four days of Spring Festival"
    body = await draft(admin, 2027, TEXT_2027)
    year = await admin.ask("POST", f"{BASE}/2027/versions", json=body, status=201)
    assert (year["source"], year["version"], year["versions"][0]["published_by"][:6]) == ("published", 1, "staff:")
    assert year["months"][1][4:12] == "hoohhhhh"
    calendar, _ = installed_calendar()
    assert (calendar.is_workday(date(2027, 2, 12)), calendar.is_workday(date(2027, 2, 20))) == (False, True)
    assert not calendar.is_estimated(date(2027, 2, 12))
    async with service.context.db.read() as tx:
        noted = (await tx.execute(sa.select(audit_entries).where(audit_entries.c.action == "workday_calendar.published"))).one()
    assert noted.subject == "2027"


async def test_a_version_is_never_changed_and_never_overwritten_by_an_older_form(service: Service) -> None:
    admin = await service.sign_in("admin")
    first = await draft(admin, 2026, NOTICE_2026)
    await admin.ask("POST", f"{BASE}/2026/versions", json=first, status=201)
    second = {**first, "workdays": first["workdays"][1:], "note": "更正", "base_version": 1}
    year = await admin.ask("POST", f"{BASE}/2026/versions", json=second, status=201)
    assert [(v["version"], v["note"]) for v in year["versions"]] == [(2, "更正"), (1, "国务院办公厅通知")]
    params = await admin.refused("POST", f"{BASE}/2026/versions", 409, "CALENDAR_CHANGED", json=second)
    assert params["version"] == 2


async def test_what_is_wrong_is_refused_and_only_administrators_publish(service: Service) -> None:
    admin = await service.sign_in("admin")
    body = await draft(admin, 2027, TEXT_2027)
    wrong = {**body, "workdays": ["2027-02-19"]}
    params = await admin.refused("POST", f"{BASE}/2027/versions", 422, "CALENDAR_INVALID", json=wrong)
    assert params["faults"] == [{"code": "NOT_A_WEEKEND", "day": "2027-02-19", "text": ""}]
    days = {key: wrong[key] for key in ("holidays", "workdays")}
    shown = await admin.ask("POST", f"{BASE}/2027/preview", json=days)
    assert shown["faults"] == params["faults"]
    for year in ("1999", "20xx", "2101"):
        await admin.refused("GET", f"{BASE}/{year}", 404, "CALENDAR_YEAR_UNKNOWN")
    await admin.refused("POST", f"{BASE}/2027/versions", 422, "REQUEST_INVALID", json={**body, "note": ""})
    operator = await service.sign_in("sunqi")
    assert (await operator.ask("GET", f"{BASE}/2026"))["source"] == "shipped"
    await operator.refused("POST", f"{BASE}/2027/versions", 403, "FORBIDDEN", json=body)


async def test_another_process_takes_over_what_was_published(service: Service) -> None:
    admin = await service.sign_in("admin")
    await admin.ask("POST", f"{BASE}/2027/versions", json=await draft(admin, 2027, TEXT_2027), status=201)
    use_published_years({})  # a process that has just started
    assert installed_calendar()[0].is_estimated(date(2027, 2, 12))
    await calendars.refresh(service.context)
    assert not installed_calendar()[0].is_estimated(date(2027, 2, 12))
