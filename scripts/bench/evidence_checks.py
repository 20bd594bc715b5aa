"""Accuracy of the face and forbidden-phrase checks on the test clips with every error listed, and the speed of the checks.

    python -m scripts.bench.evidence_checks [faces|checks]

`faces`: every pair of test photos, plain and as bad cameras show them (small, dark, noisy, coded), and the video whose people
change. `checks`: sentences with and without forbidden phrases, cards drawn before real photos and coded as video is, mouths that
move and mouths that do not; then checks a second over a synthetic recording. The last line is `RESULT {json}`.
"""

import asyncio
import base64
import csv
import itertools
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from asr.models import locate
from asr.service import SpeechOptions, SpeechService
from media.vision import Faces, main_face
from media.vision.card import find_card
from media.vision.faces import Picture
from server.domain import machine_checks, machine_pictures, machine_speech
from server.domain.forbidden import scan, shipped_lexicon, sounding
from server.recordings import measure
from server.recordings.finalise.wanted import sounds
from server.recordings.measuring.faces import FaceWatch, embeddings
from server.recordings.measuring.mouths import against, mouth_motion
from server.recordings.rulebook import load_rulebook
from server.recordings.spoken import sound_of
from server.settings import ROOT

SHARED = ROOT.parent / "shared"
MODELS = Path(os.environ.get("DR_MODEL_MIRROR", SHARED / "models"))
CLIPS = Path(os.environ.get("DR_TESTDATA", SHARED / "testdata"))

ALLOWED = (
    "本产品不承诺保本，收益是不确定的",
    "这不是银行存款",
    "我不能保证收益",
    "并非零风险",
    "不等于没有风险",
    "有人说“保本”，这是错的",
    "所谓稳赚不赔都是误导",
    "红利不保证，在某些年度可能为零",
    "不要相信固定收益的说法",
    "保险责任以条款为准",
    "请您如实告知健康情况",
    "我不会承诺高回报",
    "不存在绝对安全的投资",
    "听说有人宣称百分之百赔付，我们不能这么说",
    "这个产品不属于储蓄险",
    "本金安全与否取决于产品",
    "请您查看保险金额和缴费期间",
    "我们没有限时停售",
)
FORBIDDEN = (
    "这个产品是保本的",
    "您放心，保证收益",
    "它就是零风险",
    "绝对安全",
    "稳赚不赔",
    "肯定高于银行利息",
    "到期固定收益百分之五",
    "我向您保证赚钱",
    "这不仅保本，还有分红",
    "保本没问题",
    "和银行存款一样",
    "收益高，高回报",
    "明天就限时停售了",
    "百分之百赔付",
    "没有风险的，您放心",
    "这是一款储蓄险",
    "不但保本而且保息",
    "不得不说它保本",
    "我们保证理赔",
)


def bad_cameras(picture: Picture) -> Iterator[tuple[str, Picture]]:
    """A photo, and as bad cameras show it."""
    yield "plain", picture
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (320, max(1, 320 * height // width)), interpolation=cv2.INTER_AREA)
    yield "320 px", np.asarray(small, np.uint8)
    yield "dark", np.asarray(picture * 0.3, np.uint8)
    noise = np.random.default_rng(1).normal(0, 14, picture.shape)
    yield "noisy", np.asarray(np.clip(picture + noise, 0, 255), np.uint8)
    _, coded = cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 18])
    decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert decoded is not None
    yield "coded", np.asarray(decoded, np.uint8)


def photos() -> dict[str, Picture]:
    """Every test photo."""
    found = {}
    for path in sorted((CLIPS / "faces").glob("*.jpg")):
        picture = cv2.imread(str(path))
        assert picture is not None
        found[path.name] = np.asarray(picture, np.uint8)
    return found


