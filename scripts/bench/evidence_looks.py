"""Calibration of two checks of pictures: mouths that move while a person answers, and cards held to the camera.

    python -m scripts.bench.evidence_looks [--seeds 4]

Mouths: five test photographs before a camera that moves and hisses, coded as a call codes them (VP8, 250 to 800 kbit/s), 2.5 s
of listening and 1.5 s of answering; the mouth is drawn and opens and closes, or stays. No clip of a person who really speaks is
at hand: how many of those are found is *not measured* (null). Cards: pictures of the test videos and photographs, none of which
shows a card; every card found there is listed. Cards that were really filmed: not measured either (`evidence_checks` has drawn
ones). Last line: `RESULT {json}`.
"""

import argparse
import random
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import cv2
import numpy as np

from media.vision import Faces
from media.vision.faces import Picture
from scripts.bench.evidence_checks import CLIPS, MODELS, photos
from scripts.bench.recorded import result
from server.recordings.measuring.cards import card_shown
from server.recordings.measuring.mouths import EVERY_MS, against, mouth_motion
from server.recordings.rulebook import load_rulebook

FPS = 15
LISTENS_MS, ANSWERS_MS, ENDS_MS = 2_300, 2_500, 3_900
Film = list[tuple[Picture, int]]


def filmed(faces: Faces, photo: Picture, seed: int, *, is_moving: bool) -> Film:
    """A photograph as a call shows it; with `is_moving` the mouth opens and closes from the answer on."""
    dice, rng = random.Random(seed), np.random.default_rng(seed)
    height, width = photo.shape[:2]
    side = min(width, height * 4 // 3)
    left = (width - side) // 2
    base = cv2.resize(photo[: side * 3 // 4, left : left + side], (640, 480), interpolation=cv2.INTER_AREA)
    (lx, ly), (rx, ry) = faces.look(np.asarray(base, np.uint8))[0].landmarks[3:]
    encoder, decoder = av.CodecContext.create("libvpx", "w"), av.CodecContext.create("vp8", "r")
    assert isinstance(encoder, av.VideoCodecContext)
    assert isinstance(decoder, av.VideoCodecContext)
    encoder.width, encoder.height, encoder.pix_fmt, encoder.time_base = 640, 480, "yuv420p", Fraction(1, FPS)
    zoom, encoder.bit_rate, encoder.gop_size = dice.uniform(0.55, 1.0), dice.choice([250_000, 500_000, 800_000]), 30
    encoder.options = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "auto-alt-ref": "0"}
    phase = [dice.uniform(0, 6.28) for _ in range(4)]
    sway, turn, light, noise = dice.uniform(1, 8), dice.uniform(0.2, 3), dice.uniform(0.6, 1.1), dice.uniform(1, 6)
    film: Film = []
    for number in range(4 * FPS):
        t = number / FPS
        frame = base.copy()
        if is_moving and t * 1000 >= ANSWERS_MS:
            half = max(6.0, (rx - lx) * 0.5)
            opened = int(half * 0.55 * abs(np.sin(t * 9 + phase[0])))
            middle = (int((lx + rx) / 2), int((ly + ry) / 2) + opened // 2)
            cv2.ellipse(frame, middle, (int(half * 0.9), max(1, opened)), 0, 0, 360, (30, 20, 60), -1)
        matrix = cv2.getRotationMatrix2D((320, 240), turn * np.sin(t * 0.9 + phase[1]), zoom)
        matrix[:, 2] += (sway * np.sin(t * 1.1 + phase[2]), sway * 0.6 * np.cos(t * 0.8 + phase[3]))
        moved = cv2.warpAffine(frame, matrix, (640, 480), borderMode=cv2.BORDER_REFLECT)
        lit = moved * light * (1 + 0.03 * np.sin(t * 2)) + rng.normal(0, noise, moved.shape)
        picture = av.VideoFrame.from_ndarray(np.clip(lit, 0, 255).astype(np.uint8), format="bgr24").reformat(format="yuv420p")
        picture.pts = number
        for packet in encoder.encode(picture):
            for seen in decoder.decode(av.Packet(bytes(packet))):
                film.append((np.asarray(seen.to_ndarray(format="bgr24"), np.uint8), number * 1000 // FPS))
    return film


def between(film: Film, t0_ms: int, t1_ms: int) -> Iterator[tuple[Picture, int]]:
    """Pictures of a stretch, as sparse as the check looks at them."""
    due = t0_ms
    for picture, t_ms in film:
        if due <= t_ms <= t1_ms:
            yield picture, t_ms
            due = t_ms + EVERY_MS


def mouths(seeds: int) -> dict[str, Any]:
    """How mouths that stay and drawn ones that move come out, and what the limit makes of them; every error is printed."""
    faces = Faces.open(MODELS)
    if faces is None:
        print("models missing: not measured")
        return {"mouth_still_max": None, "mouth_drawn_found": None, "mouth_still_false": None, "mouth_spoken_found": None}
    limit = load_rulebook().limits["mouth_motion_min"]
    found: dict[bool, list[float]] = {True: [], False: []}
    for name, photo in photos().items():
        if name == "two_people.jpg":
            continue
        for seed in range(seeds):
            for is_moving, motions in found.items():
                film = filmed(faces, photo, seed * 7 + 3, is_moving=is_moving)
                quiet = mouth_motion(faces, between(film, 0, LISTENS_MS))["motion"]
                motion = against(mouth_motion(faces, between(film, ANSWERS_MS, ENDS_MS))["motion"], quiet)
                if motion is None:
                    print(f"  no faces: {name}, seed {seed}")
                    continue
                motions.append(motion)
                if (motion >= limit) != is_moving:
                    print(f"  {'MISSED' if is_moving else 'WRONG'}: {name}, seed {seed}: {motion}")
    false = sum(motion >= limit for motion in found[False])
    right = sum(motion >= limit for motion in found[True])
    print(f"  mouths, limit {limit}: {right} of {len(found[True])} drawn ones found, {false} of {len(found[False])} still ones")
    return {
        "mouth_still_max": max(found[False]),
        "mouth_still_false": [false, len(found[False])],
        "mouth_drawn_found": [right, len(found[True])],
        "mouth_spoken_found": None,
    }


def real_pictures() -> Iterator[tuple[str, Picture]]:
    """Pictures that show no card: two a second of each test video, and every photograph."""
    for path in sorted((CLIPS / "video").glob("*.mp4")):
        video = cv2.VideoCapture(str(path))
        due = 0.0
        while (read := video.read())[0]:
            t_ms = video.get(cv2.CAP_PROP_POS_MSEC)
            if t_ms >= due:
                due = t_ms + 500
                yield f"{path.name} at {t_ms / 1000:.1f} s", np.asarray(read[1], np.uint8)
    yield from photos().items()


def cards() -> dict[str, Any]:
    """Cards, and cards with a portrait, seen in real pictures that show none; each is printed."""
    faces = Faces.open(MODELS)
    looked = shapes = taken = 0
    for name, picture in real_pictures():
        found = card_shown(faces, [(picture, 0)])
        looked += 1
        shapes += found["cards"]
        taken += found["portraits"] or 0
        if found["cards"]:
            print(f"  {'WRONG' if found['portraits'] else 'a card without a portrait, not taken'}: {name}")
    print(f"  cards in {looked} real pictures that show none: {shapes} shapes, {taken} taken for a card")
    return {"card_real_false": [taken, looked], "card_filmed_found": None}


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Calibration of mouths and cards")
    parser.add_argument("--seeds", type=int, default=4)
    options = parser.parse_args()
    result(cards() | mouths(options.seeds))


if __name__ == "__main__":
    main()
