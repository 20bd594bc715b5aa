"""Ed25519 seals: key ring with rotation, the signed statement, published public keys.

A statement names the manifest by size, hash and block sums, says when and under which key it was sealed, and is itself what
gets signed. Private keys are files readable by their owner only; public ones are published as a list with their time of use,
so that a seal made before a rotation stays verifiable and one made after it with the old key does not.
"""

import base64
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from storage.evidence.canonical import canonical
from storage.evidence.digest import digest_bytes

FORMAT = "dual-recording-seal/1"
_KEY_BYTES = 32
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SUMS = re.compile(r"([0-9a-f]{8})*")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A published key. `retired_at` is None while it still signs."""

    key_id: str
    raw: bytes
    active_from: datetime
    retired_at: datetime | None = None

    def to_wire(self) -> dict[str, Any]:
        """As in the published list."""
        return {
            "key_id": self.key_id,
            "algorithm": "Ed25519",
            "public_key": base64.b64encode(self.raw).decode(),
            "active_from": _instant(self.active_from),
            "retired_at": _instant(self.retired_at) if self.retired_at else None,
        }

    @classmethod
    def from_wire(cls, wire: dict[str, Any]) -> "PublicKey":
        """Parse an entry of a published list. Raises `ValueError`."""
        raw = base64.b64decode(wire["public_key"], validate=True)
        if len(raw) != _KEY_BYTES:
            raise ValueError("not an Ed25519 key")
        retired = wire.get("retired_at")
        key = cls(key_id_of(raw), raw, parse_instant(wire["active_from"]), parse_instant(retired) if retired else None)
        if key.key_id != wire.get("key_id"):
            raise ValueError("key id does not belong to the key")
        return key


@dataclass(frozen=True, slots=True)
class Seal:
    """A signed statement, as parsed from `signature.json`."""

    statement: dict[str, Any]
    signature: bytes


class KeyRing:
    """Private keys of one installation in a folder: `<key_id>.pem` and `keys.json`, the published list.

    Args:
        folder: made on first use with mode 0700.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._list = folder / "keys.json"

    def public_keys(self) -> list[PublicKey]:
        """All keys ever used, oldest first."""
        if not self._list.is_file():
            return []
        return [PublicKey.from_wire(entry) for entry in json.loads(self._list.read_text())["keys"]]

    def active(self, now: datetime) -> PublicKey:
        """The key that signs; one is made when there is none."""
        keys = [key for key in self.public_keys() if key.retired_at is None]
        return keys[-1] if keys else self.rotate(now)

    def rotate(self, now: datetime) -> PublicKey:
        """Make a new key, retire the others from `now` on."""
        return self._adopt(Ed25519PrivateKey.generate(), now)

    def adopt_file(self, path: Path, now: datetime) -> PublicKey:
        """Use a given PEM private key (an installation secret). A no-op when it is the active one already."""
        private = load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(private, Ed25519PrivateKey):
            raise ValueError("the seal key must be an Ed25519 key")
        known = {key.key_id: key for key in self.public_keys()}
        existing = known.get(key_id_of(private.public_key().public_bytes_raw()))
        if existing is not None:
            if existing.retired_at is not None:
                raise ValueError(f"seal key {existing.key_id} is retired")
            return existing
        return self._adopt(private, now)

    def sign(self, manifest: bytes, sealed_at: datetime, *, facts: dict[str, Any] | None = None) -> bytes:
        """Return the bytes of `signature.json` for a manifest.

        Args:
            facts: further plain values to sign (recording id, parent seal).
        """
        key = self.active(sealed_at)
        digest = digest_bytes(manifest)
        statement: dict[str, Any] = {
            **(facts or {}),
            "format": FORMAT,
            "algorithm": "Ed25519",
            "key_id": key.key_id,
            "sealed_at": _instant(sealed_at),
            "manifest_bytes": digest.size,
            "manifest_sha256": digest.sha256,
            "manifest_crc32": digest.crc32,
        }
        private = load_pem_private_key((self._folder / f"{key.key_id}.pem").read_bytes(), password=None)
        if not isinstance(private, Ed25519PrivateKey):
            raise ValueError("the seal key must be an Ed25519 key")
        signature = base64.b64encode(private.sign(canonical(statement))).decode()
        return canonical({"statement": statement, "signature": signature})

    def _adopt(self, private: Ed25519PrivateKey, now: datetime) -> PublicKey:
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        raw = private.public_key().public_bytes_raw()
        fresh = PublicKey(key_id_of(raw), raw, now)
        pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        _write_private(self._folder / f"{fresh.key_id}.pem", pem)
        retired = [PublicKey(key.key_id, key.raw, key.active_from, key.retired_at or now) for key in self.public_keys()]
        _write_private(self._list, published([*retired, fresh]))
        return fresh


def published(keys: Iterable[PublicKey]) -> bytes:
    """The published list of public keys (`keys.json`), canonical JSON."""
    return canonical({"keys": [key.to_wire() for key in keys]})


def parse_published(data: bytes) -> dict[str, PublicKey]:
    """Parse a published list. Raises `ValueError`."""
    try:
        entries = json.loads(data)["keys"]
        return {key.key_id: key for key in (PublicKey.from_wire(entry) for entry in entries)}
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("not a list of public keys") from error


def parse_seal(data: bytes) -> Seal:
    """Parse `signature.json`. Raises `ValueError`."""
    try:
        wire = json.loads(data)
        if canonical(wire) != data:
            raise ValueError("not canonical")
        if set(wire) != {"statement", "signature"}:
            raise ValueError("something beside the statement and its signature")
        statement = wire["statement"]
        if statement["format"] != FORMAT or statement["algorithm"] != "Ed25519" or not isinstance(statement["key_id"], str):
            raise ValueError("unknown seal format")
        parse_instant(statement["sealed_at"])
        if type(statement["manifest_bytes"]) is not int or statement["manifest_bytes"] < 0:
            raise ValueError("manifest_bytes")
        for key, form in (("manifest_sha256", _SHA256), ("manifest_crc32", _SUMS)):
            if form.fullmatch(statement[key]) is None:
                raise ValueError(key)
        signature = base64.b64decode(wire["signature"], validate=True)
        if base64.b64encode(signature).decode() != wire["signature"]:
            raise ValueError("the signature is spelt otherwise than it was written")
        return Seal(statement, signature)
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("not a seal") from error


def is_signed_by(seal: Seal, key: PublicKey) -> bool:
    """Whether the signature over the statement is this key's."""
    try:
        Ed25519PublicKey.from_public_bytes(key.raw).verify(seal.signature, canonical(seal.statement))
    except InvalidSignature:
        return False
    return True


def key_id_of(raw: bytes) -> str:
    """Key id: the first 16 bytes of the SHA-256 of the raw public key, hex."""
    return digest_bytes(raw).sha256[:32]


def parse_instant(text: str) -> datetime:
    """Parse an ISO 8601 instant with a zone. Raises `ValueError`."""
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        raise ValueError("an instant needs a zone")
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("no such instant") from error


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def _write_private(path: Path, data: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