def measure_faces() -> dict[str, float | None]:
    """Likeness of the same and of other people; every wrong or open answer is printed."""
    faces = Faces.open(MODELS)
    if faces is None or not faces.can_compare:
        print("models missing: not measured")
        return {"face_same_min": None, "face_other_max": None}
    pictures = photos()
    vectors: dict[str, list[tuple[str, Any]]] = {}
    missed = 0
    for name, picture in pictures.items():
        for kind, seen in bad_cameras(picture):
            face = main_face(faces.look(seen))
            if face is None:
                if name != "two_people.jpg":
                    missed += 1
                    print(f"  no face: {name}, {kind}")
                continue
            vectors.setdefault(name, []).append((kind, faces.embed(seen, face)))
    with (CLIPS / "faces" / "pairs.csv").open() as file:
        pairs = [(row["file_a"], row["file_b"], row["same"] == "1") for row in csv.DictReader(file)]
    same: list[float] = []
    other: list[float] = []
    wrong = opened = 0
    for first, second, is_same in pairs:
        for (kind_a, a), (kind_b, b) in itertools.product(vectors.get(first, []), vectors.get(second, [])):
            likeness, answer = faces.same(a, b)
            (same if is_same else other).append(likeness)
            if answer is None:
                opened += 1
                print(f"  open: {first} ({kind_a}), {second} ({kind_b}): {likeness:.2f}")
            elif answer is not is_same:
                wrong += 1
                print(f"  WRONG: {first} ({kind_a}), {second} ({kind_b}): {likeness:.2f}, same {is_same}")
    print(f"  {len(same)} same, {len(other)} other pairs: {wrong} wrong, {opened} left open, {missed} photos without a face")
    print(f"  same {min(same):.2f} … {max(same):.2f}, other {min(other):.2f} … {max(other):.2f}")
    _changing_people(faces, pictures)
    return {
        "face_same_min": round(min(same), 3),
        "face_other_max": round(max(other), 3),
        "face_errors": wrong,
        "face_open": opened,
    }


def _changing_people(faces: Faces, pictures: dict[str, Picture]) -> None:
    """The video whose people change, judged against its timeline."""
    path = CLIPS / "video" / "synth_person_change.mp4"
    segments = json.loads(path.with_suffix(".json").read_text())["segments"]
    _, data = cv2.imencode(".png", pictures["obama_1.jpg"])
    watch = FaceWatch(faces, "seat", embeddings(faces, {"seat": base64.b64encode(data.tobytes()).decode()}))
    video = cv2.VideoCapture(str(path))
    looked = 0
    while True:
        is_read, frame = video.read()
        if not is_read:
            break
        t_ms = int(video.get(cv2.CAP_PROP_POS_MSEC))
        if t_ms >= looked * 1000:
            watch.look(np.asarray(frame, np.uint8), t_ms)
            looked += 1
    print(f"  changing people: {watch.facts(looked * 1000)}")
    print(f"  its timeline:    {segments}")


def forbidden_phrases() -> dict[str, int]:
    """Errors of the forbidden-phrase check on written sentences and on what the recogniser heard."""
    lexicon = shipped_lexicon()
    false = [text for text in ALLOWED if scan(text, lexicon)]
    missed = [text for text in FORBIDDEN if not scan(text, lexicon)]
    for text in false:
        print(f"  WRONG: accused {text}")
    for text in missed:
        print(f"  MISSED: {text}")
    print(
        f"  forbidden phrases, written: {len(false)} of {len(ALLOWED)} accused wrongly, {len(missed)} of {len(FORBIDDEN)} missed"
    )
    with (CLIPS / "speech" / "transcripts.tsv").open(encoding="utf-8") as file:
        said = [line.rstrip("\n").split("\t") for line in file if "\t" in line]
    clean = [row for row in said if scan(row[-1], lexicon)]
    hints = [text for text in (*ALLOWED, *(row[-1] for row in said)) if sounding(text, lexicon, sound_of)]
    print(f"  hints by sound where nothing forbidden is said: {hints}")
    print(f"  test clips (none has a forbidden phrase), as written down: {len(clean)} of {len(said)} accused wrongly")
    return {"forbidden_false": len(false) + len(clean), "forbidden_missed": len(missed)}


async def heard_clips() -> dict[str, int | None]:
    """The same on what the recogniser makes of the clips: none of them has a forbidden phrase."""
    lexicon, lines, accused, alike = shipped_lexicon(), 0, 0, 0
    texts: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        options = SpeechOptions(models=locate(MODELS), prompt_cache=Path(name))
        async with SpeechService(options, lambda _name, _params: None) as service:
            for path in sorted((CLIPS / "speech").glob("*/*.wav")):
                heard = await service.transcribe_file(path)
                texts[f"{path.parent.name}/{path.name}"] = "".join(segment["text"] for segment in heard["segments"])
                for segment in heard["segments"]:
                    lines += 1
                    for hit in scan(segment["text"], lexicon):
                        accused += 1
                        print(f"  WRONG: {path.name}: {segment['text']} ({hit.phrase})")
                    for words, phrase in sounding(segment["text"], lexicon, sound_of):
                        alike += 1
                        print(f"  WRONG: {path.name}: {segment['text']} ({words} sounds like {phrase})")
    print(f"  forbidden phrases, as heard: {accused} accusations, {alike} hints by sound in {lines} lines without any")
    return {"forbidden_false_heard": accused, "forbidden_alike_heard": alike, "lines_heard": lines, **said(texts)}


