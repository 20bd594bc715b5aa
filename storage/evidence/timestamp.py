"""RFC 3161 time stamps over a seal: the port, a local development authority, an authority over HTTP, and verification.

What is stamped is `signature.json`: the token proves that this signature existed at that time, so a key that leaks later
cannot be used to date something back.
"""

import asyncio
import base64
import hashlib
import os
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import rfc3161_client
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from storage.evidence import der

_SHA256 = "2.16.840.1.101.3.4.2.1"
_ECDSA_SHA256 = "1.2.840.10045.4.3.2"
_SIGNED_DATA = "1.2.840.113549.1.7.2"
_TST_INFO = "1.2.840.113549.1.9.16.1.4"
_DEVELOPMENT_POLICY = "1.3.6.1.4.1.13762.3"
_SIGNATURES = {
    der.oid(digest): tuple(der.oid(name) for name in names)
    for digest, names in {
        _SHA256: (_ECDSA_SHA256, "1.2.840.113549.1.1.11"),
        "2.16.840.1.101.3.4.2.2": ("1.2.840.10045.4.3.3", "1.2.840.113549.1.1.12"),
        "2.16.840.1.101.3.4.2.3": ("1.2.840.10045.4.3.4", "1.2.840.113549.1.1.13"),
    }.items()
}
"""By digest: ECDSA and RSA (PKCS #1 1.5) with it."""
_ANY_DIGEST = (der.oid("1.2.840.113549.1.1.1"), der.oid("1.2.840.10045.2.1"), der.oid("1.3.101.112"))
"""Names that leave the digest to the other field: rsaEncryption, id-ecPublicKey, Ed25519."""
_PSS = der.oid("1.2.840.113549.1.1.10")
DEVELOPMENT_NAME = "Dual Recording Development Time Stamping"


class TimeStampError(Exception):
    """The authority gave no usable token."""

    def __init__(self, message: str, *, retryable: bool) -> None:
        super().__init__(message)
        self.retryable = retryable


class TimeStampAuthority(Protocol):
    """Issues tokens. `is_development` is shown wherever a token is shown."""

    is_development: bool

    async def stamp(self, message: bytes) -> bytes:
        """Return a DER TimeStampResp over SHA-256 of the message. Raises `TimeStampError`."""
        ...

    def roots(self) -> list[x509.Certificate]:
        """Certificates a verifier must trust for these tokens."""
        ...


@dataclass(frozen=True, slots=True)
class Stamp:
    """A token's facts after verification."""

    at: datetime
    is_development: bool


