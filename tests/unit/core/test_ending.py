"""A process whose work is done ends, whatever its threads hang in."""

import subprocess
import sys

import pytest

PROCESS = """
import asyncio, sys, threading
from concurrent.futures import ThreadPoolExecutor
from server.ops.ending import run_to_end

never, kind = threading.Event(), sys.argv[1]
own = ThreadPoolExecutor(1, thread_name_prefix="store")

async def work():
    begun = threading.Event()
    call = lambda: (begun.set(), never.wait())
    if kind != "none":
        asyncio.get_running_loop().run_in_executor(own if kind == "own" else None, call)
        await asyncio.to_thread(begun.wait)
    if kind == "fails":
        raise ValueError("the work failed")

run_to_end(work(), threads_s=0.2)
print("went on")
"""


@pytest.mark.parametrize("kind", ["own", "loop"])
def test_a_thread_that_hangs_does_not_hold_the_process(kind: str) -> None:
    done = subprocess.run([sys.executable, "-c", PROCESS, kind], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0
    assert "threads_left_behind" in done.stdout + done.stderr


def test_work_that_failed_is_told_by_the_status() -> None:
    done = subprocess.run([sys.executable, "-c", PROCESS, "fails"], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1


def test_without_such_threads_the_process_ends_by_itself() -> None:
    done = subprocess.run([sys.executable, "-c", PROCESS, "none"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "went on\n")