def said(heard: dict[str, str]) -> dict[str, int]:
    """Errors of the check of what must be said: stretches as long as a name or a company, in their own clip and in others.

    Args:
        heard: what the recogniser made of each clip.
    """
    limits = load_rulebook().limits
    with (CLIPS / "speech" / "transcripts.tsv").open(encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if "\t" in line]
    spoken = {path: sounds(text) for path, text in heard.items()}
    result: dict[str, int] = {}
    for kind, length, limit in (("name", 3, limits["required_share"]), ("company", 8, limits["required_share_company"])):
        pieces = [(row[0], start, sounds(row[-1])[start : start + length]) for row in rows if row[0] in spoken
                  for start in range(0, max(0, len(sounds(row[-1])) - length) + 1, length)]  # fmt: skip
        pieces = [piece for piece in pieces if len(piece[2]) == length]
        missed = [(path, wanted) for path, _, wanted in pieces if machine_speech.said_share(spoken[path], wanted) < limit]
        false = [
            (path, wanted)
            for path, _, wanted in pieces
            for other, syllables in spoken.items()
            if other != path and machine_speech.said_share(syllables, wanted) >= limit
        ]
        for path, wanted in missed:
            print(f"  MISSED ({kind}): {' '.join(wanted)} in {path}")
        for path, wanted in false[:20]:
            print(f"  WRONG ({kind}): {' '.join(wanted)} of {path} found in another clip")
        others = len(pieces) * (len(spoken) - 1)
        print(
            f"  said, {kind} ({length} syllables): {len(missed)} of {len(pieces)} missed, {len(false)} of {others} found wrongly"
        )
        result |= {f"said_{kind}_missed": len(missed), f"said_{kind}_wanted": len(pieces), f"said_{kind}_false": len(false)}
    return result


def card_pictures() -> Iterator[tuple[Picture, bool]]:
    """Photos with an identity card drawn before them, and without."""
    dice = random.Random(5)
    pictures = [picture for name, picture in photos().items() if name != "two_people.jpg"]
    portrait = pictures[0]
    for number in range(60):
        scene = cv2.resize(dice.choice(pictures), (640, 480))
        has_card = number % 2 == 0
        if has_card:
            scene = _with_card(np.asarray(scene, np.uint8), portrait, dice)
        scene = cv2.GaussianBlur(scene, (0, 0), 0.6)
        _, coded = cv2.imencode(".jpg", scene, [cv2.IMWRITE_JPEG_QUALITY, 35])
        decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
        assert decoded is not None
        yield np.asarray(decoded, np.uint8), has_card


def _with_card(scene: Picture, portrait: Picture, dice: random.Random) -> Picture:
    card = np.full((270, 428, 3), (232, 226, 214), np.uint8)
    for line in range(6):
        y = 40 + line * 36
        for mark in range(dice.randrange(5, 12)):
            x = 24 + mark * 21
            cv2.rectangle(card, (x, y), (x + 14, y + 16), (40, 40, 40), 1)
            cv2.line(card, (x, y + 8), (x + 14, y + 8), (40, 40, 40), 2)
    card[60:210, 296:408] = cv2.resize(portrait, (112, 150))
    cv2.rectangle(card, (0, 0), (427, 269), (120, 120, 120), 2)
    width = dice.randrange(200, 320)
    scale, angle = width / 428, dice.uniform(-14, 14)
    matrix = cv2.getRotationMatrix2D((214, 135), angle, scale)
    matrix[:, 2] += np.array([dice.randrange(160, 420), dice.randrange(200, 340)]) - np.array([214, 135])
    mask = cv2.warpAffine(np.full(card.shape[:2], 255, np.uint8), matrix, (640, 480))
    moved = cv2.warpAffine(card, matrix, (640, 480))
    scene = scene.copy()
    scene[mask > 127] = moved[mask > 127]
    return scene


def cards() -> dict[str, float]:
    """How often a drawn card is found, and a card where there is none."""
    found = {True: 0, False: 0}
    total = {True: 0, False: 0}
    for picture, has_card in card_pictures():
        look = find_card(picture, is_cut=False)
        total[has_card] += 1
        found[has_card] += look.has_card and (look.area or 1) <= 0.85
    print(f"  cards: found {found[True]} of {total[True]} drawn ones, {found[False]} in {total[False]} pictures without one")
    return {"card_found": round(found[True] / total[True], 3), "card_false": round(found[False] / total[False], 3)}


