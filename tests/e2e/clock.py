"""Reads the burnt-in wall clock of a composed picture with OCR."""

import re
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import cv2
import numpy as np


def read_clock(picture: "np.ndarray[Any, np.dtype[np.uint8]]", started_at: str) -> float:
    """Seconds after `started_at` that the clock in the picture shows. Raises `AssertionError` when no time can be read."""
    text = _ocr(picture)
    found = re.search(r"(\d{4})-(\d{2})-(\d{2})\D{0,3}(\d{2}):(\d{2}):(\d{2})", text)
    assert found, f"no clock in the picture: {text!r}"
    shown = datetime(*(int(part) for part in found.groups()), tzinfo=ZoneInfo("Asia/Shanghai"))  # type: ignore[arg-type, misc]
    return (shown - datetime.fromisoformat(started_at)).total_seconds()


def _ocr(picture: "np.ndarray[Any, np.dtype[np.uint8]]") -> str:
    gray = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    texts: list[str] = []
    height = gray.shape[0]
    for band in (gray[: height // 8], gray[-height // 8 :]):
        large = cv2.resize(band, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
        for image in (large, 255 - large):
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "band.png"
                cv2.imwrite(str(path), image)
                command = ["tesseract", str(path), "-", "--psm", "6", "-c", "tessedit_char_whitelist=0123456789:- "]
                texts.append(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return "\n".join(texts)
