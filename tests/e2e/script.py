"""A talk script of four short nodes, so that a whole session through the pages takes seconds."""

import subprocess
from pathlib import Path
from typing import Any

import yaml

from asr.voices.recorded import text_hash
from server.domain import session
from server.domain.talkscript_prescribed import statements
from server.settings import DEMO_INSURER

STANDARD = Path(session.__file__).parent / "data" / "talkscripts" / "standard-life.yaml"


def short_script() -> dict[str, Any]:
    """The standard script cut down; its word lists stay."""
    content: dict[str, Any] = yaml.safe_load(STANDARD.read_text(encoding="utf-8"))
    by_id = {node["id"]: node for node in content["nodes"]}
    texts = {
        "recording_consent": "",
        "payment_and_term": "请问您是否清楚？",
        "read_documents": "请阅读。",
        "closing": "请问您是否确认？",
    }
    nodes = []
    for name, text in texts.items():
        node = {**by_id[name], "prompt": [{"text": text}] if text else by_id[name]["prompt"]}
        node.pop("agent_text", None)
        nodes.append(node)
    *notice, question = nodes[0]["prompt"]
    nodes[0]["prompt"] = [*notice, *({"text": text} for text in statements()["reminder"]), question]
    content["nodes"] = nodes
    return content


def recorded_prompts(folder: Path) -> Path:
    """A folder with a recording of the long prescribed notice that takes a second, for `DR_PROMPT_RECORDINGS_DIR`."""
    folder.mkdir()
    said = "".join(part["text"] for part in short_script()["nodes"][0]["prompt"])
    text = said.replace("{{insurer_name}}", DEMO_INSURER)
    wav = folder / f"recording_consent.{text_hash(text)}.wav"
    subprocess.run(["espeak-ng", "-v", "cmn-latn-pinyin", "-w", str(wav), "tong2 yi4 lu4 yin1 ma5"], check=True)
    return folder


def shortest_script() -> dict[str, Any]:
    """Consent and the last question: the least that is a recording."""
    content = short_script()
    content["nodes"] = [node for node in content["nodes"] if node["id"] in ("recording_consent", "closing")]
    return content
