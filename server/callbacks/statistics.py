"""Figures of a period: completion, channel, first-day rate, problem reasons, per organisation. For people who answer for them."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from server.callbacks.admin_schemas import Statistics, StatisticsRow
from server.callbacks.service import calendar
from server.callbacks.tables import callback_events, callbacks
from server.domain.callback.case import FINAL, State
from server.http.problem import Problem
from storage.db.engine import Tx

MAX_DAYS = 400
_FINISHED = {state.value for state in FINAL}


async def figures(tx: Tx, since: date, until: date, org_code: str = "") -> Statistics:
    """Callbacks created between two local dates, both included. 422 `PERIOD_INVALID`."""
    if not since <= until <= since + timedelta(days=MAX_DAYS):
        raise Problem(422, "PERIOD_INVALID", max_days=MAX_DAYS)
    begin, end = calendar().at(since), calendar().at(until + timedelta(days=1))
    where = [callbacks.c.created_at >= begin, callbacks.c.created_at < end]
    if org_code:
        where.append(callbacks.c.org_code == org_code)
    problem = sa.exists().where(callback_events.c.callback_id == callbacks.c.id, callback_events.c.kind == "problem_found")
    contradiction = sa.exists().where(
        callback_events.c.callback_id == callbacks.c.id,
        callback_events.c.kind == "problem_found",
        callback_events.c.rule.like("%.E7"),
    )
    rows = [
        dict(row)
        for row in (
            await tx.execute(
                sa.select(
                    callbacks.c.org_code,
                    callbacks.c.state,
                    callbacks.c.channel,
                    callbacks.c.problem_category,
                    callbacks.c.created_at,
                    callbacks.c.finished_at,
                    problem.correlate(callbacks).label("problem"),
                    contradiction.correlate(callbacks).label("contradiction"),
                ).where(*where)
            )
        ).mappings()
    ]
    orgs = sorted({str(row["org_code"]) for row in rows})
    reasons = Counter(str(row["problem_category"]) or "unclassified" for row in rows if row["problem"])
    return Statistics(
        since=since,
        until=until,
        all=_row("", rows),
        by_org=[_row(org, [row for row in rows if row["org_code"] == org]) for org in orgs],
        problem_reasons=dict(reasons.most_common()),
    )


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
        completion_share=_share(len(done), len(rows)),
        electronic_share=_share(channels["electronic"], len(done)),
        first_day_share=_share(first_day, len(rows)),
    )


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


def to_csv(statistics: Statistics) -> bytes:
    """CSV with a byte-order mark, as spreadsheet programs expect of Chinese text."""
    text = io.StringIO()
    csv.writer(text).writerows(lines(statistics))
    return b"\xef\xbb\xbf" + text.getvalue().encode()
