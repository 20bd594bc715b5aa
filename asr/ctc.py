"""CTC arithmetic: forward scores of many label sequences at once, and the best free path."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]
NEVER = -1e30


def free_path(log_probs: Doubles) -> float:
    """Log probability of the best path without any constraint."""
    return float(log_probs.max(axis=1).sum())


def forward(log_probs: Doubles, phrases: Sequence[tuple[int, ...]]) -> Doubles:
    """Log probability that exactly each phrase was said: all CTC paths that collapse to it.

    Args:
        log_probs: [steps, classes], class 0 is the blank.
        phrases: class sequences, at least one label each.

    Returns:
        [phrases]; `NEVER` where the audio is too short for the phrase.
    """
    longest = max(len(phrase) for phrase in phrases)
    width = 2 * longest + 1
    labels = np.zeros((len(phrases), width), np.int64)
    may_skip = np.zeros((len(phrases), width), bool)
    for row, phrase in enumerate(phrases):
        labels[row, 1 : 2 * len(phrase) : 2] = phrase
        for place in range(1, len(phrase)):
            may_skip[row, 2 * place + 1] = phrase[place] != phrase[place - 1]
    if len(log_probs) == 0:
        return np.full(len(phrases), NEVER)
    alpha = np.full((len(phrases), width), NEVER)
    alpha[:, :2] = log_probs[0][labels[:, :2]]
    skip_cost = np.where(may_skip, 0.0, NEVER)
    for step in log_probs[1:]:
        moved = np.full_like(alpha, NEVER)
        moved[:, 1:] = alpha[:, :-1]
        skipped = np.full_like(alpha, NEVER)
        skipped[:, 2:] = alpha[:, :-2]
        alpha = np.logaddexp(np.logaddexp(alpha, moved), skipped + skip_cost) + step[labels]
    ends = np.array([2 * len(phrase) for phrase in phrases])
    rows = np.arange(len(phrases))
    result: Doubles = np.maximum(np.logaddexp(alpha[rows, ends], alpha[rows, ends - 1]), NEVER)
    return result


def greedy(log_probs: Doubles) -> list[tuple[int, int]]:
    """Best free path collapsed: (class, step of its highest probability)."""
    best = log_probs.argmax(axis=1)
    found: list[tuple[int, int]] = []
    last = 0
    for step, label in enumerate(best):
        if label != 0 and label != last:
            found.append((int(label), step))
        elif label != 0 and log_probs[step, label] > log_probs[found[-1][1], label]:
            found[-1] = (int(label), step)
        last = label
    return found
