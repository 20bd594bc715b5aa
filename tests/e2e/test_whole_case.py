"""The main job, end to end, judged by what was stored: pictures, sound, times, verdicts, seal."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pypdfium2
import pytest

from scripts.demo import cast
from scripts.verify_evidence import main as verify
from tests.e2e.conftest import BEFORE_THE_ROOM, WholeCase

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

Picture = np.ndarray[Any, np.dtype[np.uint8]]


def frame_at(path: Path, seconds: float) -> Picture:
    """The picture shown at a time of a file."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        container.seek(int(max(0.0, seconds - 8) * 1_000_000))
        last = None
        for frame in container.decode(stream):
            last = frame
            if frame.time is not None and frame.time >= seconds:
                break
        assert last is not None
        return np.asarray(last.to_ndarray(format="bgr24"), dtype=np.uint8)


def sound(path: Path, start_s: float, seconds: float) -> "np.ndarray[Any, np.dtype[np.float64]]":
    """Mono 16 kHz samples of a stretch."""
    command = [
        "ffmpeg",
        "-v",
        "error",
        "-ss",
        f"{start_s}",
        "-t",
        f"{seconds}",
        "-i",
        str(path),
        "-vn",
        "-ac",
        "1",
        "-ar",
        "16000",
    ]
    raw = subprocess.run([*command, "-f", "s16le", "-"], check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.int16).astype(np.float64) / 32768


def level_db(samples: "np.ndarray[Any, np.dtype[np.float64]]") -> float:
    return float(20 * np.log10(max(1e-9, float(np.sqrt(np.mean(samples**2))))))


def events(case: WholeCase, kind: str) -> list[dict[str, Any]]:
    lines = (case.package / "events.ndjson").read_text(encoding="utf-8").splitlines()
    found = [json.loads(line) for line in lines]
    return [event for event in found if event["type"] == kind]


def tracks(case: WholeCase, marker: str) -> list[Path]:
    return sorted(path for path in (case.package / "tracks").iterdir() if marker in path.name)


def seat_of(case: WholeCase, role: str) -> str:
    seats: list[dict[str, Any]] = case.outcome.recording["seats"]
    return str(next(seat["seat_id"] for seat in seats if role in seat["roles"]))


async def test_every_node_was_driven_and_nothing_failed_on_the_pages(whole_case: WholeCase) -> None:
    assert whole_case.outcome.nodes[0] == "recording_consent"
    assert whole_case.outcome.nodes[-1] == "closing"
    assert len(whole_case.outcome.nodes) >= 12
    assert whole_case.outcome.faults == []


async def test_the_pages_of_joining_have_nothing_that_axe_or_large_text_would_find(whole_case: WholeCase) -> None:
    assert whole_case.looks.seen == BEFORE_THE_ROOM
    assert whole_case.looks.findings == []


async def test_two_customers_give_two_different_pictures(whole_case: WholeCase) -> None:
    middle = whole_case.outcome.recording["duration_ms"] / 2000
    pictures = [
        cv2.resize(frame_at(tracks(whole_case, f"{seat_of(whole_case, role)}.")[0], middle), (160, 120)).astype(int)
        for role in ("policyholder", "insured")
    ]
    assert np.abs(pictures[0] - pictures[1]).mean() > 25


async def test_the_spoken_prompt_is_in_the_file(whole_case: WholeCase) -> None:
    started = events(whole_case, "prompt_started")[1]["t_ms"] / 1000
    film = whole_case.package / "composite.mp4"
    assert level_db(sound(film, started + 1, 3)) > -35
    prompt_track = tracks(whole_case, "prompt")[0]
    assert level_db(sound(prompt_track, started + 1, 3)) > -35


async def test_the_wall_clock_is_burnt_into_the_picture(whole_case: WholeCase) -> None:
    from tests.e2e.clock import read_clock

    read: dict[float, float | str] = {}
    for at_s in (30.0, 34.3, 41.1, 47.7, 56.2):  # the reader of characters takes one digit for another now and then
        try:
            picture = frame_at(whole_case.package / "composite.mp4", at_s)
            read[at_s] = read_clock(picture, whole_case.outcome.recording["started_at"])
        except (AssertionError, ValueError) as error:
            read[at_s] = str(error)
    right = [at_s for at_s, shown in read.items() if not isinstance(shown, str) and abs(shown - at_s) <= 1.5]
    assert len(right) >= 2, read


