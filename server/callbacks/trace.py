"""A callback's history in plain words: what each event was, what exactly happened, and the name of the rule behind it.

The raw events stay as they are (`events.json` of an evidence export); these words are made from them whenever somebody reads.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from server.callbacks.forms import CATEGORIES
from server.domain.callback.case import Event, contradicted_question
from server.domain.masking import mask_phone

Data = Mapping[str, Any]

TITLES = {
    "created": "建立回访",
    "sms_sent": "发送短信",
    "opened": "开放回访",
    "identity_passed": "身份核验通过",
    "identity_failed": "身份核验未通过",
    "identity_locked": "当日锁定",
    "identity_carried": "沿用其他保单的核验失败记录",
    "unlocked": "解除锁定",
    "identity_days_exhausted": "连续多日核验失败",
    "link_renewed": "重发链接",
    "notice_confirmed": "确认须知",
    "questionnaire_rendered": "打开问卷",
    "answers_submitted": "提交回答",
    "answers_reopened": "返回修改",
    "signed": "签名",
    "left": "离开",
    "aborted": "中止回访",
    "window_ended": "电子回访到期",
    "phone_first": "直接电话回访",
    "succeeded": "回访成功",
    "problem_found": "发现问题",
    "call_unsuccessful": "电话未接通",
    "phone_gave_up": "电话联系未成功",
    "no_phone": "未留电话",
    "phone_changed": "手机号码变更",
    "number_confirmed": "号码已核实",
    "phone_retried": "再次拨打",
    "escalated": "转上门或信函",
    "paper_unsuccessful": "上门或信函没有联系到客户",
    "problem_classified": "问题归类",
    "explained": "已沟通解释",
    "visit_form_returned": "解释件已回收",
    "re_signed": "已补签名",
    "verification_failed": "核实未通过",
    "closed": "关闭",
    "expired": "到期",
}
RULES = {
    "E1": "回访对象",
    "E2": "回访入口",
    "E3": "短信提醒",
    "E4": "开放时间",
    "E5": "电子回访期限",
    "E6": "期限之后",
    "E7": "问题件由电话处理",
    "E8": "身份核验方式",
    "E9": "核验失败锁定",
    "E10": "回访须知",
    "E11": "最短阅读时间",
    "E12": "逐题作答",
    "E13": "核对确认和签名",
    "E14": "全部回答正常才算成功",
    "E15": "离开和中止",
    "E16": "连续回访",
    "E17": "电话回访",
    "E18": "绑定和手机变更",
    "E19": "短信发送人",
    "E20": "电子和电话并行",
    "A4": "回访范围",
    "A9": "同一电话预警",
    "A10": "投保后回访",
    "A11": "服务回访",
    "A13": "电话优先",
    "A14": "核实号码",
    "A15": "上门和信函",
    "A16": "沟通解释件",
    "CLOSE": "人工关闭",
    "POLICY_ENDED": "保单终止",
    "EXPIRY": "回访到期",
}
CHANNELS = {"electronic": "电子回访", "phone": "电话回访", "inbound": "客户来电", "visit": "上门回访", "letter": "信函回访"}
METHODS = {"face": "人脸核验", "sms_code": "短信验证码"}
_ENTRIES = {"link": "短信链接", "web": "网页入口"}
_CALLS = {"no_answer": "无人接听", "refused": "客户拒绝", "wrong_number": "号码错误", "no_phone": "保单没有留电话"}
SUBJECTS = {
    "receipt": "合同签收",
    "own_signature": "本人签名",
    "insured_signature": "被保险人签名",
    "risk_sentence": "风险提示语",
    "recording": "录音录像",
    "terms": "条款和责任",
    "cooling_off": "犹豫期",
    "payment": "缴费",
    "dividend": "分红不确定",
    "guaranteed_rate": "保证利率",
    "fees": "费用扣除",
    "waiting_period": "等待期",
    "bank": "银保提示",
    "identity": "身份",
    "promise": "额外承诺",
}
"""What a question is about, in a word."""
_LEFT = {
    "left": "客户离开页面",
    "idle": "停留太久没有操作",
    "aborted": "客户中止",
    "began_again": "客户重新核验身份",
    "other_policy": "客户改做另一张保单",
}
_STEPS = {
    "classification": "归类",
    "explanation": "沟通解释",
    "visit_form": "上门解释，签署解释件",
    "re_signature": "补签名",
    "verify_call": "二次核实电话",
}


def title(kind: str) -> str:
    """What an event was, in a word."""
    return TITLES.get(kind, kind)


_ARTICLE = re.compile(r"A(\d+)(?:\.(\d+))?$")
GUIDELINE = "S3"
"""The rulebook whose articles the rules `A…` are."""


def rule_name(rule: str) -> str:
    """What the rule `S1.E9` is about, or nothing where no name is known. `S3.A11.3` is a part of article 11.

    Another insurer's rulebook follows the articles of the Shandong guideline as well (`S1.A14`): the name says whose they are.
    """
    book, _, code = rule.partition(".") if "." in rule else (GUIDELINE, "", rule)
    name = RULES.get(code) or RULES.get(code.partition(".")[0], "")
    article = _ARTICLE.match(code)
    return f"{name}，参照山东指引第 {article[1]} 条" if name and article and book != GUIDELINE else name


def question_names(questions: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The questions of a questionnaire (its data) by number: what each is about, with its number."""
    found: dict[str, str] = {}
    for question in questions:
        text = SUBJECTS.get(str(question.get("subject", ""))) or _short(str(question["text"]))
        found[str(question["id"])] = f"{text}（{question['id']}）"
    return found


