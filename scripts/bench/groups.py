"""Runs one group of a benchmark as a process of its own and reads its RESULT line."""

import json
import subprocess
import sys
from collections.abc import Sequence


def run_group(name: str, command: Sequence[str]) -> dict[str, object] | None:
    """Run `python -m <command>`, passing its lines on.

    Returns:
        The values of its last `RESULT {json}` line (empty when it printed none), or None when it ended with a fault.
    """
    print(f"== {name}", flush=True)
    process = subprocess.Popen([sys.executable, "-m", *command], stdout=subprocess.PIPE, text=True)
    result: dict[str, object] = {}
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("RESULT "):
            result = json.loads(line.removeprefix("RESULT "))
        else:
            print(line, end="", flush=True)
    if process.wait():
        print(f"{name} failed with exit code {process.returncode}", flush=True)
        return None
    return result
