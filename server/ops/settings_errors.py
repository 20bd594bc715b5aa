"""Wrong settings in plain words: one line a setting, with its name, what is wrong and what to do. Never a value."""

import re
from typing import Any

from pydantic import ValidationError
from pydantic_settings import SettingsError

from server.settings import Settings

_TO_DO = "请改正后再启动"
_KINDS = {
    "int": "必须是整数",
    "float": "必须是数字",
    "bool": "必须是 true 或 false",
    "path": "必须是文件或文件夹的路径",
    "list": "必须是 JSON 列表，例如 [\"turn:turn.example:3478\"]",
    "string": "必须是文字",
}  # fmt: skip


def is_about_settings(error: Exception) -> bool:
    """Whether this is a fault of the installation's settings, and not of something else that is validated."""
    return isinstance(error, SettingsError) or (isinstance(error, ValidationError) and error.title == Settings.__name__)


def lines_about(error: Exception) -> list[str]:
    """The lines to print."""
    if isinstance(error, ValidationError):
        return [line for fault in error.errors(include_input=False, include_url=False) for line in _lines(fault)]
    named = re.search(r'field "(\w+)"', str(error))  # pydantic_settings names the field and its source, not the value
    return [f"DR_{named[1].upper()}：{_KINDS['list']}，{_TO_DO}" if named else f"环境变量 DR_…：读不懂，{_TO_DO}"]


def _lines(fault: Any) -> list[str]:
    if not fault["loc"]:  # of several settings together: our own sentences, one a line
        return [f"{line}。{_TO_DO}" for line in str(fault["ctx"]["error"]).splitlines()]
    name = f"DR_{str(fault['loc'][0]).upper()}"
    kind = str(fault["type"])
    if kind == "literal_error":
        return [f"{name}：只能是 {fault['ctx']['expected'].replace(' or ', ' 或 ')}，{_TO_DO}"]
    return [f"{name}：{_KINDS.get(kind.split('_')[0], '不能这样写')}，{_TO_DO}"]
