"""A job that is paused by a stop is no warning on the console; anything else that the engine warns of is."""

import inspect
import logging

import pytest
from dbos import _outcome
from dbos._logger import init_logger

from server.jobs.engine import PAUSED, speak_through_our_log


def test_only_the_pause_is_no_warning(caplog: pytest.LogCaptureFixture) -> None:
    init_logger()
    speak_through_our_log()
    logger = logging.getLogger("dbos")
    assert not logger.handlers, "nothing writes past our own handlers"
    logger.warning(f"{PAUSED} <function run_job>")
    logger.warning("Queue is full")
    assert [record.levelno for record in caplog.records] == [logging.INFO, logging.WARNING]


def test_the_engine_still_says_it_so() -> None:
    assert PAUSED in inspect.getsource(_outcome)
