"""The forms of the desk: letter and visit questionnaires, explanation forms, re-signatures, service letters (A15, A16)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal
from zoneinfo import ZoneInfo

from server.callbacks.papers import Block, Paper, Questions, Signatures, Text, rows, yes_no
from server.domain.callback.case import CallbackCase
from server.domain.callback.questionnaire import format_yuan, unexpected
from server.domain.callback.service_calls import ScriptItem
from server.domain.masking import mask_phone

Purpose = Literal["visit", "letter", "explanation", "re_signature"]
TITLES: dict[Purpose, str] = {
    "visit": "客户回访问卷（上门面访）",
    "letter": "客户回访问卷（信函）",
    "explanation": "沟通解释件面访问卷",
    "re_signature": "补签名确认书",
}
CATEGORIES = {
    "not_received": "未收到保险合同",
    "unclear_rights": "保险责任或权益不清楚",
    "promise": "销售人员有合同以外的承诺",
    "identity_doubt": "身份存疑",
    "contradiction": "与双录陈述矛盾",
    "signature_missing": "投保资料未签名",
    "signed_by_other": "投保资料非本人签名",
    "misconduct": "销售人员涉嫌违规",
    "other": "其他",
}
_VISITOR = ("投保人本人签名", "客户服务专员签名（不得为销售人员）")


def form_of(purpose: Purpose, case: CallbackCase, number: str, made_at: datetime, zone: str) -> Paper:
    """A form of a callback, filled with what is known."""
    local = made_at.astimezone(ZoneInfo(zone))
    blocks: dict[Purpose, Callable[[CallbackCase, datetime], list[Block]]] = {
        "visit": _visit,
        "letter": _letter,
        "explanation": _explanation,
        "re_signature": _re_signature,
    }
    return Paper(TITLES[purpose], case.rulebook.insurer, number, made_at, (_policy(case, local), *blocks[purpose](case, local)))


def _policy(case: CallbackCase, local: datetime) -> Block:
    policy = case.policy
    pay = "一次交清" if policy.payment_years is None else f"每{policy.payment_frequency}，交{policy.payment_years}年"
    return rows(
        "保单信息",
        (
            ("保单号", policy.policy_no),
            ("产品", policy.product_name),
            ("投保人", policy.policyholder_name),
            ("被保险人", policy.insured_name),
            ("保险期间", policy.term_text),
            ("保险费", f"{format_yuan(policy.premium_fen)} 元，{pay}"),
            ("登记电话", mask_phone(policy.phone) if policy.phone else "未留电话"),
            ("出具日期", f"{local:%Y年%m月%d日}"),
        ),
    )


_ON_PAPER = {"identity": "填写并签署本问卷的是投保人{name}本人，是吗？"}
"""What a question of this subject asks on paper: what is compared on the phone cannot be compared there."""


def _asked(case: CallbackCase) -> Questions:
    name = case.policy.policyholder_name
    texts = (_ON_PAPER[q.subject].format(name=name) if q.subject in _ON_PAPER else q.text for q in case.questionnaire.asked)
    return Questions("回访问题（请在方框内打勾）", tuple((text, "") for text in texts))


def _visit(case: CallbackCase, _local: datetime) -> list[Block]:
    return [
        Text(
            "说明",
            ("请客户服务专员当面核对投保人的身份证件，逐题询问并如实记录，由投保人本人签名确认。客户服务专员不得为销售人员。",),
        ),
        Questions("身份核对", (("已核对投保人身份证件原件，人证一致。", ""),)),
        _asked(case),
        Questions("客户的其他意见", (("", "____"), ("", "____"))),
        Signatures("以上内容由本人如实回答，本人已经了解保单的权利和义务。", _VISITOR),
    ]


def _letter(case: CallbackCase, _local: datetime) -> list[Block]:
    phone = case.rulebook.phone.shown_inbound
    call = f"如有疑问，请致电{phone}。" if phone else ""
    return [
        Text(
            f"尊敬的{case.policy.policyholder_name}先生/女士：",
            (
                "感谢您投保我公司的保险产品。为了维护您的权益，需要就您的保单做一次回访。这次回访没有通过电话完成，特以信函方式请您回答下面的问题。",
                f"请您逐题打勾，在末尾亲笔签名，把本问卷放入随附的回邮信封寄回我公司，或拍照后按客服指引上传。{call}本公司工作人员不会要求您在空白问卷上签名。",
            ),
        ),
        _asked(case),
        Questions("您的其他意见", (("", "____"), ("", "____"))),
        Signatures("以上内容由本人如实回答，本人已经了解保单的权利和义务。", ("投保人本人签名",)),
    ]


def _explanation(case: CallbackCase, _local: datetime) -> list[Block]:
    wrong = set(unexpected(case.questionnaire, case.answers)) if case.answers else set()
    found = [q for q in case.questionnaire.asked if q.id in wrong] or list(case.questionnaire.asked)
    return [
        Text("问题类别", (CATEGORIES.get(case.problem_category, "待归类"),)),
        Text(
            "说明",
            (
                "请客户服务专员就下列事项向投保人当面解释，解释后再次询问，如实记录，由投保人本人签名确认，并及时交回本问卷。"
                "收回后我公司将再次致电投保人，核实解释情况和签名的真实性。",
            ),
        ),
        Questions(
            "需要解释的事项（解释后客户是否清楚、认可）",
            tuple((q.text + _answered(case.answers.get(q.id)), "") for q in found),
        ),
        Questions("解释内容", (("", "____"), ("", "____"), ("", "____"))),
        Questions("客户确认", (("工作人员已经当面向我解释以上事项，我已经清楚。", ""), ("我仍有需要公司处理的问题。", ""))),
        Signatures("以上内容属实，由本人亲笔签名。", _VISITOR),
    ]


def _answered(answer: str | None) -> str:
    return f"（回访时回答：{yes_no(answer)}）" if answer else ""


def _re_signature(case: CallbackCase, _local: datetime) -> list[Block]:
    people = ["投保人补签名"] + ([] if case.policy.is_insured_policyholder else ["被保险人（或监护人）补签名"])
    return [
        Text(
            f"尊敬的{case.policy.policyholder_name}先生/女士：",
            (
                f"经电话回访，您的投保资料存在{CATEGORIES.get(case.problem_category, '签名问题')}的情况。"
                "按照规定，请您本人办理补签名手续。",
                "补签名前，请您再次阅读投保单、投保提示书、保险条款（特别是责任免除）、产品说明书，确认了解保险责任、犹豫期和退保损失。任何人不得代替您签名。",
            ),
        ),
        Questions(
            "需要补签的资料（勾选）",
            (("投保单", ""), ("投保提示书", ""), ("合同送达回执", ""), ("免责说明或风险提示语抄录", "")),
        ),
        Signatures("本人已阅读以上资料，确认投保是本人真实意愿，现亲笔补签。", (*people, "经办人签名（不得为销售人员）")),
    ]


def service_letter(
    insurer: str, policy_no: str, data: dict[str, Any], notice: str, asked: list[ScriptItem], number: str, made_at: datetime
) -> Paper:
    """The letter of a service call whose customer refuses the telephone (A15)."""
    items = tuple((item.text, "____" if item.kind == "text" else "") for item in asked)
    return Paper(
        "客户服务回访函",
        insurer,
        number,
        made_at,
        (
            rows("保单信息", (("保单号", policy_no), ("产品", data["product_name"]), ("投保人", data["policyholder_name"]))),
            Text(f"尊敬的{data['policyholder_name']}先生/女士：", (notice,)),
            Questions("请您回答（请在方框内打勾）", items),
            Signatures("以上内容由本人如实回答。", ("投保人本人签名",)),
        ),
    )