async def test_the_share_shows_the_document(whole_case: WholeCase) -> None:
    seen = [e for e in events(whole_case, "document_viewed") if e["t_ms"] is not None]
    assert seen
    opened = events(whole_case, "document_opened")[0]
    document = whole_case.package / "documents" / f"{opened['payload']['document_id']}.pdf"
    page = pypdfium2.PdfDocument(str(document))[0].render(scale=1.5).to_numpy()
    screen = tracks(whole_case, "screen")[0]
    finder = cv2.ORB.create(3000)
    _, paper = finder.detectAndCompute(cv2.cvtColor(page[:, :, :3], cv2.COLOR_BGR2GRAY), None)
    best = 0
    for offset in (2.0, 4.0, 6.0, 9.0):
        shot = frame_at(screen, opened["t_ms"] / 1000 + offset)
        found: Any = finder.detectAndCompute(cv2.cvtColor(shot, cv2.COLOR_BGR2GRAY), None)[1]
        if found is None:  # a picture without any corner
            continue
        pairs = cv2.BFMatcher(cv2.NORM_HAMMING).knnMatch(found, paper, k=2)
        best = max(best, sum(1 for pair in pairs if len(pair) == 2 and pair[0].distance < 0.75 * pair[1].distance))
    assert best >= 20, f"only {best} places of the shared picture are on the page"


async def test_the_file_is_as_long_as_the_clock_on_the_wall(whole_case: WholeCase) -> None:
    with av.open(str(whole_case.package / "composite.mp4")) as container:
        assert container.duration is not None
        film_s = container.duration / 1_000_000
    begin = events(whole_case, "recording_started")[0]["at"]
    end = events(whole_case, "recording_stopped")[0]["at"]
    from datetime import datetime

    wall_s = (datetime.fromisoformat(end) - datetime.fromisoformat(begin)).total_seconds()
    assert film_s == pytest.approx(wall_s, abs=0.5)
    shortest, longest = whole_case.outcome.recorded_s  # the agent's browser, a clock that nothing of the service has touched
    assert shortest - 0.5 <= film_s <= longest + 0.5


async def test_spoken_answers_gave_the_right_verdicts(whole_case: WholeCase) -> None:
    given = events(whole_case, "answer_given")
    doubtful = [e["payload"]["verdict"] for e in given if e["payload"]["node_id"] == cast.UNCLEAR_AT]
    assert doubtful[0] == "negative"
    assert doubtful[-1] == "affirmative"
    final = {(a["node_id"], a["person_id"]): a["verdict"] for a in whole_case.outcome.answers}
    assert final
    assert set(final.values()) == {"affirmative"}
    assert all(e["payload"]["verdict"] != "negative" for e in given if e["payload"]["node_id"] != cast.UNCLEAR_AT)


async def test_every_document_was_read_and_signed(whole_case: WholeCase) -> None:
    assert whole_case.outcome.ledger
    for line in whole_case.outcome.ledger:
        assert line["pages_seen"] == line["pages"]
        if line["needs"] == "sign":
            assert line["signature_sha256"]


async def test_the_manifest_verifies_and_one_flipped_byte_is_named(
    whole_case: WholeCase, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert verify([str(whole_case.package)]) == 0
    capsys.readouterr()
    copy = tmp_path / "package"
    shutil.copytree(whole_case.package, copy)
    segment = sorted((copy / "segments").iterdir())[3]
    data = bytearray(segment.read_bytes())
    data[len(data) // 2] ^= 1
    segment.write_bytes(data)
    assert verify([str(copy)]) == 1
    assert segment.name in capsys.readouterr().out


async def test_no_check_is_a_constant_pass(whole_case: WholeCase) -> None:
    assert whole_case.outcome.checks
    for check in whole_case.outcome.checks:
        assert check["result"] in ("pass", "warn", "fail", "not_measured")
        if check["result"] == "pass":
            assert check["value"] is not None, f"{check['code']} passes without a measured value"


async def test_the_callback_finished(whole_case: WholeCase) -> None:
    assert whole_case.outcome.callback["state"] == "success"