class LocalAuthority:
    """A development authority with its own root, kept in a folder. Proves order, not time: its clock is ours.

    Args:
        folder: keys and certificates, made on first use.
    """

    is_development = True

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def stamp(self, message: bytes) -> bytes:
        """Return a token made on this machine."""
        return await asyncio.to_thread(self._stamp, message)

    def roots(self) -> list[x509.Certificate]:
        """The development root."""
        self._ensure()
        return [x509.load_pem_x509_certificate((self._folder / "root.pem").read_bytes())]

    def _stamp(self, message: bytes) -> bytes:
        self._ensure()
        certificate = x509.load_pem_x509_certificate((self._folder / "tsa.pem").read_bytes())
        key = serialization.load_pem_private_key((self._folder / "tsa.key").read_bytes(), password=None)
        if not isinstance(key, ec.EllipticCurvePrivateKey):
            raise TimeStampError("unexpected key type", retryable=False)
        return _response(message, certificate, key, datetime.now(UTC))

    def _ensure(self) -> None:
        if (self._folder / "tsa.pem").is_file():
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        now = datetime.now(UTC) - timedelta(days=1)
        root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
        root_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{DEVELOPMENT_NAME} Root")])
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DEVELOPMENT_NAME)])
        root = _certificate(root_name, root_name, root_key.public_key(), root_key, now, root_key.public_key(), is_root=True)
        leaf = _certificate(name, root_name, key.public_key(), root_key, now, root_key.public_key(), is_root=False)
        pem = serialization.Encoding.PEM
        private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        for file, data in (("root.pem", root.public_bytes(pem)), ("tsa.key", private), ("tsa.pem", leaf.public_bytes(pem))):
            handle = os.open(self._folder / file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(handle, "wb") as out:
                out.write(data)


class HttpAuthority:
    """A time-stamp authority over HTTP (RFC 3161 §3.4), such as the insurer's.

    Args:
        url: `http(s)://…` address that takes `application/timestamp-query`.
        roots: trusted certificates of the authority; intermediate ones may stand among them.
        policy: dotted object identifier of the policy to be asked for and demanded in the token; empty: the authority's own.
        user, password: for HTTP basic authentication; empty: none.
    """

    is_development = False

    def __init__(
        self,
        url: str,
        roots: Sequence[x509.Certificate],
        *,
        policy: str = "",
        user: str = "",
        password: str = "",
        timeout_s: float = 15,
    ) -> None:
        if not url.startswith(("http://", "https://")):
            raise ValueError("the time-stamp authority needs an http(s) address")
        if not roots:
            raise ValueError("the time-stamp authority needs the certificates to trust")
        self._url = url
        self._roots = list(roots)
        self._policy = x509.ObjectIdentifier(policy) if policy else None
        self._timeout_s = timeout_s
        self._headers = {"Content-Type": "application/timestamp-query"}
        if user:
            self._headers["Authorization"] = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    async def stamp(self, message: bytes) -> bytes:
        """Ask the authority, verify its token, return it."""
        return await asyncio.to_thread(self._stamp, message)

    def roots(self) -> list[x509.Certificate]:
        """The configured certificates."""
        return self._roots

    def _stamp(self, message: bytes) -> bytes:
        nonce = int.from_bytes(os.urandom(8), "big") | 1
        query = _query(message, nonce, self._policy.dotted_string if self._policy else "")
        request = urllib.request.Request(self._url, data=query, headers=self._headers)  # noqa: S310  checked above
        try:
            with urllib.request.urlopen(request, timeout=self._timeout_s) as answer:  # noqa: S310
                data: bytes = answer.read(1 << 20)
            response = rfc3161_client.decode_timestamp_response(data)
            builder = _trusting(self._roots).nonce(nonce)
            if self._policy is not None:
                builder = builder.policy_id(self._policy)
            builder.build().verify_message(response, message)
        except urllib.error.HTTPError as error:
            error.close()
            is_passing = error.code >= 500 or error.code in (408, 429)
            raise TimeStampError(f"{self._url}: HTTP {error.code}", retryable=is_passing) from error
        except OSError as error:
            raise TimeStampError(f"{self._url}: {error}", retryable=True) from error
        except (ValueError, rfc3161_client.VerificationError) as error:
            raise TimeStampError(f"unusable token: {error}", retryable=False) from error
        return data


def _query(message: bytes, nonce: int, policy: str) -> bytes:
    """TimeStampReq (RFC 3161 §2.4.1) over SHA-256, asking for the signer's certificate."""
    imprint = der.sequence(der.algorithm(_SHA256), der.octets(hashlib.sha256(message).digest()))
    wanted = [der.oid(policy)] if policy else []
    return der.sequence(der.integer(1), imprint, *wanted, der.integer(nonce), der.boolean(True))


def _trusting(certificates: Sequence[x509.Certificate]) -> rfc3161_client.VerifierBuilder:
    """A verifier that trusts the self-signed certificates and may build its chain with the others."""
    builder = rfc3161_client.VerifierBuilder()
    for certificate in dict.fromkeys(certificates):
        if certificate.issuer == certificate.subject:
            builder = builder.add_root_certificate(certificate)
        else:
            builder = builder.add_intermediate_certificate(certificate)
    return builder


def verify_stamp(token: bytes, message: bytes, roots: Sequence[x509.Certificate]) -> Stamp:
    """Verify a token against trusted roots.

    Raises:
        ValueError: not a token, over something else, or not from a trusted authority.
    """
    try:
        response = rfc3161_client.decode_timestamp_response(token)
        _trusting(roots).build().verify_message(response, message)
    except rfc3161_client.VerificationError as error:
        raise ValueError(str(error)) from error
    _refuse_other_spelling(token, response)
    return Stamp(response.tst_info.gen_time, any(DEVELOPMENT_NAME in root.subject.rfc4514_string() for root in roots))


def _refuse_other_spelling(token: bytes, response: rfc3161_client.TimeStampResponse) -> None:
    """Raise `ValueError` where a part that no signature covers, and verifying passes over, says something else than the rest.

    Of a token only the versions (RFC 5652 §5.1, §5.3) and the name of the signature's algorithm are such parts. A token that
    reads otherwise than it was issued was changed, harmless as it is.
    """
    data = response.signed_data
    if data.version not in (3, 4, 5) or [info.version for info in data.signer_infos] != [1]:
        raise ValueError("the token's version is none")
    (_, answer), *_ = der.children(token)
    (_, content) = list(der.children(answer))[1]
    (_, wrapped) = list(der.children(content))[1]
    ((_, signed),) = der.children(wrapped)
    (_, signers) = list(der.children(signed))[-1]
    ((_, signer),) = der.children(signers)
    elements = [part for tag, part in der.children(signer) if tag == 0x30]
    digest, algorithm = _algorithm(elements[1]), _algorithm(elements[2])
    name, parameters = algorithm
    known = name in _SIGNATURES.get(digest[0], ()) and parameters in (b"", der.null())
    if not (known or (name in _ANY_DIGEST and parameters in (b"", der.null())) or (name == _PSS and parameters[:1] == b"0")):
        raise ValueError("the token names another algorithm than the one it was signed with")


def _algorithm(element: bytes) -> tuple[bytes, bytes]:
    """(object identifier as an element, what follows it) of an AlgorithmIdentifier."""
    (tag, name), *_ = der.children(element)
    whole = der.tlv(tag, name)
    return whole, element[len(whole) :]


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    signer: ec.EllipticCurvePrivateKey,
    start: datetime,
    issuer_public: ec.EllipticCurvePublicKey,
    *,
    is_root: bool,
) -> x509.Certificate:
    usage = x509.KeyUsage(
        digital_signature=not is_root, content_commitment=not is_root, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=is_root, crl_sign=is_root, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=3650))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_public), critical=False)
    )
    if not is_root:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(signer, hashes.SHA256())


