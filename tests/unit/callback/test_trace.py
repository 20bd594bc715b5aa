"""The trace of a callback in words: every kind of event has a title, every rule a name, and no detail shows raw data."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from server.callbacks import trace
from server.callbacks.evidence import proof_text
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
    assert trace.rule_text("S0.A15") == "上门和信函，参照山东指引第 15 条（S0.A15）", "an article is not the insurer's own"
    assert trace.rule_text("S1.E9") == "核验失败锁定（S1.E9）"
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


def test_questions_stand_by_their_names_not_their_numbers() -> None:
    names = trace.question_names(
        [
            {"id": "Q3", "text": "…", "subject": "insured_signature"},
            {"id": "Q9", "text": "这是一道没有对应双录内容的很长很长的题目，是吗？"},
        ]
    )
    event = Event(AT, "created", "S1.E1", State.OPEN, {"skipped": {"Q3": "condition:x", "Q9": "condition:y", "Q7": "z"}})
    told = trace.detail(event, "Asia/Shanghai", names)
    assert told == "按规则不问：被保险人签名（Q3）、这是一道没有对应双录内容的很长很…（Q9）、Q7"
    found = Event(AT, "problem_found", "S1.E7", State.PROBLEM, {"unexpected": ["Q3"], "contradictions": [{"question": "Q3"}]})
    assert (
        trace.detail(found, "Asia/Shanghai", names) == "回答异常的题：被保险人签名（Q3）；与双录陈述矛盾的题：被保险人签名（Q3）"
    )


def test_the_proof_of_an_identity_reads_in_words() -> None:
    proof: dict[str, Any] = {"similarity": 0.7677024602890015, "threshold": 0.4, "challenge": "digits", "asked": "3917"}
    like = "与留存照片相似度 0.77，要求 0.40 以上"
    assert proof_text({**proof, "is_live": True, "heard": "3917"}) == (
        f"{like}；防冒用动作：朗读数字（3917），动作与要求一致，听到 3917"
    )
    turns = {**proof, "challenge": "turns", "asked": ["straight", "turn_left"], "is_live": None, "heard": None}
    assert proof_text(turns) == f"{like}；防冒用动作：按提示转头（正对屏幕、向左转头），动作没有测到"
    assert proof_text({"method": "sms_code", "phone_masked": "137****8888"}) == "验证码发送至登记手机 137****8888"