def _short(text: str) -> str:
    return text if len(text) <= _TITLE_MAX else f"{text[:_TITLE_MAX]}…"


_TITLE_MAX = 16
"""Characters of a question that stand for it where it has no subject."""


def rule_text(rule: str) -> str:
    """The rule with its name, as a report prints it."""
    name = rule_name(rule)
    return f"{name}（{rule}）" if name else rule


_FINDINGS = {
    "deadline_unclear": "不清楚截止日",
    "will_not_pay": "不打算交费",
    "premium_embezzled": "客户称保险费已经交给销售人员",
    "lapse_unclear": "不清楚保单失效",
    "reinstatement_unclear": "不清楚复效手续",
    "not_satisfied": "对服务不满意",
    "money_not_arrived": "客户称代领的款项没有收到",
    "agent_phone": "业务员在保单上留了自己的号码",
}
_FOUND_BY = {"svc": "服务回访", "pw": "号码预警"}


def report_text(kept: str) -> str:
    """What was found, in words, from a report's `svc_…: money_not_arrived`; anything else as it is."""
    source, _, names = kept.partition(": ")
    found = [name.strip() for name in names.split(",")]
    if not names or any(name not in _FINDINGS for name in found):
        return kept
    by = _FOUND_BY.get(source.partition("_")[0], "")
    return (f"{by}：" if by else "") + "、".join(_FINDINGS[name] for name in found)


def detail(event: Event, zone: str, questions: Mapping[str, str] | None = None) -> str:
    """What exactly happened, from what the history keeps; empty where the title says it all.

    Args:
        questions: what to call a question of the history, by its number (`question_names`); default: its number.
    """
    make = _DETAILS.get(event.kind)
    return make(_named(event.data, questions or {}), zone) if make else ""


def _named(data: Data, questions: Mapping[str, str]) -> Data:
    """The data with the questions' names in place of their numbers."""
    if not questions:
        return data
    named = dict(data)
    for key in ("skipped", "answers"):
        if isinstance(data.get(key), Mapping):
            named[key] = {questions.get(one, one): value for one, value in data[key].items()}
    if data.get("unexpected"):
        named["unexpected"] = [questions.get(one, one) for one in data["unexpected"]]
    if data.get("contradictions"):
        found = [contradicted_question(one) for one in data["contradictions"]]
        named["contradictions"] = [questions.get(one, one) for one in found]
    return named


def _time(value: Any, zone: str) -> str:
    return f"{datetime.fromisoformat(str(value)).astimezone(ZoneInfo(zone)):%Y/%m/%d %H:%M}"


def _day(value: Any) -> str:
    return f"{date.fromisoformat(str(value)):%Y/%m/%d}"


def _list(values: Any) -> str:
    return "、".join(str(value) for value in values)


def _join(*parts: str) -> str:
    return "；".join(part for part in parts if part)


def _created(data: Data, _zone: str) -> str:
    return f"按规则不问：{_list(data['skipped'])}" if data.get("skipped") else ""


def _identity(data: Data, _zone: str) -> str:
    method, entry = METHODS.get(data.get("method", ""), ""), _ENTRIES.get(data.get("entry", ""), "")
    if data.get("is_reused"):
        return _join("同一次办理中已经核验过，不再重复", f"从{entry}进入" if entry else "")
    return _join(method, f"从{entry}进入" if entry else "")