def _response(message: bytes, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey, at: datetime) -> bytes:
    info = der.sequence(
        der.integer(1),
        der.oid(_DEVELOPMENT_POLICY),
        der.sequence(der.algorithm(_SHA256), der.octets(hashlib.sha256(message).digest())),
        der.integer(int.from_bytes(os.urandom(8), "big") | 1),
        der.generalized_time(at),
        der.sequence(der.integer(1)),
    )
    encoded = certificate.public_bytes(serialization.Encoding.DER)
    certificate_id = der.sequence(der.sequence(der.sequence(der.octets(hashlib.sha256(encoded).digest()))))
    attributes = (
        der.sequence(der.oid("1.2.840.113549.1.9.3"), der.set_of(der.oid(_TST_INFO))),
        der.sequence(der.oid("1.2.840.113549.1.9.4"), der.set_of(der.octets(hashlib.sha256(info).digest()))),
        der.sequence(der.oid("1.2.840.113549.1.9.16.2.47"), der.set_of(certificate_id)),
    )
    signed = der.set_of(*attributes)
    signature = key.sign(signed, ec.ECDSA(hashes.SHA256()))
    signer = der.sequence(
        der.integer(1),
        der.sequence(certificate.issuer.public_bytes(), der.integer(certificate.serial_number)),
        der.algorithm(_SHA256),
        b"\xa0" + signed[1:],
        der.algorithm(_ECDSA_SHA256, with_null=False),
        der.octets(signature),
    )
    content = der.sequence(
        der.integer(3),
        der.set_of(der.algorithm(_SHA256)),
        der.sequence(der.oid(_TST_INFO), der.explicit(0, der.octets(info))),
        der.tlv(0xA0, encoded),
        der.set_of(signer),
    )
    token = der.sequence(der.oid(_SIGNED_DATA), der.explicit(0, content))
    return der.sequence(der.sequence(der.integer(0)), token)
