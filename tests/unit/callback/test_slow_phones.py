"""The clock of a filmed challenge on slow phones: an honest customer passes, whoever does something else does not.

The page's clock starts when the recorder says so, the video's with its first picture: on slow phones a second later, on others a
little earlier, and pictures come a few times a second only.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise, product

import pytest

from media.vision.video import STRAIGHT, TAIL_MS, TURNS, Sight, Step, is_challenge_met, shifts
from server.callbacks.library import shipped_rulebook
from server.domain.callback.liveness import Challenge, make_challenge

TURNED = 0.28
MOVES_MS = 500
OTHER_WAY = {"turn_left": "turn_right", "turn_right": "turn_left"}


Film = tuple[list[Sight], int, int]
"""The sights on the video's clock, its first time stamp, and its last."""


def challenges() -> Iterator[Challenge]:
    for kind, seed in product(("turns", "digits"), range(6)):
        state = seed

        def below(limit: int) -> int:
            nonlocal state
            state = state * 7 + 3
            return state // 2 % limit

        yield make_challenge(kind, shipped_rulebook("S0").identity, below)


def windows(challenge: Challenge) -> list[Step]:
    return [Step(STRAIGHT if s.action == "read" else s.action, s.from_ms, s.to_ms) for s in challenge.steps]


def yaw_at(at: float, moves: Sequence[tuple[float, str]]) -> float:
    """Where the head is: it moves for half a second towards each new direction."""
    places = [(begin, TURNS.get(action, 0.0) * TURNED * 1.5) for begin, action in moves]
    yaw = 0.0
    for (begin, goal), (until, _) in pairwise([*places, (10**9, 0.0)]):
        if at < begin:
            break
        part = min(1.0, (min(at, until) - begin) / MOVES_MS)
        yaw += (goal - yaw) * part
    return yaw


def film(challenge: Challenge, actions: list[str], *, reaction_ms: int, offset_ms: int, fps: float) -> Film:
    """What is seen of somebody who begins each of `actions` `reaction_ms` after its step is shown.

    `offset_ms`: how much later than the page's clock the first picture was taken.
    """
    moves = [(step.from_ms + reaction_ms, action) for step, action in zip(challenge.steps, actions, strict=True)]
    sights: list[Sight] = []
    number = 0
    while (at := offset_ms + number * 1000 / fps + (number % 3) * 30) <= challenge.length_ms + TAIL_MS + 40:
        sights.append(Sight(int(at - offset_ms), yaw_at(at, moves), 0.7))
        number += 1
    return sights, 0, sights[-1].t_ms


def is_met(challenge: Challenge, seen: Film) -> bool | None:
    sights, start_ms, last_ms = seen
    steps = windows(challenge)
    return is_challenge_met(sights, steps, TURNED, shifts(steps, start_ms, last_ms))


@pytest.mark.parametrize("offset_ms", [-500, -200, 0, 300, 600, 1000, 1300])
@pytest.mark.parametrize("fps", [4, 5, 7.5, 10, 25])
@pytest.mark.parametrize("reaction_ms", [250, 600, 1000, 1500])
def test_an_honest_customer_passes(reaction_ms: int, fps: float, offset_ms: int) -> None:
    for challenge in challenges():
        done = film(challenge, [s.action for s in windows(challenge)], reaction_ms=reaction_ms, offset_ms=offset_ms, fps=fps)
        assert is_met(challenge, done) is True, challenge


@pytest.mark.parametrize("offset_ms", [-500, 0, 1000])
@pytest.mark.parametrize("fps", [5, 25])
def test_another_film_does_not_pass_at_any_offset(fps: float, offset_ms: int) -> None:
    for challenge in challenges():
        asked = [step.action for step in windows(challenge)]
        others = [[STRAIGHT] * len(asked), [OTHER_WAY.get(action, action) for action in asked]]
        last = max(index for index, action in enumerate(asked) if action in TURNS)
        others.append([OTHER_WAY[action] if index == last else action for index, action in enumerate(asked)])
        for actions in others:
            seen = film(challenge, actions, reaction_ms=700, offset_ms=offset_ms, fps=fps)
            assert is_met(challenge, seen) is False, (challenge, actions)