def talking(picture: Picture, is_moving: bool, seed: int) -> Iterator[tuple[Picture, int]]:
    """A photo as video: the lower face opens and closes or stays, the whole picture shakes and is coded."""
    dice = random.Random(seed)
    face = cv2.resize(picture, (480, 480 * picture.shape[0] // picture.shape[1]))
    models = Faces.open(MODELS)
    assert models is not None
    found = models.look(np.asarray(face, np.uint8))[0]
    (lx, ly), (rx, ry) = found.landmarks[3:]
    middle, half = int((ly + ry) / 2), int(max(8, (rx - lx) * 0.5))
    for number in range(20):
        frame = face.copy()
        if is_moving:
            opened = int(half * 0.5 * abs(np.sin(number * 0.9)))
            left, right = int(lx), int(rx)
            cv2.ellipse(frame, ((left + right) // 2, middle + opened // 2), (half, max(1, opened)), 0, 0, 360, (30, 20, 60), -1)
        shift = np.array([[1, 0, dice.uniform(-1.5, 1.5)], [0, 1, dice.uniform(-1.5, 1.5)]], np.float32)
        frame = cv2.warpAffine(frame, shift, (frame.shape[1], frame.shape[0]), borderMode=cv2.BORDER_REPLICATE)
        frame = np.clip(frame * dice.uniform(0.95, 1.05) + np.random.default_rng(seed + number).normal(0, 3, frame.shape), 0, 255)
        _, coded = cv2.imencode(".jpg", frame.astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, 40])
        decoded = cv2.imdecode(coded, cv2.IMREAD_COLOR)
        assert decoded is not None
        yield np.asarray(decoded, np.uint8), number * 120


def mouths() -> dict[str, float | None]:
    """Motion of drawn mouths that open, and of still ones."""
    faces = Faces.open(MODELS)
    if faces is None:
        return {"mouth_moving_min": None, "mouth_still_max": None}
    moving: list[float] = []
    still: list[float] = []
    for name, picture in photos().items():
        if name == "two_people.jpg":
            continue
        quiet = mouth_motion(faces, talking(picture, False, 9))["motion"]
        for is_moving, found in ((True, moving), (False, still)):
            motion = against(mouth_motion(faces, talking(picture, is_moving, 31))["motion"], quiet)
            if motion is not None:
                found.append(motion)
    print(f"  mouths against the same face before: moving {sorted(moving)}, still {sorted(still)}")
    return {"mouth_moving_min": min(moving), "mouth_still_max": max(still)}


def speed() -> dict[str, float]:
    """Checks a second: measuring and judging a synthetic recording of three people, in one process."""
    from tests.support.recordings import record_media

    limits = load_rulebook().limits
    with tempfile.TemporaryDirectory() as name:
        folder, out = Path(name) / "recording", Path(name) / "out"
        (out / "audio").mkdir(parents=True)
        seats = ["agent", "one", "two"]
        asyncio.run(record_media(folder, "rec", seats, 60_000, datetime.now(UTC)))
        began, cpu = time.perf_counter(), time.process_time()
        found = measure.measure(folder, out, {"models": [str(MODELS)], "references": dict.fromkeys(seats)})
        checks = machine_checks.check_media(found, wall_clock_ms=60_000, seats=seats, gaps=[], limits=limits)
        checks += machine_pictures.check_faces(found, seats, limits)
        checks += machine_pictures.check_covered(found, seats, limits)
        voices = {seat: each["audio"]["voices"] for seat, each in found["seats"].items() if each["audio"]}
        checks.append(machine_speech.check_overlap(voices, limits))
        spent, cpu = time.perf_counter() - began, time.process_time() - cpu
    keys = sum(each["camera"]["key_frames"] for each in found["seats"].values() if each["camera"])
    print(
        f"  {len(checks)} checks of a minute of three people ({keys} key frames) in {spent:.2f} s, {cpu:.2f} s of processor time"
    )
    return {"checks_per_s": round(len(checks) / spent, 1), "measure_x_realtime": round(60 / spent, 1)}


def main() -> int:
    """Command line."""
    wanted = sys.argv[1:] or ["faces", "checks"]
    result: dict[str, Any] = {}
    print(f"load average {os.getloadavg()[0]:.1f}")
    if "faces" in wanted:
        result |= measure_faces()
    if "checks" in wanted:
        result |= forbidden_phrases() | asyncio.run(heard_clips()) | cards() | mouths() | speed()
    print("RESULT " + json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
