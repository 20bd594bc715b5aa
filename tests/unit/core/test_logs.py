"""What a fault leaves in the log: where it happened, never what the variables held."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from server.ops.logs import configure


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    configure("web", tmp_path)
    yield tmp_path / "logs" / "web.log"
    for handler in root.handlers:
        if handler not in handlers:
            handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def fails(phone: str) -> None:
    holder = {"name": "王建国", "phone": phone}
    raise ValueError(f"{len(holder)} fields")


def test_a_fault_is_told_without_its_variables(log_file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        fails("13800001001")
    except ValueError:
        logging.getLogger("server").exception("request failed")
    text = log_file.read_text("utf-8")
    [fault] = json.loads(text.splitlines()[-1])["exception"]
    assert (fault["exc_type"], fault["frames"][-1]["name"]) == ("ValueError", "fails")
    for written in (text, capsys.readouterr().err):
        assert "王建国" not in written
        assert "13800001001" not in written
