"""Processes of this machine that keep failing: noted by the supervisor in the data folder, read by the health page.

A note counts only while it is renewed: a supervisor that is gone leaves nothing behind that looks like a fault of now.
"""

import json
import time
from dataclasses import dataclass
from pathlib import Path

from server.settings import Settings

LOUD_AFTER = 3
"""So many ends in a row are a fault that people are told of; fewer are a hiccup."""
VALID_S = 60.0

NAMES = {
    "media": "媒体进程",
    "agent": "媒体代理进程",
    "speech": "语音进程",
    "vision": "视觉进程",
    "jobs": "作业进程",
    "web": "网页进程",
}


@dataclass(frozen=True, slots=True)
class Failing:
    """One process that ends again and again."""

    count: int
    exit_code: int
    log: str

    def text(self, folder: str = "数据目录下的 ") -> str:
        """As people read it. Where the data folder is, is for the console alone."""
        return f"反复退出（已 {self.count} 次，退出码 {self.exit_code}），会继续重试；原因见 {folder}{self.log}"


def title(process: str) -> str:
    """The name people read of a supervised process (`jobs`, `media1`)."""
    kind = process.rstrip("0123456789")
    return NAMES.get(kind, process) + (f" {process.removeprefix(kind)}" if process != kind else "")


def log_of(process: str) -> str:
    """Where a process writes its log, inside the data folder."""
    return f"logs/{'media-agent' if process == 'agent' else process}.log"


def note(settings: Settings, found: dict[str, Failing]) -> None:
    """Write which processes fail now; nothing failing removes the note."""
    path = _path(settings)
    if not found:
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    lines = {name: [failing.count, failing.exit_code, failing.log] for name, failing in found.items()}
    fresh.write_text(json.dumps({"at": time.time(), "processes": lines}), encoding="utf-8")
    fresh.replace(path)


def read(settings: Settings) -> dict[str, Failing]:
    """Which processes fail now, by the supervisor's name of them."""
    try:
        noted = json.loads(_path(settings).read_text(encoding="utf-8"))
        if abs(time.time() - noted["at"]) > VALID_S:
            return {}
        return {name: Failing(*values) for name, values in noted["processes"].items()}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _path(settings: Settings) -> Path:
    return settings.data_dir / "run" / "failing.json"
