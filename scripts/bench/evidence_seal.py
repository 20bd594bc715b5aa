"""How fast a package is sealed and verified, against `sha256sum` on the same bytes, and how much memory verifying takes.

    python -m scripts.bench.evidence_seal [--mib 2048] [--rounds 3] [--folder DIR]

A package of 2 GiB is made of segments of 8 MiB, as large as a very long case. Each round times, one after the other: `sha256sum`
over the segments (its own process), sealing (digests, manifest, signature, token), verifying (the command people run, its own
process). Files are read once before, so that all three read from memory. Ratios are of medians; peak memory is what the kernel
counted for the verifying process. Last line: `RESULT {json}`: `seal_ratio`, `verify_ratio`, MB/s of all three, `verify_peak_mib`.
"""

import argparse
import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from server.settings import ROOT
from storage.evidence.chain import ZERO, chain_events
from storage.evidence.manifest import EventsEntry, Manifest, SegmentEntry
from storage.evidence.seal import Source, entries_of, seal, trust_sources, write_seal
from storage.evidence.signing import KeyRing
from storage.evidence.timestamp import LocalAuthority

SEGMENT = 8 << 20
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


def write_segments(folder: Path, count: int) -> None:
    """Segments of bytes that do not repeat; one in five is cut short, as real ones differ in size."""
    (folder / "segments").mkdir(parents=True)
    base = os.urandom(SEGMENT)
    for number in range(count):
        data = number.to_bytes(8, "big") + base[8 : SEGMENT if number % 5 else SEGMENT - 4097]
        (folder / "segments" / f"s1.l1.main.{number:05d}.webm").write_bytes(data)


def make_manifest(folder: Path, ring: KeyRing, authority: LocalAuthority) -> Manifest:
    """Digest everything and put the manifest together, as the finalising job does."""
    lines, hashes = chain_events({"seq": number, "at": AT.isoformat()} for number in range(2000))
    sources = [Source("events.ndjson", "events", "application/x-ndjson", lines)]
    sources += [
        Source(f"segments/{path.name}", "segment", "video/webm", path) for path in sorted((folder / "segments").iterdir())
    ]
    sources += trust_sources(ring, authority, AT)
    for source in sources:
        if isinstance(source.content, bytes):
            target = folder / source.path
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(source.content)
    entries = entries_of(sources)
    segments, prev = [], ZERO
    for number, entry in enumerate(found for found in entries if found.kind == "segment"):
        times = {"t0_ms": number * 4000, "t1_ms": number * 4000 + 4000}
        segments.append(
            SegmentEntry(
                path=entry.path, seat_id="s1", leg_id="l1", track="main", codec="vp8", sha256=entry.sha256, prev_sha256=prev,
                **times,
            )
        )  # fmt: skip
        prev = entry.sha256
    return Manifest(
        recording={"id": "rec_bench"}, session={}, versions={}, legs=[], segments=segments, journal={"path": "journal.ndjson"},
        events=EventsEntry(path="events.ndjson", count=len(hashes), hashes=hashes), documents=[], signatures=[], answers=[],
        checks=[], files=entries,
    )  # fmt: skip


def timed_seal(folder: Path, root: Path) -> float:
    """Seconds of sealing the package."""
    ring, authority = KeyRing(root / "ring"), LocalAuthority(root / "tsa")
    start = time.perf_counter()
    manifest = make_manifest(folder, ring, authority)
    write_seal(folder, asyncio.run(seal(manifest, ring, authority, AT)))
    return time.perf_counter() - start


def timed_sha256sum(folder: Path) -> float:
    """Seconds of sha256sum over the same segments."""
    files = [str(path) for path in sorted((folder / "segments").iterdir())]
    start = time.perf_counter()
    subprocess.run(["sha256sum", *files], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def timed_verify(folder: Path, root: Path) -> tuple[float, float]:
    """Seconds of the verify command, less its start-up, and its peak memory in MiB."""
    command = [sys.executable, str(ROOT / "scripts" / "verify_evidence.py"), str(folder), "--json"]
    trust = ["--keys", str(root / "ring" / "keys.json"), "--tsa-root", str(root / "tsa" / "root.pem")]
    start = time.perf_counter()
    process = subprocess.Popen([*command, *trust], stdout=subprocess.PIPE)
    assert process.stdout
    answer = json.loads(process.stdout.read())
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if not answer["is_intact"]:
        raise RuntimeError(f"the package is not intact: {answer['findings']}")
    return seconds, usage.ru_maxrss / 1024


def start_up() -> float:
    """Seconds the verify command takes to start, measured on nothing."""
    times = []
    for _ in range(3):
        start = time.perf_counter()
        subprocess.run(
            [sys.executable, str(ROOT / "scripts" / "verify_evidence.py"), "--help"], stdout=subprocess.DEVNULL, check=True
        )
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description="Throughput of seal and verify")
    parser.add_argument("--mib", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("/dev/shm") if Path("/dev/shm").is_dir() else None)  # noqa: S108
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-evidence", dir=options.folder) as name:
        root = Path(name)
        folder = root / "package"
        write_segments(folder, options.mib * (1 << 20) // SEGMENT)
        size = sum(path.stat().st_size for path in (folder / "segments").iterdir()) / 1e6
        timed_sha256sum(folder)
        overhead = start_up()
        sums, seals, checks, peaks = [], [], [], []
        for number in range(options.rounds):
            sums.append(timed_sha256sum(folder))
            seals.append(timed_seal(folder, root))
            seconds, peak = timed_verify(folder, root)
            checks.append(seconds - overhead)
            peaks.append(peak)
            rates = [size / value for value in (sums[-1], seals[-1], checks[-1])]
            print(
                f"round {number + 1}: sha256sum {rates[0]:.0f} MB/s, seal {rates[1]:.0f} MB/s, verify {rates[2]:.0f} MB/s, "
                f"verify peak {peak:.0f} MiB",
                flush=True,
            )
        count = options.mib * (1 << 20) // SEGMENT
        print(f"package of {size:.0f} MB in {count} segments; {overhead:.2f} s of starting the command are taken off")
    plain, sealing, checking = statistics.median(sums), statistics.median(seals), statistics.median(checks)
    result = {
        "seal_ratio": round(plain / sealing, 3), "verify_ratio": round(plain / checking, 3),
        "seal_mb_s": round(size / sealing), "verify_mb_s": round(size / checking), "sha256sum_mb_s": round(size / plain),
        "verify_peak_mib": round(max(peaks)),
    }  # fmt: skip
    print("RESULT " + json.dumps(result))


if __name__ == "__main__":
    main()
