"""Runs ffmpeg: argument lists are built by ffmpeg-python, the process is run by asyncio with progress, never by `.run()`."""

import asyncio
import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from media.compose.job import ComposeError

Chunk = bytes | NDArray[np.uint8]

FONT_FILES = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Bold.ttc",
)
CLOCK_FONT_FILES = ("/usr/share/fonts/truetype/dejavu/DejaVuSansMono-Bold.ttf", *FONT_FILES)
_TAIL = 2_000
_JOIN_S = 30.0


def font(files: tuple[str, ...]) -> str:
    """The first font that exists. Raises `ComposeError` FONT_MISSING."""
    for name in files:
        if Path(name).exists():
            return name
    raise ComposeError("FONT_MISSING", "install fonts-noto-cjk")


@dataclass(slots=True)
class Feed:
    """Data for one input of ffmpeg through a pipe of its own; `url` names it in the arguments."""

    chunks: Iterator[Chunk]
    ends: tuple[int, int] = field(default_factory=os.pipe)
    error: BaseException | None = None

    @property
    def url(self) -> str:
        """The input's name for ffmpeg."""
        return f"pipe:{self.ends[0]}"

    def pump(self) -> None:
        """Write everything; runs in a thread of its own and closes the writing end."""
        try:
            for chunk in self.chunks:
                data = memoryview(chunk if isinstance(chunk, bytes) else chunk.data).cast("B")
                while data:
                    data = data[os.write(self.ends[1], data) :]
        except BrokenPipeError:
            pass  # ffmpeg went away: its exit status says why
        except Exception as error:
            self.error = error
        finally:
            os.close(self.ends[1])


async def run(arguments: Sequence[str], feeds: Sequence[Feed] = (), on_time_ms: Callable[[int], None] | None = None) -> None:
    """Run ffmpeg to its end; cancelling kills it.

    Args:
        arguments: behind `ffmpeg`, without progress options.
        feeds: piped inputs.
        on_time_ms: told the written output time.

    Raises:
        ComposeError: FFMPEG_MISSING, FFMPEG_FAILED (with the end of its messages).
    """
    threads = [threading.Thread(target=feed.pump, name="compose-feed", daemon=True) for feed in feeds]
    try:
        process = await _spawn(arguments, feeds)
    except BaseException:
        for feed in feeds:
            os.close(feed.ends[1])
        raise
    for thread in threads:
        thread.start()
    try:
        assert process.stdout is not None
        assert process.stderr is not None
        messages = asyncio.create_task(process.stderr.read())
        async for line in process.stdout:
            name, _, value = line.decode().strip().partition("=")
            if name == "out_time_us" and on_time_ms is not None and value.lstrip("-").isdigit():
                on_time_ms(max(0, int(value) // 1000))
        text = (await messages).decode(errors="replace")[-_TAIL:]
        status = await process.wait()
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        for thread in threads:
            await asyncio.to_thread(thread.join, _JOIN_S)
    failed = next((feed.error for feed in feeds if feed.error is not None), None)
    if failed is not None:
        raise failed
    if status != 0:
        raise ComposeError("FFMPEG_FAILED", text or f"status {status}", retryable=True)


async def _spawn(arguments: Sequence[str], feeds: Sequence[Feed]) -> asyncio.subprocess.Process:
    binary, nice = shutil.which("ffmpeg"), shutil.which("nice")
    try:
        if binary is None:
            raise ComposeError("FFMPEG_MISSING", "install ffmpeg")
        polite = (nice, "-n", "10") if nice else ()  # a call that is being recorded goes first
        return await asyncio.create_subprocess_exec(
            *polite,
            *(binary, "-hide_banner", "-nostats", "-v", "error", "-progress", "pipe:1", "-y", *arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            pass_fds=[feed.ends[0] for feed in feeds],
        )
    finally:
        for feed in feeds:
            os.close(feed.ends[0])
