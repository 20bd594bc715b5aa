"""`make bench-evidence [ONLY=seal|finalise|search|list|faces|checks]`: runs the evidence benches and merges their RESULT lines.

Each group is a module of its own (`scripts.bench.evidence_<part>`), runs as its own process, prints its method and figures and
last one line `RESULT {json}`. The last line here is one `RESULT {json}` with the keys of every group that ran; a figure that no
group measured stays out of it: nothing is filled in.
"""

import argparse
import importlib.util
import json
import sys

from scripts.bench.groups import run_group

GROUPS: dict[str, list[str]] = {
    "seal": ["scripts.bench.evidence_seal"],
    "finalise": ["scripts.bench.evidence_finalise"],
    "search": ["scripts.bench.evidence_search", "search"],
    "list": ["scripts.bench.evidence_search", "list"],
    "faces": ["scripts.bench.evidence_checks", "faces"],
    "checks": ["scripts.bench.evidence_checks", "checks"],
}


def main() -> int:
    """Command line. Status 1 when a group that ran failed."""
    parser = argparse.ArgumentParser(description="Benchmarks of evidence, storage and inspection")
    parser.add_argument("--only", choices=list(GROUPS))
    only = parser.parse_args().only
    merged: dict[str, object] = {}
    is_failed = False
    for name in [only] if only else GROUPS:
        if importlib.util.find_spec(GROUPS[name][0]) is None:
            print(f"== {name}: no bench yet, not measured", flush=True)
            continue
        result = run_group(name, GROUPS[name])
        is_failed |= result is None
        merged |= result or {}
    print("RESULT " + json.dumps(merged))
    return int(is_failed)


if __name__ == "__main__":
    sys.exit(main())
