"""A real RFC 3161 time-stamp authority for trials and tests: `openssl ts` behind HTTP, with certificates of its own.

    python -m scripts.tsa FOLDER [--port 8318] [--user NAME --password WORD] [--refuse]

Makes `FOLDER/root.pem` (what DR_TSA_CERTIFICATES names) and its keys on first use. It is a process and an authority of its own,
with nothing of the service in it; its clock is this machine's, therefore no insurer should use it for real recordings.
"""

import argparse
import base64
import subprocess
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

POLICY = "1.2.3.4.1"
_CONFIG = """
[req]
distinguished_name = dn
[dn]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[signer]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, nonRepudiation
extendedKeyUsage = critical, timeStamping
subjectKeyIdentifier = hash
[tsa]
default_tsa = trial
[trial]
serial = serial
signer_digest = sha256
default_policy = 1.2.3.4.1
other_policies = 1.2.3.4.2
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def prepare(folder: Path) -> None:
    """Make the configuration, a root and a signing certificate; a no-op when they are there."""
    if (folder / "signer.pem").is_file():
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / "openssl.cnf").write_text(_CONFIG)
    (folder / "serial").write_text("01\n")
    new = ("openssl", "req", "-config", "openssl.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    root = (*new, "-x509", "-days", "3650", "-extensions", "root", "-subj", "/CN=Trial TSA Root")
    _run(folder, *root, "-keyout", "root.key", "-out", "root.pem")
    _run(folder, *new, "-subj", "/CN=Trial TSA", "-keyout", "signer.key", "-out", "signer.csr")
    sign = ("openssl", "x509", "-req", "-in", "signer.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial")
    _run(folder, *sign, "-days", "3650", "-extfile", "openssl.cnf", "-extensions", "signer", "-out", "signer.pem")


def answer(folder: Path, query: bytes) -> bytes:
    """The DER TimeStampResp to a DER TimeStampReq."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        (Path(name) / "query").write_bytes(query)
        signer = ("-inkey", "signer.key", "-signer", "signer.pem")
        command = ("openssl", "ts", "-reply", "-config", "openssl.cnf", "-section", "trial", *signer)
        _run(folder, *command, "-queryfile", f"{name}/query", "-out", f"{name}/reply")
        return (Path(name) / "reply").read_bytes()


def handler(folder: Path, credentials: str, is_refusing: bool) -> type[BaseHTTPRequestHandler]:
    """The HTTP side (RFC 3161 §3.4)."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:  # the base class calls it by this name
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            expected = "Basic " + base64.b64encode(credentials.encode()).decode()
            if credentials and self.headers.get("Authorization") != expected:
                self._send(401, b"")
            elif is_refusing or self.headers.get("Content-Type") != "application/timestamp-query":
                self._send(503 if is_refusing else 415, b"")
            else:
                self._send(200, answer(folder, body))

        def log_message(self, format: str, *args: object) -> None:
            print(format % args, file=sys.stderr, flush=True)

        def _send(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    return Handler


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:3])}: {done.stderr[-1000:]}")


def main() -> None:
    """Command line. Prints the address once it listens."""
    parser = argparse.ArgumentParser(description="Trial RFC 3161 time-stamp authority")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--port", type=int, default=8318)
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    parser.add_argument("--refuse", action="store_true", help="answer 503 to everything")
    options = parser.parse_args()
    prepare(options.folder)
    credentials = f"{options.user}:{options.password}" if options.user else ""
    server = ThreadingHTTPServer(("127.0.0.1", options.port), handler(options.folder, credentials, options.refuse))
    print(f"http://127.0.0.1:{server.server_address[1]}/", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
