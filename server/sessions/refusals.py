"""Refusals of the rules as problems of the edge."""

from typing import NoReturn

from server.domain.session import Refusal
from server.http.problem import Problem

_STATUS = {"forbidden": 403, "conflict": 409, "missing": 404, "invalid": 422}


def to_problem(refusal: Refusal) -> Problem:
    """The problem a refusal becomes."""
    status = 410 if refusal.code == "SESSION_OVER" else _STATUS[refusal.kind]
    return Problem(status, refusal.code, **dict(refusal.params))


def raise_refusal(refusal: Refusal) -> NoReturn:
    """Raise it."""
    raise to_problem(refusal)
