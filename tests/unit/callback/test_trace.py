"""The trace of a callback in words: every kind of event has a title, every rule a name, and no detail shows raw data."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from server.callbacks import trace
from server.domain.callback.case import Event, State
from server.settings import ROOT

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
DOMAIN = [path.read_text(encoding="utf-8") for path in (ROOT / "server" / "domain" / "callback").glob("*.py")]


def test_every_event_has_a_title_and_every_rule_a_name() -> None:
    kinds = {kind for text in DOMAIN for kind in re.findall(r'(?:Event\(\s*\w+(?:\.\w+)?,|_step\(case, now,)\s*"(\w+)"', text)}
    rules = {rule for text in DOMAIN for rule in re.findall(r'\.rule\(\s*"(\w+)"', text)}
    assert len(kinds) > 20
    assert len(rules) > 15
    assert kinds <= set(trace.TITLES)
    assert rules <= set(trace.RULES)
    assert trace.rule_text("S3.A11.2") == "服务回访（S3.A11.2）"
    assert trace.rule_text("S9.X") == "S9.X", "a rule without a name keeps its number"


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        ("created", {"skipped": {"Q3": "condition:insured_is_other", "Q5": "x"}}, "按规则不问：Q3、Q5"),
        ("sms_sent", {"number": 2}, "第 2 条"),
        ("identity_passed", {"entry": "link", "method": "face", "on": "2026-03-02"}, "人脸核验；从短信链接进入"),
        ("identity_passed", {"entry": "web", "is_reused": True}, "同一次办理中已经核验过，不再重复；从网页入口进入"),
        ("identity_failed", {"on": "2026-03-02", "left": 4}, "当日还可以核验 4 次"),
        ("identity_locked", {"on": "2026-03-02"}, "2026/03/02 当天不能再核验"),
        ("answers_submitted", {"answers": {"Q1": "yes", "Q12": "no"}, "remark": "好"}, "回答 2 题，其中 Q12 答“否”；备注：好"),
        ("left", {"reason": "idle"}, "停留太久没有操作；没有保留回答"),
        ("succeeded", {"channel": "electronic", "answers": {"Q1": "yes"}}, "电子回访；回答 1 题，全部答“是”"),
        (
            "problem_found",
            {"unexpected": ["Q6"], "contradictions": [{"question": "Q5"}]},
            "回答异常的题：Q6；与双录陈述矛盾的题：Q5",
        ),
        (
            "call_unsuccessful",
            {"reason": "no_answer", "next_call_at": "2026-03-02T06:00:00+00:00"},
            "无人接听；2026/03/02 14:00 再次拨打",
        ),
        ("number_confirmed", {"phone": "13700008888"}, "新号码 137****8888"),
        ("escalated", {"channel": "visit"}, "转上门回访"),
        ("problem_classified", {"category": "misconduct", "next": "explanation"}, "销售人员涉嫌违规；下一步：沟通解释"),
        ("closed", {"reason": "犹豫期退保", "by": "close"}, "犹豫期退保"),
        ("notice_confirmed", {}, ""),
        ("something_new", {"raw": 1}, ""),
    ],
)
def test_details_read_in_words(kind: str, data: dict[str, Any], words: str) -> None:
    assert trace.detail(Event(AT, kind, "S1.E1", State.OPEN, data), "Asia/Shanghai") == words


def test_nothing_is_missed_where_the_history_kept_little() -> None:
    for kind in trace.TITLES:
        assert "{" not in trace.detail(Event(AT, kind, "S1.E1", State.OPEN, {}), "Asia/Shanghai")
