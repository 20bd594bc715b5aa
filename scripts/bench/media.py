"""`make bench-media [ONLY=cpu|capacity|sync|loss|crash|recovery|compose]`: runs the media benches and merges their RESULT lines.

Each group runs as a process of its own and prints medians and spread; the last line is one `RESULT {json}` with the keys of all
groups that ran. A figure that no group measures stays out of it: nothing is filled in.
"""

import argparse
import json
import subprocess
import sys

GROUPS: dict[str, list[str]] = {
    "cpu": ["scripts.bench.media_cpu", "cpu"],
    "capacity": ["scripts.bench.media_cpu", "capacity"],
    "sync": ["scripts.bench.media_sync"],
    "crash": ["scripts.bench.media_crash"],
    "compose": ["scripts.bench.media_compose"],
}
MISSING = {"loss": "no bench yet", "recovery": "no bench yet"}


def run(group: str) -> dict[str, object]:
    """Run one group; its RESULT, empty when it failed."""
    print(f"== {group}", flush=True)
    process = subprocess.Popen([sys.executable, "-m", *GROUPS[group]], stdout=subprocess.PIPE, text=True)
    result: dict[str, object] = {}
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("RESULT "):
            result = json.loads(line.removeprefix("RESULT "))
        else:
            print(line, end="", flush=True)
    if process.wait():
        print(f"{group} failed with exit code {process.returncode}", flush=True)
    return result


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Benchmarks of the media plane")
    parser.add_argument("--only", choices=[*GROUPS, *MISSING])
    only = parser.parse_args().only
    merged: dict[str, object] = {}
    for group in [only] if only else [*GROUPS, *MISSING]:
        if group in MISSING:
            print(f"== {group}: {MISSING[group]}, not measured")
            continue
        merged |= run(group)
    print("RESULT " + json.dumps(merged))


if __name__ == "__main__":
    main()
