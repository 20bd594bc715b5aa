"""A local certificate for development over the LAN (`make run HTTPS=1`): phones open camera and microphone only over HTTPS."""

import datetime
import ipaddress
import socket
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


def lan_addresses() -> list[str]:
    """This machine's non-loopback IPv4 addresses, the default route's first. Sends nothing."""
    found: list[str] = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            found.append(probe.getsockname()[0])
        except OSError:
            pass
    for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET):
        address = str(info[4][0])
        if not address.startswith("127.") and address not in found:
            found.append(address)
    return found


def names_to_cover(public_url: str) -> list[str]:
    """What phones and desks may type: this machine's addresses and the host of the public address."""
    host = urlsplit(public_url).hostname or ""
    found = lan_addresses()
    return found if host in ("", "localhost", "0.0.0.0", *found) else [*found, host]  # noqa: S104 - compared, not bound


def covered_by(certificate: Path) -> list[str]:
    """The names and addresses that a certificate file is valid for."""
    names = x509.load_pem_x509_certificate(certificate.read_bytes()).extensions
    found = names.get_extension_for_class(x509.SubjectAlternativeName).value
    return [*found.get_values_for_type(x509.DNSName), *(str(a) for a in found.get_values_for_type(x509.IPAddress))]


def ensure_certificate(folder: Path, names: list[str]) -> tuple[Path, Path]:
    """Return (certificate, key) files valid for localhost and `names`; made anew when one is not covered or the end is near."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    certificate_file, key_file = folder / "local.crt", folder / "local.key"
    wanted = {"localhost", "127.0.0.1", *names}
    if certificate_file.is_file() and key_file.is_file():
        old = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        is_fresh = old.not_valid_after_utc > datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=2)
        if is_fresh and wanted <= set(covered_by(certificate_file)):
            return certificate_file, key_file
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "remote dual recording (local)")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=365))
        .add_extension(x509.SubjectAlternativeName([_name(one) for one in sorted(wanted)]), critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)  # iOS asks for it
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    key_file.touch(mode=0o600)
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    return certificate_file, key_file


def _name(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def server_context(certificate: Path, key: Path) -> ssl.SSLContext:
    """A server-side TLS context."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return context
