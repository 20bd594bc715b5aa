"""Runs groups of a benchmark, each part as a process of its own, and merges their RESULT lines into one.

A part prints its method and figures and last `RESULT {json}`. The last line here is one `RESULT {json}` with every key the
benchmark is to report: null where nothing measured it. Nothing is filled in, and no figure is replaced by one not measured.
"""

import argparse
import json
import math
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Figures = dict[str, object]


@dataclass(frozen=True, slots=True)
class Part:
    """One bench of a group.

    Args:
        name: what it is called.
        command: module and arguments of `python -m`.
        minutes: how long it takes; after three times as long and two minutes more it is ended.
    """

    name: str
    command: Sequence[str]
    minutes: float


Groups = Mapping[str, Sequence[Part]]


def limit_s(part: Part) -> float:
    """When a part that did not end is ended."""
    return part.minutes * 180 + 120


def run_part(part: Part) -> Figures | None:
    """Run one part, passing its lines on.

    Returns:
        The values of its last `RESULT {json}` line (empty when it printed none), or None when it ended with a fault.
    """
    print(f"== {part.name} (about {part.minutes:g} min)", flush=True)
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", *part.command], stdout=subprocess.PIPE, text=True, start_new_session=True)
    limit = threading.Timer(limit_s(part), _end, [process])
    limit.start()
    result: Figures = {}
    try:
        with process:
            assert process.stdout is not None
            for line in process.stdout:
                if line.startswith("RESULT "):
                    result = json.loads(line.removeprefix("RESULT "))
                else:
                    print(line, end="", flush=True)
            status = process.wait()
    finally:
        limit.cancel()
        _end(process)
    print(f"== {part.name}: {(time.monotonic() - began) / 60:.1f} min", flush=True)
    if status:
        print(f"{part.name} failed with exit code {status}", flush=True)
        return None
    return result


def _end(process: "subprocess.Popen[str]") -> None:
    """End a part and what it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def merge(keys: Sequence[str], results: Sequence[Figures]) -> Figures:
    """One result with every key: null where nobody measured it; a later figure wins, a missing one never does."""
    merged: Figures = dict.fromkeys(keys)
    for result in results:
        for key, value in result.items():
            is_figure = value is not None and not (isinstance(value, float) and not math.isfinite(value))
            if is_figure or key not in merged:
                merged[key] = value if is_figure else None
    return merged


def choose(groups: Groups, only: str | None, skip: Sequence[str] = ()) -> list[Part]:
    """The parts of a group, a part by its own name, or all but the skipped groups and parts."""
    if only is not None and only in groups:
        return list(groups[only])
    parts = [part for name, items in groups.items() if name not in skip for part in items if part.name not in skip]
    return [part for part in parts if part.name == only] if only else parts


def main(description: str, groups: Groups, keys: Sequence[str] = ()) -> int:
    """Command line of a benchmark. Status 1 when a part failed."""
    names = list(dict.fromkeys([*groups, *(part.name for items in groups.values() for part in items)]))
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--only", choices=names)
    parser.add_argument("--skip", choices=names, nargs="*", default=[])
    options = parser.parse_args()
    results = [run_part(part) for part in choose(groups, options.only, options.skip)]
    print("RESULT " + json.dumps(merge(keys, [item for item in results if item is not None])), flush=True)
    return int(None in results)
