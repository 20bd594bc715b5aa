"""A job that is paused by a stop is no warning on the console; anything else that the engine warns of is."""

import inspect
import logging

from dbos import _outcome

from server.jobs.engine import PAUSED, told_by_us


def level(text: str) -> int:
    record = logging.LogRecord("dbos", logging.WARNING, __file__, 1, text, None, None)
    assert told_by_us(record), "it stays in the log file"
    return record.levelno


def test_only_the_pause_is_no_warning() -> None:
    assert level(f"{PAUSED} <function run_job>") == logging.INFO
    assert level("Queue is full") == logging.WARNING


def test_the_engine_still_says_it_so() -> None:
    assert PAUSED in inspect.getsource(_outcome)
