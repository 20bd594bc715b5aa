"""`make bench-evidence [ONLY=GROUP]`: runs the benches of evidence, search and checks; the last line is one `RESULT {json}`.

Each group is a module of its own (`scripts.bench.evidence_<part>`); what each takes on two cores stands beside it.
"""

import sys

from scripts.bench.groups import Groups, Part, main

GROUPS: Groups = {
    "seal": [Part("seal", ["scripts.bench.evidence_seal"], 3)],
    "finalise": [Part("finalise", ["scripts.bench.evidence_finalise"], 10)],
    "search": [Part("search", ["scripts.bench.evidence_search", "search"], 15)],
    "list": [Part("list", ["scripts.bench.evidence_search", "list"], 15)],
    "faces": [Part("faces", ["scripts.bench.evidence_checks", "faces"], 5)],
    "checks": [Part("checks", ["scripts.bench.evidence_checks", "checks"], 5)],
}

if __name__ == "__main__":
    sys.exit(main("Benchmarks of evidence, storage and inspection", GROUPS))
