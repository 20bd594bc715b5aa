"""The speech service: engines loaded, an engine thread for live audio, one thread for transcripts, one for prompts.

Answers of the methods and the events are JSON objects exactly as docs/protocols.md has them. Missing models never stop it: what
is missing is told by `info`, answers come back as `not_measured`.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from asr.dictation import CtcRecogniser
from asr.digits import DigitScorer, spoken
from asr.engine import Engine, EngineSinks, answer_wire
from asr.incoming import duration_ms
from asr.judges import CtcJudge, GrammarJudge, Judge
from asr.lexicon import default_lexicon, default_rules, default_thresholds
from asr.listening import WindowSpec
from asr.matching import TextMatcher
from asr.models import SpeechModels
from asr.ports import AnswerLexicon, Recogniser, SpeechError, Word
from asr.scorer import AnswerScorer
from asr.seats import Utterance
from asr.transcribe import hear, transcribe
from asr.vad import VadModel
from asr.voices.studio import Studio
from asr.vosk_engine import VoskRecogniser

log = logging.getLogger(__name__)

T = TypeVar("T")
Emit = Callable[[str, dict[str, Any]], None]
_BACKLOG = 64


@dataclass(frozen=True, slots=True)
class SpeechOptions:
    """What the service needs from outside."""

    models: SpeechModels
    prompt_cache: Path
    voice: str = "espeak"
    recordings: Path | None = None
    voice_dirs: tuple[Path, ...] = ()


class SpeechService:
    """Lives on one event loop; `emit` is called on it. Use `async with`."""

    def __init__(self, options: SpeechOptions, emit: Emit) -> None:
        self._options = options
        self._emit = emit
        self._loop: asyncio.AbstractEventLoop | None = None
        self._texts = ThreadPoolExecutor(1, "speech-text")
        self._prompts = ThreadPoolExecutor(1, "speech-prompt")
        self._waiting = 0
        self._lock = threading.Lock()
        self._reasons: dict[str, str] = {}
        self._engine: Engine | None = None
        self._studio: Studio | None = None
        self._vad: VadModel | None = None
        self._ctc: CtcRecogniser | None = None
        self._scorer: AnswerScorer | None = None
        self._vosk: VoskRecogniser | None = None
        self.dropped_transcripts = 0

    async def __aenter__(self) -> "SpeechService":
        self._loop = asyncio.get_running_loop()
        await self._loop.run_in_executor(self._texts, self._load)
        self._engine = Engine(
            self._make_judge if self._ctc or self._vosk else None, self._vad, EngineSinks(self._emit_soon, self._on_utterance)
        )
        self._engine.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stop the threads; idempotent."""
        engine, self._engine = self._engine, None
        if engine is not None:
            await asyncio.to_thread(engine.close)
        for pool in (self._texts, self._prompts):
            await asyncio.to_thread(pool.shutdown, wait=True, cancel_futures=True)

    # loading

    def _load(self) -> None:
        models = self._options.models
        self._vad = self._try(models.vad.name, models.vad.folder, VadModel.load)
        trigram = models.trigram.folder
        spell = partial(TextMatcher(default_lexicon(), default_rules()).spell, is_whole=True)
        self._ctc = self._try(models.ctc.name, models.ctc.folder, lambda folder: CtcRecogniser.load(folder, trigram, spell=spell))
        self._vosk = self._try(models.vosk.name, models.vosk.folder, VoskRecogniser)
        if self._ctc is not None:
            self._scorer = AnswerScorer(self._ctc.dictation.model.tokens, default_rules(), default_thresholds())
        options = self._options
        self._studio = Studio(
            options.prompt_cache, wanted=options.voice, recordings=options.recordings, model_dirs=options.voice_dirs
        )

    def _try(self, name: str, folder: Path | None, load: Callable[[Path], T]) -> T | None:
        if folder is None:
            return None
        try:
            return load(folder)
        except Exception as error:
            log.exception("speech model does not load: %s", name)
            self._reasons[name] = f"does not load: {error}"
            return None

    def _make_judge(self, lexicon: AnswerLexicon) -> Judge:
        matcher = TextMatcher(lexicon, default_rules())
        if self._ctc is not None and self._scorer is not None:
            return CtcJudge(self._ctc.dictation, self._scorer, self._scorer.compile(lexicon), self._vosk, matcher)
        if self._vosk is None:
            raise SpeechError("NO_ENGINE", "no engine decides answers")
        return GrammarJudge(self._vosk.with_grammar(matcher.texts), matcher)

    @property
    def _recogniser(self) -> Recogniser | None:
        return self._vosk or self._ctc

    # events

    def _emit_soon(self, event: str, params: dict[str, Any]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._emit, event, params)

    def _on_utterance(self, utterance: Utterance) -> None:
        recogniser = self._recogniser
        if recogniser is None:
            return
        with self._lock:
            if self._waiting >= _BACKLOG:
                self.dropped_transcripts += 1
                return
            self._waiting += 1
        try:
            self._texts.submit(self._transcribe, recogniser, utterance)
        except RuntimeError:
            return

    def _transcribe(self, recogniser: Recogniser, utterance: Utterance) -> None:
        with self._lock:
            self._waiting -= 1
        try:
            heard = hear(recogniser, utterance.start_ms, utterance.pcm)
        except Exception:
            log.exception("transcription failed")
            return
        if heard.text:
            params = {
                "room_id": utterance.room_id,
                "seat_id": utterance.seat_id,
                "text": heard.text,
                "start_ms": utterance.start_ms,
                "end_ms": utterance.start_ms + duration_ms(utterance.pcm),
                "words": _words(heard.words),
                "engine": recogniser.info.name,
            }
            self._emit_soon("transcript", params)

    # methods

    def feed(self, room_id: str, seat_id: str, seq: int, t_ms: int, timestamp: int, payload: bytes) -> None:
        """Hand over one tapped Opus packet; never blocks."""
        if self._engine is not None:
            self._engine.packet(room_id, seat_id, seq, t_ms, timestamp, payload)

    def info(self) -> dict[str, Any]:
        """What is there and what is missing."""
        models = self._options.models
        loaded = {
            models.ctc.name: self._ctc,
            models.vad.name: self._vad,
            models.vosk.name: self._vosk,
            models.trigram.name: self._ctc,
        }
        roles = ((models.ctc, "verdict"), (models.vosk, "transcript"), (models.vad, "activity"), (models.trigram, "language"))
        engines = [
            {
                "name": {"verdict": "ctc", "transcript": "vosk"}.get(role, state.name),
                "version": "1",
                "model": state.name,
                "role": role,
                "available": state.is_available and loaded[state.name] is not None,
                "reason": state.reason or self._reasons.get(state.name, ""),
            }
            for state, role in roles
        ]
        if self._vosk is None and self._ctc is not None:
            reason = "stands in for vosk"
            engine = {"name": "ctc", "version": "1", "model": self._ctc.info.model, "role": "transcript", "available": True}
            engines.append({**engine, "reason": reason})
        studio = self._need_studio()
        voices = [{"name": v.name, "available": v.is_available, "reason": v.reason} for v in studio.voices()]
        recogniser = self._recogniser
        return {
            "engines": engines,
            "transcripts_by": recogniser.info.name if recogniser is not None else "",
            "voices": voices,
            "voice": studio.voice.name,
            "decoder": self._engine.decoder if self._engine else "",
            "dropped_packets": self._engine.dropped if self._engine else 0,
            "dropped_transcripts": self.dropped_transcripts,
        }

    def _need_studio(self) -> Studio:
        if self._studio is None:
            raise SpeechError("NOT_STARTED", "the service is not running", retryable=True)
        return self._studio

    def _need_engine(self) -> Engine:
        if self._engine is None:
            raise SpeechError("NOT_STARTED", "the service is not running", retryable=True)
        return self._engine

    async def open_answer(self, spec: WindowSpec, lexicon: AnswerLexicon) -> None:
        """Listen from now on; a lexicon without any phrase means the default one. Raises `SpeechError` `WINDOW_EXISTS`."""
        chosen = lexicon if lexicon.affirmative or lexicon.negative else default_lexicon()
        if not chosen.fillers:
            chosen = AnswerLexicon(chosen.affirmative, chosen.negative, default_lexicon().fillers)
        await asyncio.wrap_future(self._need_engine().open_window(spec, chosen))

    async def close_answer(self, window_id: str) -> dict[str, Any]:
        """Stop listening. Raises `SpeechError` `WINDOW_UNKNOWN`."""
        return answer_wire(window_id, await asyncio.wrap_future(self._need_engine().close_window(window_id)))

    async def prepare_prompt(self, text: str, *, rate: float, recorded_key: str | None) -> dict[str, Any]:
        """Make a prompt ready."""
        studio = self._need_studio()
        loop = asyncio.get_running_loop()
        done = await loop.run_in_executor(self._prompts, lambda: studio.prepare(text, rate=rate, recorded_key=recorded_key))
        return {
            "path": str(done.path),
            "sha256": done.sha256,
            "duration_ms": done.duration_ms,
            "marks": [list(mark) for mark in done.marks],
            "voice": done.voice,
            "is_synthetic": done.is_synthetic,
        }

    async def judge_digits(self, path: Path, digits: str, from_ms: int, to_ms: int) -> dict[str, Any]:
        """Whether a file has the digits read aloud inside a window. Raises `SpeechError` as `transcribe_file` does."""
        ctc, scorer, vad = self._ctc, self._scorer, self._vad
        if ctc is None or scorer is None or vad is None:
            raise SpeechError("NO_ENGINE", "no acoustic model or no voice activity model is installed")

        def work() -> dict[str, Any]:
            pcm = spoken(path, vad, from_ms, to_ms)
            if not pcm:
                return {"is_said": None, "score": None, "margin": None, "heard": "", "reason": "SILENT"}
            done = DigitScorer(scorer.sums).score(ctc.dictation.model.log_probs(pcm), digits)
            return asdict(done)

        return await asyncio.to_thread(work)

    async def transcribe_file(self, path: Path) -> dict[str, Any]:
        """Transcribe a file. Raises `SpeechError` `NO_ENGINE`, `FILE_UNREADABLE`, `FILE_NO_AUDIO`."""
        recogniser, vad = self._recogniser, self._vad
        if recogniser is None or vad is None:
            raise SpeechError("NO_ENGINE", "no recogniser or no voice activity model is installed")
        done = await asyncio.to_thread(transcribe, path, recogniser, vad)
        return {
            "text": done.text,
            "words": _words(done.words),
            "engine": done.engine,
            "duration_ms": done.duration_ms,
            "segments": [{"start_ms": s.start_ms, "end_ms": s.end_ms, "text": s.text} for s in done.segments],
        }


def _words(words: tuple[Word, ...]) -> list[dict[str, Any]]:
    return [{"text": w.text, "start_ms": w.start_ms, "end_ms": w.end_ms, "confidence": w.confidence} for w in words]
