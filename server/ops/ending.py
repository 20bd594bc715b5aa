"""The end of a process: a thread that hangs in a call (an object store that stopped answering) does not hold it.

Python waits for every thread of a pool before it ends, without a limit: first for those of the event loop, then for all others.
A process whose work is done and made durable gives them a moment, names those that are left in its log, and leaves.
"""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable

import structlog

log = structlog.get_logger(__name__)

THREADS_S = 3.0
"""How long threads may take once the work is done. With the web process's own limit still less than the supervisor waits."""


def stop_on_signals() -> asyncio.Event:
    """An event that SIGTERM or SIGINT sets. Called on the loop of the process."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def run_to_end(work: Awaitable[None], *, threads_s: float = THREADS_S) -> None:
    """Run the work of a process and end the process after it, with its threads or without them.

    Only for a process's entry: where threads are left, it ends with status 0, or 1 when the work failed, and nothing runs after.
    """

    async def run() -> None:
        status = 1
        try:
            await work
            status = 0
        finally:
            timer = threading.Timer(threads_s, _leave, (status,))
            timer.daemon = True  # a process that ends in time takes it along
            timer.start()

    asyncio.run(run())


def _leave(status: int) -> None:
    mine = (threading.current_thread(), threading.main_thread())
    left = sorted(thread.name for thread in threading.enumerate() if thread not in mine and not thread.daemon)
    log.error("threads_left_behind", threads=left[:20])
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
