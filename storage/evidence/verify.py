"""Verifies an evidence package offline, streaming, from the package and the trusted keys alone.

Findings are typed and name what was changed: the first flipped byte of a file (proven by its sealed hash where a single byte
of a block changed), a removed or reordered segment, a changed, removed or cut event, a wrong key, a missing token.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509

from storage.evidence.chain import check_events
from storage.evidence.digest import Digest, digest_bytes, digest_chunks
from storage.evidence.findings import Code, Finding
from storage.evidence.locate import locate
from storage.evidence.manifest import FileEntry, Manifest, SegmentEntry, chain_faults, parse_manifest
from storage.evidence.package import (
    ANNEX,
    KEYS,
    MANIFEST,
    SEAL,
    STAMP,
    TSA_ROOTS,
    VIEWER,
    PackageError,
    PackageReader,
    is_safe,
    read_all,
)
from storage.evidence.signing import PublicKey, Seal, is_signed_by, parse_instant, parse_published, parse_seal
from storage.evidence.timestamp import Stamp, verify_stamp

_SMALL = 64 << 20
_STAMPED_WITHIN = timedelta(hours=1)
"""How long after the signature a token may come: the authority may be slow, and clocks differ."""


@dataclass(slots=True)
class Report:
    """Result of a verification. `is_intact`: no finding is an error.

    `not_sealed` names files that an export added after the seal: nothing is said of them.
    """

    findings: list[Finding] = field(default_factory=list)
    files: int = 0
    bytes: int = 0
    manifest_sha256: str | None = None
    key_id: str | None = None
    sealed_at: datetime | None = None
    stamp: Stamp | None = None
    manifest: Manifest | None = None
    not_sealed: list[str] = field(default_factory=list)

    @property
    def is_intact(self) -> bool:
        """Whether nothing was changed and the seal is trusted."""
        return not any(finding.is_error for finding in self.findings)


def verify(
    package: PackageReader,
    *,
    trusted_keys: Mapping[str, PublicKey] | None = None,
    tsa_roots: Sequence[x509.Certificate] | None = None,
    on_progress: Callable[[int], None] | None = None,
) -> Report:
    """Verify a package.

    Args:
        trusted_keys: published keys by id, from a source other than the package. None: the package's own list is used and the
            report says so (`KEY_FROM_PACKAGE`): then only integrity is shown, not who sealed it.
        tsa_roots: trusted certificates of time-stamp authorities; None as above (`TIME_STAMP_UNTRUSTED`).
        on_progress: called with the number of bytes just checked.

    Returns:
        The report, errors first. Never raises for a bad package.
    """
    report = Report()
    names = set(package.names())
    seal = _read_seal(package, names, report)
    key = _check_key(package, names, seal, trusted_keys, report)
    _check_stamp(package, names, tsa_roots, report)
    if key is not None:
        _check_use(key, report)
    manifest = _read_manifest(package, names, seal, report)
    if manifest is not None:
        report.manifest = manifest
        _check_files(package, names, manifest, report, on_progress)
    report.findings.sort(key=lambda finding: not finding.is_error)
    return report


def _read_seal(package: PackageReader, names: set[str], report: Report) -> Seal | None:
    if SEAL not in names:
        report.findings.append(Finding(Code.SIGNATURE_MISSING, SEAL))
        return None
    try:
        seal = parse_seal(read_all(package, SEAL, 1 << 20))
    except (ValueError, PackageError) as error:
        report.findings.append(Finding(Code.SIGNATURE_INVALID, SEAL, detail={"reason": str(error)}))
        return None
    report.sealed_at = parse_instant(seal.statement["sealed_at"])
    return seal


def _check_key(
    package: PackageReader, names: set[str], seal: Seal | None, trusted: Mapping[str, PublicKey] | None, report: Report
) -> PublicKey | None:
    if seal is None:
        return None
    if trusted is None:
        try:
            trusted = parse_published(read_all(package, KEYS, 1 << 20)) if KEYS in names else {}
        except (ValueError, PackageError):
            trusted = {}
        report.findings.append(Finding(Code.KEY_FROM_PACKAGE, KEYS))
    key_id = str(seal.statement["key_id"])
    key = trusted.get(key_id)
    if key is None:
        report.findings.append(Finding(Code.KEY_UNKNOWN, SEAL, detail={"key_id": key_id}))
        return None
    if not is_signed_by(seal, key):
        report.findings.append(Finding(Code.SIGNATURE_INVALID, SEAL, detail={"key_id": key_id}))
        return None
    report.key_id = key_id
    return key


def _check_use(key: PublicKey, report: Report) -> None:
    """A retired key seals nothing any more: neither by the time it claims, nor by the time its token shows.

    The claimed time is the signer's own; who stole a retired key can claim any. The authority's time cannot be chosen.
    """
    if key.retired_at is None or report.sealed_at is None:
        return
    detail = {"key_id": key.key_id, "retired_at": key.retired_at.isoformat()}
    stamp = report.stamp
    if report.sealed_at > key.retired_at:
        report.findings.append(Finding(Code.KEY_RETIRED, SEAL, detail=detail))
    elif stamp is not None and not stamp.is_development and stamp.at > key.retired_at + _STAMPED_WITHIN:
        report.findings.append(Finding(Code.KEY_RETIRED, SEAL, detail={**detail, "stamped_at": stamp.at.isoformat()}))


def _check_stamp(package: PackageReader, names: set[str], roots: Sequence[x509.Certificate] | None, report: Report) -> None:
    if STAMP not in names:
        report.findings.append(Finding(Code.TIME_STAMP_MISSING, STAMP))
        return
    try:
        if roots is None:
            pem = read_all(package, TSA_ROOTS, 1 << 20) if TSA_ROOTS in names else b""
            roots = x509.load_pem_x509_certificates(pem)
            report.findings.append(Finding(Code.TIME_STAMP_UNTRUSTED, TSA_ROOTS))
        stamped = read_all(package, SEAL, 1 << 20) if SEAL in names else b""
        stamp = verify_stamp(read_all(package, STAMP, 1 << 20), stamped, roots)
    except (ValueError, IndexError, PackageError) as error:
        report.findings.append(Finding(Code.TIME_STAMP_INVALID, STAMP, detail={"reason": str(error)}))
        return
    report.stamp = stamp
    if stamp.is_development:
        report.findings.append(Finding(Code.TIME_STAMP_DEVELOPMENT, STAMP))
    elif report.sealed_at is not None and abs(stamp.at - report.sealed_at) > _STAMPED_WITHIN:
        detail = {"sealed_at": report.sealed_at.isoformat(), "stamped_at": stamp.at.isoformat()}
        report.findings.append(Finding(Code.TIME_STAMP_APART, STAMP, detail=detail))


def _read_manifest(package: PackageReader, names: set[str], seal: Seal | None, report: Report) -> Manifest | None:
    if MANIFEST not in names:
        report.findings.append(Finding(Code.MANIFEST_MISSING, MANIFEST))
        return None
    try:
        data = read_all(package, MANIFEST, _SMALL)
    except PackageError as error:
        report.findings.append(Finding(Code.MANIFEST_INVALID, MANIFEST, detail={"reason": str(error)}))
        return None
    found = digest_bytes(data)
    report.manifest_sha256 = found.sha256
    if seal is not None:
        sealed = Digest(seal.statement["manifest_bytes"], seal.statement["manifest_sha256"], seal.statement["manifest_crc32"])
        if found.sha256 != sealed.sha256:
            finding, mended = _mend(data, sealed)
            report.findings.append(finding)
            data = mended if mended is not None else data
    try:
        return parse_manifest(data)
    except ValueError as error:
        report.findings.append(Finding(Code.MANIFEST_INVALID, MANIFEST, detail={"reason": str(error)}))
        return None


def _mend(data: bytes, sealed: Digest) -> tuple[Finding, bytes | None]:
    """Name the change in a manifest, and undo it in memory where that is proven, so that the rest can still be checked."""
    finding = _difference(Code.MANIFEST_CHANGED, MANIFEST, lambda: [data], len(data), sealed, {})
    if not finding.detail.get("is_proven"):
        return finding, None
    mended = bytearray(data)
    for change in finding.detail["changes"]:
        mended[change["offset"]] = change["sealed"]
    return finding, bytes(mended)


def _check_files(
    package: PackageReader, names: set[str], manifest: Manifest, report: Report, on_progress: Callable[[int], None] | None
) -> None:
    listed = {entry.path: entry for entry in manifest.files}
    segments = {segment.path: segment for segment in manifest.segments}
    hash_of_segment = {segment.sha256: segment for segment in manifest.segments}
    for segment, expected in chain_faults(manifest.segments):
        detail = {**_where(segment), "expected_prev": expected, "found_prev": segment.prev_sha256}
        report.findings.append(Finding(Code.SEGMENT_CHAIN_BROKEN, segment.path, detail=detail))
    report.findings += _changed_before_the_seal(manifest, listed)
    for entry in manifest.files:
        segment_here = segments.get(entry.path)
        where = _where(segment_here) if segment_here else {}
        if entry.path not in names or not is_safe(entry.path):
            code = Code.SEGMENT_REMOVED if segment_here else Code.FILE_MISSING
            report.findings.append(Finding(code, entry.path, detail=where))
            continue
        try:
            found = digest_chunks(package.chunks(entry.path))
        except PackageError as error:
            report.findings.append(Finding(Code.FILE_UNREADABLE, entry.path, detail={**where, "reason": str(error)}))
            continue
        report.files += 1
        report.bytes += found.size
        if on_progress:
            on_progress(found.size)
        if found.sha256 == entry.sha256:
            continue
        other = hash_of_segment.get(found.sha256)
        if segment_here and other:
            detail = {**where, "holds": other.path}
            report.findings.append(Finding(Code.SEGMENT_REORDERED, entry.path, detail=detail))
        else:
            report.findings.append(_changed(package, entry, found, where))
    for name in sorted(names - listed.keys() - {MANIFEST, SEAL, STAMP}):
        if name == VIEWER or (name.startswith(ANNEX) and is_safe(name)):
            report.not_sealed.append(name)
        else:
            report.findings.append(Finding(Code.FILE_UNLISTED, name))
    _check_events(package, names, manifest, report)
    _check_journal(package, names, manifest, report)


def _changed_before_the_seal(manifest: Manifest, listed: Mapping[str, FileEntry]) -> list[Finding]:
    """Segments that were no longer what the recorder had written down, or no longer there, when the package was sealed."""
    found = []
    for segment in manifest.segments:
        entry = listed.get(segment.path)
        if entry is not None and entry.sha256 == segment.sha256:
            continue
        code = Code.SEGMENT_REMOVED if entry is None else Code.FILE_CHANGED
        found.append(Finding(code, segment.path, detail={**_where(segment), "is_before_seal": True}))
    return found


def _changed(package: PackageReader, entry: FileEntry, found: Digest, where: dict[str, object]) -> Finding:
    sealed = Digest(entry.bytes, entry.sha256, entry.crc32)
    code = Code.FILE_CUT if found.size < sealed.size else Code.FILE_EXTENDED if found.size > sealed.size else Code.FILE_CHANGED
    return _difference(code, entry.path, lambda: package.chunks(entry.path), found.size, sealed, where)


def _difference(
    code: Code, path: str, reopen: Callable[[], object], size: int, sealed: Digest, where: dict[str, object]
) -> Finding:
    difference = locate(reopen, sealed.size, sealed.sha256, sealed.crc32)  # type: ignore[arg-type]
    detail: dict[str, object] = {**where, "sealed_bytes": sealed.size, "found_bytes": size}
    if difference is None:
        return Finding(code, path, min(size, sealed.size) if size != sealed.size else None, detail)
    detail |= {"block_start": difference.block_start, "block_end": difference.block_end, "bad_blocks": difference.bad_blocks}
    detail["is_proven"] = difference.is_proven
    detail["changes"] = [{"offset": c.offset, "sealed": c.sealed, "found": c.found} for c in difference.changes]
    offset = difference.changes[0].offset if difference.changes else None
    return Finding(code, path, offset, detail)


def _where(segment: SegmentEntry) -> dict[str, object]:
    return {
        "seat_id": segment.seat_id,
        "leg_id": segment.leg_id,
        "track": segment.track,
        "t0_ms": segment.t0_ms,
        "t1_ms": segment.t1_ms,
    }


def _check_events(package: PackageReader, names: set[str], manifest: Manifest, report: Report) -> None:
    path = manifest.events.path
    if manifest.events.count != len(manifest.events.hashes):
        report.findings.append(Finding(Code.MANIFEST_INVALID, MANIFEST, detail={"reason": "event count"}))
    if path not in names:
        return
    try:
        lines = read_all(package, path, 1 << 30).splitlines(keepends=True)
    except PackageError:
        return
    report.findings += check_events(lines, manifest.events.hashes, path)


def _check_journal(package: PackageReader, names: set[str], manifest: Manifest, report: Report) -> None:
    """Every segment the recorder wrote down is in the manifest with the same hash, and the other way round."""
    path = str(manifest.journal.get("path", ""))
    if path not in names:
        return
    try:
        written = {}
        for entry in _journal_entries(read_all(package, path, 1 << 30)):
            if entry.get("type") == "segment_closed":
                written["segments/" + str(entry["file"]).rsplit("/", 1)[-1]] = entry["sha256"]
    except (ValueError, KeyError, AttributeError, RecursionError, PackageError) as error:
        report.findings.append(Finding(Code.JOURNAL_MISMATCH, path, detail={"reason": str(error)}))
        return
    listed = {segment.path: segment.sha256 for segment in manifest.segments}
    for name in sorted(set(written) | set(listed)):
        if written.get(name) != listed.get(name):
            detail = {"segment": name, "journal": written.get(name), "manifest": listed.get(name)}
            report.findings.append(Finding(Code.JOURNAL_MISMATCH, path, detail=detail))


def _journal_entries(data: bytes) -> list[dict[str, object]]:
    """Journal lines; a torn last line (the recorder was killed while writing it) is not an entry."""
    whole, _, _torn = data.rpartition(b"\n")
    return [json.loads(line) for line in whole.splitlines() if line]
