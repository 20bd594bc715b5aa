"""What the measuring process sees: real pages coded as pictures, real photos, a video whose people change."""

import base64
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
from fpdf import FPDF

from media.vision import Faces
from media.vision.faces import Picture
from server.recordings.measuring.cards import card_shown
from server.recordings.measuring.faces import FaceWatch, embeddings
from server.recordings.measuring.mouths import against, mouth_motion
from server.recordings.measuring.shares import LIKE, Papers, ShareWatch, match

NUMBER = "P2026010001"
WHOLE = [0.0, 0.0, 1.0, 0.55]


def paper(seed: int, pages: int = 2) -> bytes:
    dice = random.Random(seed)
    made = FPDF()
    for page in range(pages):
        made.add_page()
        made.set_font("Helvetica", size=20)
        made.cell(0, 14, f"{NUMBER} {page}", new_x="LMARGIN", new_y="NEXT")
        made.set_font("Helvetica", size=11)
        for _ in range(30):
            text = " ".join("".join(dice.choice("abcdefghilmnoprstu") for _ in range(dice.randrange(2, 9))) for _ in range(9))
            made.cell(0, 8, text[: dice.randrange(20, 80)], new_x="LMARGIN", new_y="NEXT")
    return bytes(made.output())


def shown(papers: Papers, document: str, page: int, visible: list[float]) -> Picture:
    """The reader's canvas with a part of a page, coded badly."""
    whole = papers.page(document, page)
    assert whole is not None
    height, width = whole.shape
    left, top, right, bottom = visible
    part = whole[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]
    scale = 516 / part.shape[1]
    part = np.asarray(cv2.resize(part, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)[:870]
    canvas = np.full((960, 540), 230, np.uint8)
    canvas[:64] = 50
    canvas[74 : 74 + part.shape[0], 12 : 12 + part.shape[1]] = part
    _, coded = cv2.imencode(".jpg", cv2.cvtColor(canvas, cv2.COLOR_GRAY2BGR), [cv2.IMWRITE_JPEG_QUALITY, 35])
    decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert decoded is not None
    return np.asarray(decoded, np.uint8)


@pytest.fixture(scope="module")
def papers() -> Papers:
    area = {"page": 1, "left": 0.04, "top": 0.03, "right": 0.4, "bottom": 0.08}
    documents = {
        name: {"pdf": base64.b64encode(paper(seed)).decode(), "number": NUMBER} for seed, name in ((1, "one"), (2, "two"))
    }
    documents["one"]["number_area"] = area  # type: ignore[assignment]
    assert len(pypdfium2.PdfDocument(paper(1))) == 2
    return Papers(documents)


def test_a_share_shows_its_page_and_no_other(papers: Papers) -> None:
    picture = shown(papers, "one", 1, WHOLE)
    likeness = {}
    for document in ("one", "two"):
        for page in (1, 2):
            rendered = papers.page(document, page)
            assert rendered is not None
            found = match(picture, rendered, WHOLE)
            assert found is not None
            likeness[document, page] = found[0]
    assert likeness.pop(("one", 1)) >= LIKE
    assert max(likeness.values()) < LIKE
    blank = np.full((1500, 1080), 255, np.uint8)
    assert match(picture, blank, WHOLE) is None
    assert papers.page("one", 9) is None
    assert papers.page("unknown", 1) is None


def test_a_share_is_compared_with_what_the_reader_says(papers: Papers, need: Callable[[str, str], None]) -> None:
    first = {"document_id": "one", "page": 1, "visible": WHOLE, "zoom": 1.0}
    second = {"document_id": "two", "page": 2, "visible": WHOLE, "zoom": 1.0}
    times = ((0, first), (1_000, first), (5_000, second), (6_000, second), (12_000, second))
    watch = ShareWatch(papers, [{"t_ms": t_ms, **view} for t_ms, view in times], ends=[9_000])
    assert watch.moments() == [750, 5_750]
    watch.look(shown(papers, "one", 1, WHOLE), 750)
    watch.look(shown(papers, "one", 1, WHOLE), 5_750)  # the reader says it shows the other paper
    watch.look(shown(papers, "one", 1, WHOLE), 3_000)  # in between a list may be shown
    watch.look(shown(papers, "one", 1, WHOLE), 9_500)  # the share is over
    facts = watch.facts()
    assert (facts["one"]["looked"], facts["one"]["matched"]) == (1, 1)
    assert (facts["two"]["looked"], facts["two"]["matched"], facts["two"]["unlike_at_ms"]) == (1, 0, [5_750])
    if shutil.which("tesseract") is None:
        need("tesseract", "apt-get install tesseract-ocr")
    assert facts["one"]["number"]["share"] >= 0.8


def card_on(scene: Picture, portrait: Picture) -> Picture:
    card = np.full((240, 380, 3), 225, np.uint8)
    for line in range(6):
        for mark in range(9):
            cv2.rectangle(card, (20 + mark * 22, 30 + line * 34), (34 + mark * 22, 46 + line * 34), (30, 30, 30), 2)
    card[50:190, 265:365] = cv2.resize(portrait, (100, 140))
    scene = np.asarray(cv2.resize(scene, (640, 480)), np.uint8)
    scene[200:440, 130:510] = card
    cv2.rectangle(scene, (130, 200), (509, 439), (90, 90, 90), 2)
    return np.asarray(scene, np.uint8)


@pytest.mark.needs_models
@pytest.mark.needs_clips
def test_a_card_held_to_the_camera(model_dir: Path, testdata: Path) -> None:
    faces = Faces.open(model_dir)
    photos = [cv2.imread(str(testdata / "faces" / name)) for name in ("obama_1.jpg", "biden_1.jpg")]
    first, second = (np.asarray(photo, np.uint8) for photo in photos)
    bare = np.asarray(cv2.resize(second, (640, 480)), np.uint8)
    found = card_shown(faces, [(bare, 0), (card_on(second, first), 700), (bare, 1400)])
    assert (found["looked"], found["cards"], found["portraits"], found["at_ms"]) == (3, 1, 1, [700])
    assert card_shown(None, [(bare, 0)])["portraits"] is None


@pytest.mark.needs_models
@pytest.mark.needs_clips
def test_people_who_change(model_dir: Path, testdata: Path) -> None:
    faces = Faces.open(model_dir)
    assert faces is not None
    photo = base64.b64encode((testdata / "faces" / "obama_1.jpg").read_bytes()).decode()
    watch = FaceWatch(faces, "seat", embeddings(faces, {"seat": photo, "other": None}))
    video = cv2.VideoCapture(str(testdata / "video" / "synth_person_change.mp4"))
    due = 0
    while True:
        is_read, frame = video.read()
        if not is_read:
            break
        t_ms = int(video.get(cv2.CAP_PROP_POS_MSEC))
        if t_ms >= due:
            watch.look(np.asarray(frame, np.uint8), t_ms)
            due += 1_000
    facts = watch.facts(12_000)
    assert facts is not None
    assert facts["face_ratio"] == pytest.approx(10 / 12, abs=0.01)
    assert facts["absent"] == [[4_000, 6_000]]
    assert facts["same"] == 4
    assert facts["strangers_at_ms"] == list(range(6_000, 12_000, 1_000))
    assert facts["several_at_ms"] == [10_000, 11_000]
    assert mouth_motion(faces, [])["motion"] is None
    assert against(None, 1.0) is None
    assert FaceWatch(faces, "seat", {}).facts(12_000) is None
