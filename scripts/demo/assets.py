"""What the people of the demo look like and say: camera films from photographs, spoken clips, pictures of documents.

Photographs and human speech come from a folder outside the project (`DR_TESTDATA`, default `../shared/testdata`): real faces
and real voices, because synthetic ones prove nothing about recognition.
"""

import base64
import os
import subprocess
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parents[2]
FPS = 12
SIZE = (480, 360)
FONT = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")


class AssetsMissing(RuntimeError):
    """The folder with photographs and clips is not there."""


def testdata() -> Path:
    """The folder with `faces/` and `speech/`. Raises `AssetsMissing`."""
    for folder in (os.environ.get("DR_TESTDATA"), str(ROOT.parent / "shared" / "testdata")):
        if folder and (Path(folder) / "faces").is_dir():
            return Path(folder)
    raise AssetsMissing("set DR_TESTDATA to a folder with faces/ and speech/ (photographs and human speech)")


def portrait(photo: str) -> "np.ndarray[Any, Any]":
    """The head and shoulders of the largest face of a photograph, 480x360 BGR."""
    picture = cv2.imread(str(testdata() / "faces" / photo))
    if picture is None:
        raise AssetsMissing(f"cannot read {photo}")
    height, width = picture.shape[:2]
    side = min(width, int(height * 4 / 3))
    crop_height = int(side * 3 / 4)
    left, top = (width - side) // 2, 0
    cut = picture[top : top + crop_height, left : left + side]
    return np.asarray(cv2.resize(cut, SIZE, interpolation=cv2.INTER_AREA))


def film(photo: "str | np.ndarray[Any, Any]", target: Path, seconds: int = 8) -> Path:
    """A camera film of a photograph that breathes: slow sway, changing light, sensor noise, so that it never looks frozen.

    `photo`: a file of the test folder, or a picture as `portrait` gives it.
    """
    base = portrait(photo) if isinstance(photo, str) else photo
    noise = np.random.default_rng(7)
    with target.open("wb") as file:
        for index in range(seconds * FPS):
            phase = 2 * np.pi * index / (seconds * FPS)
            matrix = cv2.getRotationMatrix2D((SIZE[0] / 2, SIZE[1] / 2), 1.2 * np.sin(phase), 1.04 + 0.02 * np.cos(2 * phase))
            matrix[:, 2] += (5 * np.sin(2 * phase), 3 * np.cos(phase))
            frame = cv2.warpAffine(base, matrix, SIZE, borderMode=cv2.BORDER_REFLECT).astype(np.int16)
            frame += int(4 * np.sin(3 * phase))
            frame += noise.integers(-3, 4, frame.shape, dtype=np.int16)
            ok, jpeg = cv2.imencode(".jpg", np.clip(frame, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 82])
            if not ok:
                raise RuntimeError("cannot encode a frame")
            file.write(jpeg.tobytes())
    return target


def photo_jpeg(photo: str, target: Path) -> Path:
    """The reference face photo of a person."""
    cv2.imwrite(str(target), portrait(photo), [cv2.IMWRITE_JPEG_QUALITY, 92])
    return target


def card(kind: str, name: str, target: Path, photo: str | None = None) -> Path:
    """A picture of a card (`id_front`, `id_back`, `bank_card`) with 演示 printed across: a prop, not a document."""
    colours = {"id_front": (224, 236, 242), "id_back": (236, 228, 214), "bank_card": (58, 92, 150)}
    picture = Image.new("RGB", (1000, 640), (96, 90, 84))
    draw = ImageDraw.Draw(picture)
    draw.rounded_rectangle((40, 40, 960, 600), 36, fill=colours[kind])
    font, small = ImageFont.truetype(str(FONT), 46), ImageFont.truetype(str(FONT), 32)
    ink = (250, 250, 250) if kind == "bank_card" else (30, 40, 60)
    lines = {
        "id_front": [f"姓名  {name}", "性别  男    民族  汉", "住址  演示省演示市演示路 1 号", "公民身份号码  演示样张"],
        "id_back": ["居民身份证（演示样张）", "签发机关  演示市公安局", "有效期限  2020.01.01-2040.01.01"],
        "bank_card": ["演示银行  储蓄卡", "6222 **** **** 0000", name],
    }[kind]
    for index, line in enumerate(lines):
        draw.text((90, 110 + index * 105), line, font=font, fill=ink)
    draw.text((90, 545), "样张 仅供演示", font=small, fill=ink)
    if photo and kind == "id_front":
        face = Image.fromarray(cv2.cvtColor(portrait(photo), cv2.COLOR_BGR2RGB)).crop((105, 15, 375, 352)).resize((240, 300))
        picture.paste(face, (680, 130))
    picture.save(target, quality=92)
    return target


def clip(*names: str, gap_ms: int = 60) -> str:
    """Spoken clips joined, as base64 WAV (48 kHz mono). A name is a short answer (`shi4_de`) or a path under `speech/`."""
    folder = testdata() / "speech"
    parts: list[bytes] = []
    for name in names:
        path = folder / name if "." in name else folder / "short_answers" / f"{name}.mp3"
        command = ["ffmpeg", "-v", "error", "-i", str(path), "-ar", "48000", "-ac", "1", "-f", "s16le", "-"]
        parts.append(subprocess.run(command, check=True, capture_output=True).stdout)
    silence = b"\0\0" * (48 * gap_ms)
    pcm = silence.join(parts)
    header = b"RIFF" + (36 + len(pcm)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little")
    header += (1).to_bytes(2, "little") + (1).to_bytes(2, "little") + (48000).to_bytes(4, "little")
    header += (96000).to_bytes(4, "little") + (2).to_bytes(2, "little") + (16).to_bytes(2, "little")
    return base64.b64encode(header + b"data" + len(pcm).to_bytes(4, "little") + pcm).decode()
