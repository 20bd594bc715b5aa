"""A repeating wake-up of the event loop by the kernel (timerfd).

`call_at` makes a timer each time, and uvloop goes round once more to close it. Beats of one length fall together, whoever started
them and when, and so do those of half its length: they share a wake-up.
"""

import asyncio
import ctypes
import os
import sys
import time
from collections.abc import Callable

# linux/time.h, sys/timerfd.h; Python has them from 3.13 on. A descriptor of both flags is what os.open would give.
_CLOCK_MONOTONIC, _ABSOLUTE = 1, 1
_libc = ctypes.CDLL(None, use_errno=True)


class _Spec(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_long) for name in ("every_s", "every_ns", "first_s", "first_ns"))


class Beat:
    """Calls `action` with the instant (ns of the worker's clock) it was due at; missed beats come as one, with the first's."""

    def __init__(self, action: Callable[[int], None]) -> None:
        self._action = action
        self._loop: asyncio.AbstractEventLoop | None = None
        self._fd = -1
        self._every_ns = self._due_ns = 0

    @property
    def is_running(self) -> bool:
        """Whether it was started and not stopped."""
        return self._loop is not None

    def start(self, every_ns: int) -> None:
        """Begin on the running loop, or go on at another pace: at whole multiples of `every_ns` on the worker's clock."""
        if self._loop is None:
            self._fd = _libc.timerfd_create(_CLOCK_MONOTONIC, os.O_NONBLOCK | os.O_CLOEXEC)
            if self._fd < 0:
                raise OSError(ctypes.get_errno(), "no timer")
            self._loop = asyncio.get_running_loop()
            self._loop.add_reader(self._fd, self._ring)
        elif every_ns == self._every_ns:
            return
        self._every_ns = every_ns
        self._due_ns = (time.monotonic_ns() // every_ns + 1) * every_ns
        spec = _Spec(*divmod(every_ns, 1_000_000_000), *divmod(self._due_ns, 1_000_000_000))
        if _libc.timerfd_settime(self._fd, _ABSOLUTE, ctypes.byref(spec), None):
            raise OSError(ctypes.get_errno(), "the timer does not start")

    def stop(self) -> None:
        """No more calls; idempotent."""
        if self._loop is not None:
            self._loop.remove_reader(self._fd)
            self._loop = None
            os.close(self._fd)
            self._fd = -1

    def _ring(self) -> None:
        try:
            count = int.from_bytes(os.read(self._fd, 8), sys.byteorder)
        except BlockingIOError:
            return  # started anew meanwhile
        due = self._due_ns
        self._due_ns += count * self._every_ns
        self._action(due)
