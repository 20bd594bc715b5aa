"""SMS texts. A missing parameter is a fault (`KeyError`), never a hole in a message; only the sender has a default."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Template:
    """A text with `{params}`. `secret` names the parameters that administrators may not read outside development."""

    text: str
    secret: frozenset[str] = frozenset()


TEMPLATES: dict[str, Template] = {
    "verification_code": Template("【{sender}】您的验证码是{code}，{minutes}分钟内有效。请勿告诉任何人。", frozenset({"code"})),
    "session_invitation": Template(
        "【{sender}】业务员{agent_name}邀请您进行投保录音录像。会议码{code}，{minutes}分钟内有效，点击进入：{link}",
        frozenset({"code", "link"}),
    ),
    "identity_link": Template(
        "【{sender}】请在录制前上传证件、银行卡和人脸照片：{link} 链接{hours}小时内有效。", frozenset({"link"})
    ),
    "inspection_rejected": Template("【{sender}】投保单{proposal_no}的录制未通过质检，请登录工作台查看原因并安排补录。"),
    "inspection_passed": Template("【{sender}】投保单{proposal_no}的录制已通过质检。"),
    "callback_invitation": Template(
        "【{sender}】您的保单{policy_no}已承保，请于{deadline}前完成回访：{link}", frozenset({"link"})
    ),
    "callback_reminder": Template(
        "【{sender}】您的保单{policy_no}的回访尚未完成，请于{deadline}前完成：{link}", frozenset({"link"})
    ),
    "callback_reminder_late": Template(
        "【{sender}】您的保单{policy_no}的回访尚未完成。您可以接听我们的回访电话，也可以点击完成：{link}", frozenset({"link"})
    ),
    "account_approved": Template("【{sender}】您的业务员账号{login}已开通，请登录工作台。"),
    "notice": Template("【{sender}】{text}"),
}

SENDER = {"sender": "远程双录"}
"""Who writes in messages that were kept before every one named its insurer."""
MASK = "••••••"


def render(template: str, params: dict[str, str]) -> str:
    """The full text. Raises `KeyError` for an unknown template or a missing parameter."""
    return TEMPLATES[template].text.format_map({**SENDER, **params})


def render_masked(template: str, params: dict[str, str]) -> str:
    """The text with secret parameters replaced."""
    secret = TEMPLATES[template].secret
    return TEMPLATES[template].text.format_map(
        {**SENDER, **{key: MASK if key in secret else value for key, value in params.items()}}
    )
