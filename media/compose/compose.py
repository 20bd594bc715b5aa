"""One MP4 per recording, made after the call: the people in a grid, or beside a share while it lasts, wall clock, names, node
titles, chapters, all sound.

The picture is decoded and laid out here (only changed cells are drawn), ffmpeg burns in the texts and encodes. Every output
frame has its session time, so the length is that of the recording whatever was lost on the way.
"""

import asyncio
import hashlib
import resource
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import ffmpeg
import numpy as np

from media.compose import markers
from media.compose.canvas import Canvas, Cell, Painter, Scene
from media.compose.ffmpeg import CLOCK_FONT_FILES, FONT_FILES, Feed, font, run
from media.compose.job import ComposeError, ComposeJob, ComposeResult, Progress
from media.compose.layout import HEADER, LABEL, Box, Layout, arrange, shared_spans
from media.compose.sources import SAMPLE_RATE, PictureSource, SoundSource, mixed_sound
from media.recorder.reader import Timeline, read_timeline

CAMERA_HOLD_MS = 1_500
SCREEN_HOLD_MS = 6_000
ABSENT_TEXT = "未接入"
INTERRUPTED_TEXT = "画面中断"
SHARE_TEXT = {ABSENT_TEXT: "共享即将开始", INTERRUPTED_TEXT: "共享画面中断"}
_ENCODE_PART = 0.97


async def compose(job: ComposeJob, on_progress: Progress | None = None) -> ComposeResult:
    """Compose a recording. A finished output appears at once or not at all; running again replaces it.

    Raises:
        ComposeError: see its codes.
        RecordingUnreadable: the folder holds no recording.
    """
    timeline = await asyncio.to_thread(read_timeline, job.folder)
    if timeline.duration_ms <= 0 or not timeline.segments:
        raise ComposeError("RECORDING_EMPTY", str(job.folder))
    job.output.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".compose-{job.output.name}-"
    for left in job.output.parent.glob(f"{prefix}*"):  # a killed run's
        shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=prefix, dir=job.output.parent) as name:
        return await _Composition(job, timeline, Path(name), on_progress or (lambda _: None)).make()


@dataclass(slots=True)
class _Text:
    """A text burnt into a picture; `at` are drawtext expressions."""

    text: str
    size: int
    x: str
    y: str
    colour: str = "white"


