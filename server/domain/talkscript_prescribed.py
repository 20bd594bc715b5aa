"""What no edit of a talk script may take away: consent first, in full and meant as such, and the prescribed reminder
word for word. Pure.

The statements are data (server/domain/data/prescribed-statements.yaml). A version without them is refused when it is saved.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from server.domain.talkscript import Fault, NodeSpec, TalkScript

_DATA = Path(__file__).with_name("data") / "prescribed-statements.yaml"
_YES, _NO = "同意", "不同意"
"""What the prompt asks the customer to answer."""
_SILENT = re.compile(r"[\s，。、；：？！,.;:?!“”\"'（）()]")


@cache
def statements() -> Mapping[str, tuple[str, ...]]:
    """The prescribed statements by node: `consent`, `reminder`."""
    data = yaml.safe_load(_DATA.read_text(encoding="utf-8"))
    return {name: tuple(part["says"]) for name, part in data.items()}


def prescribed_faults(script: TalkScript) -> list[Fault]:
    """Everything prescribed that a script lacks: consent in its first node, the reminder in it or in another locked notice."""
    if not script.nodes:
        return []
    first = script.nodes[0]
    faults: list[Fault] = []
    if not (first.is_locked and first.answer and first.answer.is_consent):
        faults.append(Fault("nodes.0", "CONSENT_NOT_FIRST"))
    else:
        faults += [Fault("nodes.0.prompt", "PRESCRIBED_TEXT_MISSING", text) for text in _missing(first, "consent")]
    for index, node in enumerate(script.nodes):
        if node.answer and node.answer.is_consent:
            lexicon = script.lexicons[node.answer.lexicon]
            if node.answer.expect != "affirmative" or _YES not in lexicon.affirmative or _NO not in lexicon.negative:
                faults.append(Fault(f"nodes.{index}.answer", "CONSENT_TURNED_ROUND"))
    notices = [node for node in script.nodes if node.is_locked and node.kind == "notice" and node.answer]
    missing = [_missing(node, "reminder") for node in notices]
    if not any(lacks == [] for lacks in missing):
        closest = min(missing, key=len, default=list(statements()["reminder"]))
        faults += [Fault("nodes", "PRESCRIBED_TEXT_MISSING", text) for text in closest]
    return faults


def _missing(node: NodeSpec, name: str) -> list[str]:
    said = _bare("".join(paragraph.text for paragraph in node.prompt if not paragraph.when))
    return [text for text in statements()[name] if _bare(text) not in said]


def _bare(text: str) -> str:
    return _SILENT.sub("", text)
