"""Transcription of a finished file: stretches of speech with times, text and words, read in a stream and in constant memory.

Times are those of the file's own clock: for a recording segment, whose block times are absolute, that is the session clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av

from asr.incoming import Chunk, duration_ms, silence
from asr.ports import SAMPLE_RATE, Recogniser, SpeechError, Transcript, Word
from asr.seats import Utterance
from asr.vad import FRAME, FRAME_MS, Endpointer, VadModel, VadRules, VadStream

_GAP_MS = 1_000
_SLACK_MS = 60
_PREROLL = 10
LONGEST_MS = 20_000
"""An utterance is cut after it."""
_LONGEST_FRAMES = LONGEST_MS // FRAME_MS
_CONTAINERS = {"format_whitelist": "matroska,mov,ogg,wav,mp3,flac"}
"""Files of sound and film. Playlists, which name other files, are none, whatever the file is called."""


@dataclass(frozen=True, slots=True)
class SpokenSegment:
    """One stretch of speech and what was heard; times in ms on the file's clock."""

    start_ms: int
    end_ms: int
    text: str
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class FileTranscript:
    """Everything heard in a file."""

    segments: tuple[SpokenSegment, ...]
    engine: str
    duration_ms: int

    @property
    def text(self) -> str:
        """All segments' text, one line each."""
        return "\n".join(segment.text for segment in self.segments if segment.text)

    @property
    def words(self) -> tuple[Word, ...]:
        """All words in time order."""
        return tuple(word for segment in self.segments for word in segment.words)


def transcribe(path: Path, recogniser: Recogniser, vad: VadModel, rules: VadRules | None = None) -> FileTranscript:
    """Transcribe the first audio stream of a file. Raises `SpeechError` `FILE_UNREADABLE` or `FILE_NO_AUDIO`."""
    segments: list[SpokenSegment] = []
    splitter = Splitter(vad, rules or VadRules())
    end = 0
    for chunk in read_chunks(path):
        end = chunk.t_ms + duration_ms(chunk.pcm)
        for utterance in splitter.push(chunk):
            segments.append(hear(recogniser, utterance.start_ms, utterance.pcm))
    for utterance in splitter.finish():
        segments.append(hear(recogniser, utterance.start_ms, utterance.pcm))
    return FileTranscript(tuple(segments), recogniser.info.name, end)


def hear(recogniser: Recogniser, start_ms: int, pcm: bytes) -> SpokenSegment:
    """Recognise one utterance that begins at `start_ms`."""
    stream = recogniser.stream()
    stream.feed(pcm)
    heard: Transcript = stream.finish()
    words = tuple(Word(w.text, w.start_ms + start_ms, w.end_ms + start_ms, w.confidence) for w in heard.words)
    return SpokenSegment(start_ms, start_ms + duration_ms(pcm), heard.text, words)


def read_chunks(path: Path) -> Iterator[Chunk]:
    """Decode to 16 kHz mono with times. Short holes become silence; a hole over a second starts a new anchor."""
    try:
        with av.open(str(path), options=_CONTAINERS) as container:
            if not container.streams.audio:
                raise SpeechError("FILE_NO_AUDIO", path.name)
            yield from _decode(container)
    except (av.FFmpegError, OSError) as error:
        raise SpeechError("FILE_UNREADABLE", f"{path.name}: {error}") from error


def _decode(container: "av.container.InputContainer") -> Iterator[Chunk]:
    resampler = av.AudioResampler("s16", "mono", SAMPLE_RATE)
    next_ms: int | None = None
    for frame in container.decode(audio=0):
        at = round(frame.time * 1000) if frame.time is not None else (next_ms or 0)
        is_break = next_ms is not None and abs(at - next_ms) > _GAP_MS
        if next_ms is None or is_break:
            next_ms = at
        elif at - next_ms > _SLACK_MS:
            hole = at - next_ms
            yield Chunk(next_ms, silence(hole))
            next_ms = at
        frame.pts = None
        pcm = b"".join(out.to_ndarray().tobytes() for out in resampler.resample(frame))
        if pcm:
            yield Chunk(next_ms, pcm, is_break=is_break)
            next_ms += duration_ms(pcm)


class Splitter:
    """Cuts a chunked stream into utterances by voice activity."""

    def __init__(self, vad: VadModel, rules: VadRules) -> None:
        self._model = vad
        self._rules = rules
        self._restart(0)

    def _restart(self, t_ms: int) -> None:
        self._vad = VadStream(self._model)
        self._ends = Endpointer(self._rules)
        self._anchor: int | None = None
        self._samples = 0
        self._frames: list[bytes] = []
        self._start_ms = t_ms

    def push(self, chunk: Chunk) -> Iterator[Utterance]:
        """Take the next chunk; utterances that it completed."""
        if chunk.is_break:
            yield from self.finish()
            self._restart(chunk.t_ms)
        if self._anchor is None:
            self._anchor = chunk.t_ms
        for pcm, probability in self._vad.feed(chunk.pcm):
            t_ms = self._anchor + self._samples * 1000 // SAMPLE_RATE
            self._samples += FRAME
            change = self._ends.push(probability)
            if not self._ends.is_speaking and change is None:
                self._frames = [*self._frames[-(_PREROLL - 1) :], pcm]
                continue
            if change is not None and change.is_start:
                self._start_ms = t_ms - len(self._frames) * FRAME_MS
            self._frames.append(pcm)
            if (change is not None and not change.is_start) or len(self._frames) > _LONGEST_FRAMES:
                yield self._cut()
                self._start_ms = t_ms + FRAME_MS

    def finish(self) -> Iterator[Utterance]:
        """The utterance that was still running, if any."""
        if self._ends.is_speaking and self._frames:
            yield self._cut()

    def _cut(self) -> Utterance:
        frames, self._frames = self._frames, []
        return Utterance("", "", self._start_ms, b"".join(frames))
