"""Figures of a period: completion, channel, first-day rate, problem reasons, per organisation. For people who answer for them."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from server.callbacks.admin_schemas import Statistics, StatisticsDay, StatisticsRow
from server.callbacks.forms import CATEGORIES
from server.callbacks.service import calendar
from server.callbacks.sheets import sheet
from server.callbacks.tables import callback_events, callbacks
from server.context import Context
from server.domain.callback.case import FINAL, State
from server.http.problem import Problem
from storage.db.engine import Tx

MAX_DAYS = 400
_FINISHED = {state.value for state in FINAL}


async def figures(tx: Tx, context: Context, since: date, until: date, org_code: str = "") -> Statistics:
    """Callbacks created between two local dates, both included. 422 `PERIOD_INVALID`."""
    if not since <= until <= since + timedelta(days=MAX_DAYS):
        raise Problem(422, "PERIOD_INVALID", max_days=MAX_DAYS)
    begin, end = calendar().at(since), calendar().at(until + timedelta(days=1))
    where = [callbacks.c.created_at >= begin, callbacks.c.created_at < end]
    if org_code:
        where.append(callbacks.c.org_code == org_code)
    problem = sa.exists().where(callback_events.c.callback_id == callbacks.c.id, callback_events.c.kind == "problem_found")
    rows = [
        dict(row)
        for row in (
            await tx.execute(
                sa.select(
                    callbacks.c.id,
                    callbacks.c.org_code,
                    callbacks.c.state,
                    callbacks.c.result,
                    callbacks.c.channel,
                    callbacks.c.problem_category,
                    callbacks.c.created_at,
                    callbacks.c.finished_at,
                    problem.correlate(callbacks).label("problem"),
                ).where(*where)
            )
        ).mappings()
    ]
    orgs = sorted({str(row["org_code"]) for row in rows})
    unexpected, contradicting = await _problems(tx, context, [str(row["id"]) for row in rows if row["problem"]])
    for row in rows:
        row["contradiction"] = row["id"] in contradicting
    reasons = Counter(str(row["problem_category"]) or "unclassified" for row in rows if row["problem"])
    return Statistics(
        since=since,
        until=until,
        all=_row("", rows),
        by_org=[_row(org, [row for row in rows if row["org_code"] == org]) for org in orgs],
        by_day=_days(rows),
        problem_reasons=dict(reasons.most_common()),
        unexpected_questions=dict(unexpected.most_common()),
    )


def _days(rows: list[dict[str, Any]]) -> list[StatisticsDay]:
    by_day: dict[date, list[dict[str, Any]]] = {}
    for row in rows:
        by_day.setdefault(calendar().local_date(row["created_at"]), []).append(row)
    return [
        StatisticsDay(
            day=day,
            total=len(found),
            success=sum(1 for row in found if row["state"] == State.SUCCESS.value),
            electronic=sum(1 for row in found if row["state"] == State.SUCCESS.value and row["channel"] == "electronic"),
            problem=sum(1 for row in found if row["problem"]),
        )
        for day, found in sorted(by_day.items())
    ]


def _row(org_code: str, rows: list[dict[str, Any]]) -> StatisticsRow:
    done = [row for row in rows if row["state"] == State.SUCCESS.value]
    channels = Counter(str(row["channel"]) for row in done)
    first_day = sum(1 for row in done if calendar().local_date(row["finished_at"]) == calendar().local_date(row["created_at"]))
    finished = sum(1 for row in rows if row["state"] in _FINISHED)
    return StatisticsRow(
        org_code=org_code,
        total=len(rows),
        finished=finished,
        success=len(done),
        electronic=channels["electronic"],
        phone=channels["phone"] + channels["inbound"],
        paper=channels["visit"] + channels["letter"],
        problem=sum(1 for row in rows if row["problem"]),
        contradiction=sum(1 for row in rows if row["contradiction"]),
        open=len(rows) - finished,
        first_day=first_day,
        failed_number=sum(1 for row in rows if _is_out_of_reach(row)),
        completion_share=_share(len(done), len(rows)),
        electronic_share=_share(channels["electronic"], len(done)),
        first_day_share=_share(first_day, len(rows)),
    )


def _is_out_of_reach(row: dict[str, Any]) -> bool:
    """Whether the phone gave up on a customer. Who is called again by plan, or answers just now, is not out of reach."""
    return row["result"] == "phone_failed" and row["state"] not in (State.PHONE.value, State.IN_PROGRESS.value)


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


HEADINGS = {
    "org_code": "机构",
    "total": "应回访",
    "success": "成功",
    "completion_share": "完成率",
    "electronic": "电子",
    "phone": "电话",
    "paper": "上门和信函",
    "first_day": "当日完成",
    "first_day_share": "当日完成率",
    "failed_number": "联系不上",
    "problem": "问题件",
    "contradiction": "与双录矛盾",
    "open": "未结",
}


def lines(statistics: Statistics) -> Iterable[list[str]]:
    """The table as lines of text: a heading, every organisation, the sum."""
    yield list(HEADINGS.values())
    for row in (*statistics.by_org, statistics.all):
        plain = row.model_dump() | {"org_code": row.org_code or "合计"}
        yield ["" if plain[key] is None else str(plain[key]) for key in HEADINGS]


async def _problems(tx: Tx, context: Context, ids: list[str]) -> tuple[Counter[str], set[str]]:
    """Which questions were answered otherwise than expected, by id; and the callbacks that contradict their recording."""
    found: Counter[str] = Counter()
    contradicting: set[str] = set()
    for first in range(0, len(ids), 200):
        table = callback_events.c
        query = sa.select(callback_events).where(table.callback_id.in_(ids[first : first + 200]), table.kind == "problem_found")
        for row in (await tx.execute(query)).mappings():
            place = f"callback_events.data:{row['callback_id']}:{row['seq']}"
            data = orjson.loads(context.cipher.decrypt(row["data_enc"], place))["data"]
            found.update(data.get("unexpected", []))
            if data.get("contradictions"):
                contradicting.add(str(row["callback_id"]))
    return found, contradicting


async def to_xlsx(statistics: Statistics) -> bytes:
    """A workbook: organisations, days, reasons."""
    table: list[list[Any]] = [list(HEADINGS.values())]
    for row in (*statistics.by_org, statistics.all):
        plain = row.model_dump() | {"org_code": row.org_code or "合计"}
        table.append([plain[key] for key in HEADINGS])
    days: list[list[Any]] = [["日期", "应回访", "成功", "其中电子", "问题件"]]
    days += [[d.day.isoformat(), d.total, d.success, d.electronic, d.problem] for d in statistics.by_day]
    reasons: list[list[Any]] = [["问题件原因", "件数"]]
    reasons += [[CATEGORIES.get(code, "未归类"), count] for code, count in statistics.problem_reasons.items()]
    reasons += [[], ["回答异常的题目", "次数"], *([code, count] for code, count in statistics.unexpected_questions.items())]
    return await sheet("按机构", table, ("按日期", days), ("原因", reasons))


def to_csv(statistics: Statistics) -> bytes:
    """CSV with a byte-order mark, as spreadsheet programs expect of Chinese text."""
    text = io.StringIO()
    csv.writer(text).writerows(lines(statistics))
    return b"\xef\xbb\xbf" + text.getvalue().encode()
