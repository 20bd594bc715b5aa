"""Tokens of a real RFC 3161 authority over HTTP: a process of its own, `openssl ts`, with its own certificates."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from pydantic import SecretStr

from scripts.tsa import POLICY, prepare
from server.recordings.stores import build_authority
from server.settings import ROOT, Settings
from storage.evidence.findings import Code
from storage.evidence.package import FolderPackage
from storage.evidence.seal import seal, write_seal
from storage.evidence.signing import KeyRing
from storage.evidence.timestamp import HttpAuthority, LocalAuthority, TimeStampError, verify_stamp
from storage.evidence.verify import verify
from tests.unit.evidence.packages import AT, build_package

EARLY = datetime(2020, 1, 1, tzinfo=UTC)


@contextmanager
def authority_process(folder: Path, *options: str) -> Iterator[str]:
    """A running authority; yields its address."""
    command = [sys.executable, "-m", "scripts.tsa", str(folder), "--port", "0", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def roots(folder: Path) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates((folder / "root.pem").read_bytes())


async def test_a_package_stamped_by_an_authority_over_http_verifies_against_its_root_alone(tmp_path: Path) -> None:
    folder = await asyncio.to_thread(build_package, tmp_path)
    with authority_process(tmp_path / "authority", "--user", "insurer", "--password", "word") as url:
        settings = Settings(
            data_dir=tmp_path / "data", tsa_url=url, tsa_certificates=tmp_path / "authority" / "root.pem", tsa_policy=POLICY,
            tsa_user="insurer", tsa_password=SecretStr("word"),
        )  # fmt: skip
        authority = build_authority(settings)
        manifest = verify(FolderPackage(folder)).manifest
        assert manifest
        write_seal(folder, await seal(manifest, KeyRing(tmp_path / "ring"), authority, AT))
        keys = {key.key_id: key for key in KeyRing(tmp_path / "ring").public_keys()}
        report = verify(FolderPackage(folder), trusted_keys=keys, tsa_roots=authority.roots())
        assert report.is_intact, report.findings
        assert report.stamp
        assert report.stamp.is_development is False
        foreign = verify(FolderPackage(folder), trusted_keys=keys, tsa_roots=LocalAuthority(tmp_path / "tsa").roots())
        assert [finding.code for finding in foreign.findings] == ["TIME_STAMP_INVALID"]
        thief = KeyRing(tmp_path / "stolen")
        [(key_id, key)] = keys.items()
        late = {key_id: replace(key, retired_at=max(AT, datetime.now(UTC)))}
        assert verify(FolderPackage(folder), trusted_keys=late, tsa_roots=authority.roots()).is_intact
        thief.adopt_file(tmp_path / "ring" / f"{key_id}.pem", EARLY)
        write_seal(folder, await seal(manifest, thief, authority, EARLY))
        long_ago = {key_id: replace(key, retired_at=EARLY + timedelta(minutes=1))}
        [found, apart] = verify(FolderPackage(folder), trusted_keys=long_ago, tsa_roots=authority.roots()).findings
        assert (apart.code, apart.is_error) == (Code.TIME_STAMP_APART, False)
        assert (found.code, "stamped_at" in found.detail) == (Code.KEY_RETIRED, True), "dated back with a key that was retired"
        denied = HttpAuthority(url, authority.roots(), user="insurer", password="wrong")
        with pytest.raises(TimeStampError, match="401") as caught:
            await denied.stamp(b"message")
        assert caught.value.retryable is False
        asked = HttpAuthority(url, authority.roots(), policy="1.2.3.4.2", user="insurer", password="word")
        token = await asked.stamp(b"message")
        verify_stamp(token, b"message", authority.roots())
        refused = HttpAuthority(url, authority.roots(), policy="1.2.3.4.99", user="insurer", password="word")
        with pytest.raises(TimeStampError, match="unusable"):
            await refused.stamp(b"message")


async def test_an_authority_that_is_away_or_foreign_gives_no_token(tmp_path: Path) -> None:
    prepare(tmp_path / "authority")
    away = HttpAuthority("http://127.0.0.1:9/", roots(tmp_path / "authority"), timeout_s=2)
    with pytest.raises(TimeStampError) as caught:
        await away.stamp(b"message")
    assert caught.value.retryable is True
    with authority_process(tmp_path / "authority", "--refuse") as url:
        busy = HttpAuthority(url, roots(tmp_path / "authority"))
        with pytest.raises(TimeStampError, match="503") as caught:
            await busy.stamp(b"message")
        assert caught.value.retryable is True
    with authority_process(tmp_path / "authority") as url:
        prepare(tmp_path / "other")
        stranger = HttpAuthority(url, roots(tmp_path / "other"))
        with pytest.raises(TimeStampError, match="unusable") as caught:
            await stranger.stamp(b"message")
        assert caught.value.retryable is False
