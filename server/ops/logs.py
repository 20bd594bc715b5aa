"""Logging: structlog, static event names, values as fields; personal data only under keys that contain `pii`, masked here.

The console shows warnings and worse; `<data_dir>/logs/<process>.log` holds everything as JSON lines, rotated.
"""

import logging
import logging.handlers
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import structlog
from structlog.tracebacks import ExceptionDictTransformer

_BYTES = 20 << 20
_KEEP = 5


def mask(value: Any) -> str:
    """Keep the shape of a value, not the value: first and last character around stars."""
    text = str(value)
    if len(text) <= 2:
        return "*" * len(text)
    return f"{text[0]}{'*' * (len(text) - 2)}{text[-1]}"


def mask_personal(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Processor: mask every field whose key contains `pii`."""
    for key in list(event):
        if "pii" in key:
            event[key] = mask(event[key])
    return event


def configure(process: str, data_dir: Path, *, console_level: int = logging.WARNING) -> None:
    """Set up logging of one process; replaces earlier handlers."""
    folder = data_dir / "logs"
    folder.mkdir(parents=True, exist_ok=True)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        mask_personal,
    ]
    file = logging.handlers.RotatingFileHandler(folder / f"{process}.log", maxBytes=_BYTES, backupCount=_KEEP, encoding="utf-8")
    file.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                # Frames without their variables: those hold names, numbers and codes in clear.
                structlog.processors.ExceptionRenderer(ExceptionDictTransformer(show_locals=False)),
                structlog.processors.JSONRenderer(ensure_ascii=False, default=str),
            ],
        )
    )
    console = logging.StreamHandler()
    console.setLevel(console_level)
    console.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [file, console]
    root.setLevel(logging.INFO)
    for noisy in ("aiohttp.access", "sqlalchemy.engine", "dbos", "aioice", "aiortc", "alembic", "fontTools"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
