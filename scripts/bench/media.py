"""`make bench-media [ONLY=GROUP]`: runs the media benches and merges their RESULT lines.

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
    "loss": ["scripts.bench.media_loss"],
    "start": ["scripts.bench.media_start"],
    "recovery": ["scripts.bench.media_recovery"],
    "crash": ["scripts.bench.media_crash"],
    "compose": ["scripts.bench.media_compose"],
}


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
    parser.add_argument("--only", choices=list(GROUPS))
    only = parser.parse_args().only
    merged: dict[str, object] = {}
    for group in [only] if only else list(GROUPS):
        merged |= run(group)
    print("RESULT " + json.dumps(merged))


if __name__ == "__main__":
    main()
