"""A talk script of four short nodes, so that a whole session through the pages takes seconds."""

from pathlib import Path
from typing import Any

import yaml

from server.domain import session

STANDARD = Path(session.__file__).parent / "data" / "talkscripts" / "standard-life.yaml"


def short_script() -> dict[str, Any]:
    """The standard script cut down; its word lists stay."""
    content: dict[str, Any] = yaml.safe_load(STANDARD.read_text(encoding="utf-8"))
    by_id = {node["id"]: node for node in content["nodes"]}
    texts = {
        "recording_consent": "请问您是否同意录音？",
        "payment_and_term": "请问您是否清楚？",
        "read_documents": "请阅读。",
        "closing": "请问您是否确认？",
    }
    nodes = []
    for name, text in texts.items():
        node = {**by_id[name], "prompt": [{"text": text}]}
        node.pop("agent_text", None)
        nodes.append(node)
    content["nodes"] = nodes
    return content


def shortest_script() -> dict[str, Any]:
    """Consent and the last question: the least that is a recording."""
    content = short_script()
    content["nodes"] = [node for node in content["nodes"] if node["id"] in ("recording_consent", "closing")]
    return content