class _Composition:
    """One run of `compose` in its own temporary folder."""

    def __init__(self, job: ComposeJob, timeline: Timeline, work: Path, on_progress: Progress) -> None:
        self._job = job
        self._timeline = timeline
        self._work = work
        self._on_progress = on_progress
        self._progress = 0.0
        self._files = 0
        self._cpu_s = 0.0
        shares = [segment for segment in timeline.segments if segment.track == "screen"]
        self._shared = shared_spans((segment.t0_ms, segment.t1_ms) for segment in shares)
        self._pictures = [
            PictureSource(
                job.folder,
                [s for s in timeline.segments if s.track == "main" and s.seat_id == seat.seat_id],
                CAMERA_HOLD_MS,
            )
            for seat in job.seats
        ]
        self._share = PictureSource(job.folder, shares, SCREEN_HOLD_MS) if shares else None
        self._sounds = [SoundSource(job.folder, chain.segments) for chain in timeline.chains() if chain.has_audio]

    async def make(self) -> ComposeResult:
        job, timeline = self._job, self._timeline
        started = resource.getrusage(resource.RUSAGE_CHILDREN)
        painter = await self._painter()
        silent = self._work / "body.mp4"
        await self._encode(painter, silent)
        chapters = self._work / "chapters.txt"
        title = job.headline or timeline.recording_id
        chapters.write_text(markers.chapters(job.nodes, timeline.duration_ms, title, timeline.started_at))
        final = self._work / "final.mp4"
        await run(_finish_arguments(silent, chapters, final))
        vtt = job.output.with_suffix(".vtt")
        cues = markers.webvtt(job.nodes, job.markers, timeline.duration_ms, timeline.started_at, job.time_zone)
        (self._work / "markers.vtt").write_text(cues)
        digest, size = await asyncio.to_thread(_digest, final)
        (self._work / "markers.vtt").replace(vtt)
        final.replace(job.output)
        self._report(1.0)
        ended = resource.getrusage(resource.RUSAGE_CHILDREN)
        children = ended.ru_utime + ended.ru_stime - started.ru_utime - started.ru_stime
        return ComposeResult(
            path=job.output,
            vtt=vtt,
            sha256=digest,
            bytes=size,
            duration_ms=timeline.duration_ms,
            started_at=timeline.started_at,
            width=job.width,
            height=job.height,
            chapters=len(markers.spans(job.nodes, timeline.duration_ms)),
            has_share=self._share is not None,
            undecodable_frames=sum(source.undecodable for source in self._sources()),
            cpu_s=self._cpu_s + children,
        )

    def _sources(self) -> list[PictureSource]:
        return [*self._pictures, *([self._share] if self._share else [])]

    def _report(self, done: float) -> None:
        if done > self._progress:
            self._progress = done
            self._on_progress(done)

    async def _painter(self) -> Painter:
        people = await self._scene(has_share=False)
        beside = await self._scene(has_share=True) if self._share else people

        def at(t_ms: float) -> Scene:
            return beside if any(t0_ms <= t_ms < t1_ms for t0_ms, t1_ms in self._shared) else people

        return Painter(at, at(0))

    async def _scene(self, *, has_share: bool) -> Scene:
        layout = arrange(self._job.width, self._job.height, len(self._job.seats), has_share)
        places = [*zip(self._pictures, layout.seats, strict=True)]
        if layout.share is not None and self._share is not None:
            places.append((self._share, layout.share))
        absent, interrupted = await self._background(layout, ABSENT_TEXT), await self._background(layout, INTERRUPTED_TEXT)
        return Scene(absent, interrupted, [Cell(source, box) for source, box in places])

    async def _background(self, layout: Layout, card: str) -> Canvas:
        """The canvas with everything that does not change while a layout is shown: labels, the headline, a card in each cell."""
        job = self._job
        stream = ffmpeg.input(f"color=c=0x10181f:s={job.width}x{job.height}:r=1:d=1", f="lavfi")
        for box in (*layout.seats, *((layout.share,) if layout.share else ())):
            stream = stream.filter("drawbox", x=box.x, y=box.y, w=box.width, h=box.height, color="0x1d2a33", t="fill")
        for text in self._fixed_texts(layout, card):
            stream = self._write(stream, text)
        path = self._work / f"background-{self._files}.yuv"
        await run(stream.output(str(path), format="rawvideo", pix_fmt="yuv420p", vframes=1).get_args())
        content = np.fromfile(path, np.uint8)
        return content.reshape(job.height * 3 // 2, job.width)

    def _fixed_texts(self, layout: Layout, card: str) -> Iterator[_Text]:
        for seat, box in zip(self._job.seats, layout.seats, strict=True):
            yield _Text(card, 26, f"{box.x}+({box.width}-tw)/2", f"{box.y}+({box.height}-th)/2", "0x8fa3b0")
            yield _Text(seat.name, 19, f"{box.x}+6", f"{box.y + box.height}+({LABEL}-th)/2")
        if layout.share:
            yield _Text(SHARE_TEXT[card], 26, _middle(layout.share, "w"), _middle(layout.share, "h"), "0x8fa3b0")
        if self._job.headline:
            yield _Text(self._job.headline, 15, "12", "36", "0x8fa3b0")

    def _write(self, stream: Any, text: _Text, **options: object) -> Any:
        """Draw a text through a file, so that no character of it has a meaning for ffmpeg."""
        self._files += 1
        path = self._work / f"text-{self._files}.txt"
        path.write_text(text.text)
        return stream.filter(
            "drawtext",
            fontfile=font(FONT_FILES),
            textfile=str(path),
            expansion="none",
            fontsize=text.size,
            fontcolor=text.colour,
            x=text.x,
            y=text.y,
            **options,
        )

    async def _encode(self, painter: Painter, path: Path) -> None:
        job, duration_ms = self._job, self._timeline.duration_ms
        picture = Feed(self._frames(painter))
        sound = Feed(mixed_sound(self._sounds, duration_ms))
        size = f"{job.width}x{job.height}"
        video = ffmpeg.input(
            picture.url, format="rawvideo", pix_fmt="yuv420p", s=size, framerate=job.fps, thread_queue_size=4
        ).video
        audio = ffmpeg.input(sound.url, format="s16le", ar=SAMPLE_RATE, ac=1, thread_queue_size=8).audio
        for node, end in markers.spans(job.nodes, duration_ms):
            shown = f"gte(t,{node.t_ms / 1000})*lt(t,{end / 1000})"
            video = self._write(video, _Text(node.title, 22, "12", "8" if job.headline else f"({HEADER}-th)/2"), enable=shown)
        video = self._write_clock(video)
        output = ffmpeg.output(
            video,
            audio,
            str(path),
            vcodec="libx264",
            preset=job.preset,
            **{"x264-params": job.encoder},
            crf=job.crf,
            pix_fmt="yuv420p",
            g=job.fps * 4,
            threads=job.threads,
            filter_threads=1,
            acodec="aac",
            audio_bitrate="96k",
            t=duration_ms / 1000,
        )
        await run(
            output.get_args(),
            [picture, sound],
            lambda t_ms: self._report(min(_ENCODE_PART, _ENCODE_PART * t_ms / duration_ms)),
        )

    def _write_clock(self, stream: Any) -> Any:
        """Burn in the wall clock: monospaced, large, on a box, in the header's right corner."""
        zone = ZoneInfo(self._job.time_zone)
        start = self._timeline.started_at
        shift = datetime.fromtimestamp(start.timestamp(), zone).utcoffset()
        assert shift is not None
        epoch = start.timestamp() + shift.total_seconds()
        return stream.filter(
            "drawtext",
            fontfile=font(CLOCK_FONT_FILES),
            text=f"%{{pts:gmtime:{epoch:.3f}:%Y-%m-%d %H\\:%M\\:%S}}",
            fontsize=34,
            fontcolor="white",
            box=1,
            boxcolor="black",
            boxborderw=8,
            x="w-tw-14",
            y=f"({HEADER}-th)/2",
        )

    def _frames(self, painter: Painter) -> Iterator[Canvas]:
        """Every output frame; runs in the feeding thread, whose CPU time it counts."""
        fps, duration_ms = self._job.fps, self._timeline.duration_ms
        count = -(-duration_ms * fps // 1000)
        begun = time.thread_time()
        for index in range(count):
            yield painter.paint(index * 1000 / fps)
        self._cpu_s += time.thread_time() - begun


def _finish_arguments(body: Path, chapters: Path, final: Path) -> list[str]:
    """Arguments that add chapters and put the index in front. ffmpeg-python has no input that only gives metadata."""
    inputs = ["-i", str(body), "-f", "ffmetadata", "-i", str(chapters)]
    chosen = ["-map", "0", "-map_metadata", "1", "-map_chapters", "1", "-c", "copy", "-movflags", "+faststart"]
    return [*inputs, *chosen, str(final)]


def _middle(box: Box, side: str) -> str:
    return f"{box.x}+({box.width}-tw)/2" if side == "w" else f"{box.y}+({box.height}-th)/2"


def _digest(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
