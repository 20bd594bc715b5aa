"""`make bench-evidence [ONLY=GROUP]`: runs the benches of evidence, search and checks; the last line is one `RESULT {json}`.

Each group is a module of its own (`scripts.bench.evidence_<part>`); its time on two cores stands beside it, together
at most 45 minutes. Search and lists are measured on the same filled databases.
"""

import sys

from scripts.bench.groups import Groups, Part, main

GROUPS: Groups = {
    "seal": [Part("seal", ["scripts.bench.evidence_seal"], 3)],
    "finalise": [Part("finalise", ["scripts.bench.evidence_finalise"], 10)],
    "search": [Part("search", ["scripts.bench.evidence_search"], 13)],
    "faces": [Part("faces", ["scripts.bench.evidence_checks", "faces"], 4)],
    "checks": [
        Part("checks", ["scripts.bench.evidence_checks", "checks"], 4),
        Part("looks", ["scripts.bench.evidence_looks"], 4),
    ],
    "alerts": [Part("alerts", ["scripts.bench.alerts"], 7)],
}

KEYS = (
    "seal_ratio",
    "verify_ratio",
    "finalise_15min_s",
    "search_p95_ms_sqlite",
    "search_p95_ms_postgresql",
    "list_p95_ms_sqlite",
    "list_p95_ms_postgresql",
    "face_same_min",
    "face_other_max",
    "checks_per_s",
)
"""What the benchmark reports, measured or null; groups may add more."""

if __name__ == "__main__":
    sys.exit(main("Benchmarks of evidence, storage and inspection", GROUPS, KEYS))
