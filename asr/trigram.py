"""A character trigram model (ARPA, gzip) packed into sorted arrays: about 8 MB instead of 100 MB of dictionaries."""

import gzip
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

_LN10 = float(np.log(10.0))
_START, _END = "<s>", "</s>"
_UNSEEN = -7.0


class Trigram:
    """Back-off trigram over characters; probabilities are natural logarithms."""

    def __init__(self, path: Path) -> None:
        self._ids: dict[str, int] = {}
        self._keys: list[npt.NDArray[np.int64]] = []
        self._probs: list[npt.NDArray[np.float32]] = []
        self._backs: list[npt.NDArray[np.float32]] = []
        self._parse(path)
        self.log_prob = lru_cache(maxsize=200_000)(self._log_prob)

    def _parse(self, path: Path) -> None:
        order = 0
        keys: list[int] = []
        probs: list[float] = []
        backs: list[float] = []
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for raw in file:
                line = raw.rstrip("\n")
                if line.startswith("\\"):
                    if order:
                        self._store(keys, probs, backs)
                        keys, probs, backs = [], [], []
                    order = int(line[1]) if line[1].isdigit() else 0
                    continue
                if not order or not line:
                    continue
                parts = line.split("\t")
                words = parts[1].split(" ")
                if order == 1:
                    self._ids[words[0]] = len(self._ids) + 1
                keys.append(self._key([self._ids[word] for word in words]))
                probs.append(float(parts[0]) * _LN10)
                backs.append(float(parts[2]) * _LN10 if len(parts) > 2 else 0.0)

    def _store(self, keys: list[int], probs: list[float], backs: list[float]) -> None:
        array = np.array(keys, np.int64)
        sort = np.argsort(array)
        self._keys.append(array[sort])
        self._probs.append(np.array(probs, np.float32)[sort])
        self._backs.append(np.array(backs, np.float32)[sort])

    @staticmethod
    def _key(ids: list[int]) -> int:
        key = 0
        for number in ids:
            key = (key << 20) | number
        return key

    def _find(self, ids: list[int]) -> tuple[float, float] | None:
        order = len(ids) - 1
        if order >= len(self._keys):
            return None
        keys = self._keys[order]
        at = int(np.searchsorted(keys, self._key(ids)))
        if at < len(keys) and int(keys[at]) == self._key(ids):
            return float(self._probs[order][at]), float(self._backs[order][at])
        return None

    def _log_prob(self, before: str, character: str) -> float:
        """Log probability of `character` (empty: end of sentence) after `before` (its last two characters count)."""
        history = [self._ids.get(c, 0) for c in before[-2:]]
        if len(before) < 2:
            history.insert(0, self._ids.get(_START, 0))
        number = self._ids.get(character or _END, 0)
        if number == 0:
            return _UNSEEN * _LN10 / 2
        total = 0.0
        while history:
            found = self._find([*history, number]) if 0 not in history else None
            if found is not None:
                return total + found[0]
            context = self._find(history) if 0 not in history else None
            total += context[1] if context is not None else 0.0
            history = history[1:]
        single = self._find([number])
        return total + (single[0] if single is not None else _UNSEEN)
