"""Child processes that must not outlive the jobs process: a second one would write the same files after a restart."""

import ctypes
import os
import signal
import sys

PARENT = "DR_PARENT_PID"
_PR_SET_PDEATHSIG = 1


def child_environment() -> dict[str, str]:
    """Environment for a child that calls `die_with_parent`."""
    return {**os.environ, PARENT: str(os.getpid())}


def die_with_parent() -> None:
    """Ask the kernel to kill this process when its parent dies (Linux); leave at once if it is dead already."""
    if not sys.platform.startswith("linux") or PARENT not in os.environ:
        return
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(os.environ[PARENT]):
        sys.exit(1)