def _carried(data: Data, _zone: str) -> str:
    failed, locked = data.get("failures") or (), data.get("locked") or ()
    return _join(f"未通过 {len(failed)} 次" if failed else "", f"锁定过：{_list(map(_day, locked))}" if locked else "")


def _answers(data: Data) -> str:
    given: Mapping[str, str] = data.get("answers") or {}
    no = [name for name, answer in given.items() if answer == "no"]
    return f"回答 {len(given)} 题，" + (f"其中 {_list(no)} 答“否”" if no else "全部答“是”") if given else ""


def _submitted(data: Data, _zone: str) -> str:
    return _join(_answers(data), f"备注：{data['remark']}" if data.get("remark") else "")


def _succeeded(data: Data, _zone: str) -> str:
    return _join(CHANNELS.get(data.get("channel", ""), ""), _caller(data), _verified(data), _answers(data))


def _problem(data: Data, _zone: str) -> str:
    wrong, against = data.get("unexpected") or (), [contradicted_question(one) for one in data.get("contradictions") or ()]
    return _join(
        CHANNELS.get(data.get("channel", ""), ""),
        _caller(data),
        f"回答异常的题：{_list(wrong)}" if wrong else "",
        f"与双录陈述矛盾的题：{_list(against)}" if against else "",
    )


def _call(data: Data, zone: str) -> str:
    again = f"{_time(data['next_call_at'], zone)} 再次拨打" if data.get("next_call_at") else ""
    return _join(_CALLS.get(data.get("reason", ""), ""), _caller(data), again)


def _caller(data: Data) -> str:
    return f"来电 {mask_phone(data['from_phone'])}" if data.get("from_phone") else ""


def _verified(data: Data) -> str:
    """What the second call brought; empty for every other event."""
    parts = []
    if "is_confirmed" in data:
        parts.append("客户确认已解释清楚" if data["is_confirmed"] else "客户表示没有解释清楚")
    if "is_signature_genuine" in data:
        parts.append("单据是本人签名" if data["is_signature_genuine"] else "单据不是本人签名")
    return _join(*parts)


def _phone(data: Data, _zone: str) -> str:
    return f"新号码 {mask_phone(data['phone'])}" if data.get("phone") else ""


def _next(data: Data) -> str:
    return f"下一步：{_STEPS[data['next']]}" if data.get("next") in _STEPS else ""


_REASONS = {
    "term_of_one_year_or_less": "保险期间不超过一年，不需要回访",
    "visit did not reach the customer": "上门没有联系到客户",
    "letter did not reach the customer": "信函没有联系到客户",
}

_DETAILS: dict[str, Callable[[Data, str], str]] = {
    "created": _created,
    "sms_sent": lambda data, _: f"第 {data['number']} 条" if data.get("number") else "",
    "identity_passed": _identity,
    "identity_failed": lambda data, _: f"当日还可以核验 {data['left']} 次" if "left" in data else "",
    "identity_locked": lambda data, _: f"{_day(data['on'])} 当天不能再核验" if data.get("on") else "",
    "identity_days_exhausted": lambda *_: "转电话回访",
    "questionnaire_rendered": lambda *_: "从此刻起计算阅读时间",
    "answers_submitted": _submitted,
    "signed": lambda data, _: f"笔迹校验值 {str(data['sha256'])[:12]}…" if data.get("sha256") else "",
    "left": lambda data, _: _join(_LEFT.get(data.get("reason", ""), ""), "没有保留回答"),
    "aborted": lambda *_: "没有保留回答，转电话回访",
    "window_ended": lambda *_: "转电话回访",
    "succeeded": _succeeded,
    "problem_found": _problem,
    "call_unsuccessful": _call,
    "phone_gave_up": _call,
    "no_phone": lambda *_: "转责任单位核实号码",
    "phone_changed": _phone,
    "number_confirmed": _phone,
    "escalated": lambda data, _: f"转{CHANNELS[data['channel']]}" if data.get("channel") in CHANNELS else "",
    "problem_classified": lambda data, _: _join(CATEGORIES.get(data.get("category", ""), ""), _next(data)),
    "explained": lambda data, _: _next(data),
    "verification_failed": lambda data, _: _join(_verified(data), _next(data)),
    "identity_carried": _carried,
    "paper_unsuccessful": lambda data, _: _REASONS.get(str(data.get("reason", "")), ""),
    "closed": lambda data, _: _REASONS.get(str(data.get("reason", "")), str(data.get("reason", ""))),
}
