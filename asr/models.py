"""Where the speech models are, and what is missing.

A model folder is laid out like the mirror: `<model_dir>/<name>/<files>`. Nothing is downloaded here (scripts/models.py does that)
and nothing is guessed: a model with a missing file is reported with the reason and not used.
"""

import os
from dataclasses import dataclass
from pathlib import Path

CTC = "fsmn-char-ctc-zh"
TRIGRAM = "zh-char-3gram"
VAD = "silero-vad"
VOSK = "vosk-model-small-cn-0.22"

_FILES: dict[str, tuple[str, ...]] = {
    CTC: ("fsmn_char_ctc_zh.onnx", "tokens.txt"),
    TRIGRAM: ("char3.arpa.gz",),
    VAD: ("silero_vad.onnx",),
    VOSK: ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/phones/word_boundary.int"),
}


@dataclass(frozen=True, slots=True)
class ModelState:
    """One model: its folder when every needed file is there, else why not."""

    name: str
    folder: Path | None
    reason: str = ""

    @property
    def is_available(self) -> bool:
        """Whether it can be loaded."""
        return self.folder is not None


@dataclass(frozen=True, slots=True)
class SpeechModels:
    """The states of everything the speech engine may load."""

    ctc: ModelState
    trigram: ModelState
    vad: ModelState
    vosk: ModelState

    def all(self) -> tuple[ModelState, ...]:
        """Every model, in a fixed order."""
        return (self.ctc, self.trigram, self.vad, self.vosk)


def locate(*folders: Path | None, vosk_dir: Path | None = None) -> SpeechModels:
    """Look for each model in `folders`, first hit wins.

    `vosk_dir` (default: environment `DR_VOSK_MODEL`) is any vosk model folder and wins over the default one in `folders`.
    """
    places = [folder for folder in folders if folder is not None]
    given = os.environ.get("DR_VOSK_MODEL")
    vosk_dir = vosk_dir or (Path(given) if given else None)
    vosk = _check(VOSK, vosk_dir) if vosk_dir is not None else _find(VOSK, places)
    return SpeechModels(_find(CTC, places), _find(TRIGRAM, places), _find(VAD, places), vosk)


_ABSENT = "没有这个模型"


def _find(name: str, places: list[Path]) -> ModelState:
    states = [_check(name, place / name) for place in places]
    for state in states:
        if state.is_available:
            return state
    partial = [state for state in states if _ABSENT not in state.reason]
    return (partial or states or [ModelState(name, None, "没有配置模型目录")])[0]


def _check(name: str, folder: Path) -> ModelState:
    if not folder.is_dir():
        return ModelState(name, None, f"{_ABSENT}（{folder.parent.name}/{folder.name}）")
    missing = [file for file in _FILES[name] if not (folder / file).is_file()]
    if missing:
        return ModelState(name, None, f"模型不完整，缺少 {'、'.join(missing)}（{folder.parent.name}/{folder.name}）")
    return ModelState(name, folder)
