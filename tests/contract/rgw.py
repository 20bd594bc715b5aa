"""A real S3 server for tests: Ceph RADOS Gateway on one memory-backed OSD, in a folder of its own, on free ports.

Needs the Debian packages radosgw, ceph-mon, ceph-osd and ceph-common. Everything is stopped by its own pid file.
"""

import base64
import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from storage.db.ids import new_id
from storage.objects.s3 import S3ObjectStore, S3Options, open_s3

TOOLS = ("radosgw", "ceph-mon", "ceph-osd", "ceph", "ceph-authtool", "monmaptool", "radosgw-admin")
INSTALL = "apt-get install --no-install-recommends radosgw ceph-mon ceph-osd ceph-common"
ACCESS, SECRET = "testaccess", "testsecretkey"
START_S = 180
_KMS_KEY = base64.b64encode(bytes(range(32))).decode()


@dataclass(frozen=True, slots=True)
class Gateway:
    """Where it listens."""

    endpoint: str
    tls_endpoint: str = ""
    ca_file: Path | None = None

    def options(self, bucket: str) -> S3Options:
        return S3Options(self.endpoint, ACCESS, SECRET, bucket, secure=False)

    def encrypting(self, bucket: str) -> S3Options:
        """Over TLS, with the key `trial` of the gateway's key service."""
        return S3Options(self.tls_endpoint, ACCESS, SECRET, bucket, encryption="sse-kms:trial", ca_file=self.ca_file)


def missing_tools() -> list[str]:
    """What is not installed."""
    return [tool for tool in TOOLS if shutil.which(tool) is None]


async def make_store(gateway: Gateway) -> S3ObjectStore:
    """A store on a fresh bucket."""
    return await open_s3(gateway.options(new_id("bucket").replace("_", "-")))


@contextlib.contextmanager
def running_gateway(folder: Path) -> Iterator[Gateway]:
    """Start monitor, OSD and gateway below `folder`; stop them at the end."""
    ports = _free_ports(4)
    cluster = _Cluster(folder, ports)
    try:
        cluster.start()
        yield Gateway(f"127.0.0.1:{ports[2]}", f"127.0.0.1:{ports[3]}", folder / "tls.crt")
    finally:
        cluster.stop()


class _Cluster:
    def __init__(self, folder: Path, ports: list[int]) -> None:
        self._folder = folder
        self._ports = ports
        self._fsid = str(uuid.uuid4())
        self._conf = folder / "ceph.conf"
        self._env = {**os.environ, "CEPH_ARGS": f"--conf {self._conf}"}

    def start(self) -> None:
        for name in ("run", "mon", "osd", "rgw"):
            (self._folder / name).mkdir(parents=True)
        address = f"[v2:127.0.0.1:{self._ports[0]},v1:127.0.0.1:{self._ports[1]}]"
        self._conf.write_text(self._config(address))
        subject = ("-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1")
        new = (
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "30",
            *subject,
        )
        self._tool(*new, "-keyout", str(self._folder / "tls.key"), "-out", str(self._folder / "tls.crt"))
        keyring = str(self._folder / "keyring")
        everything = ("--cap", "mon", "allow *", "--cap", "osd", "allow *", "--cap", "mgr", "allow *", "--cap", "mds", "allow *")
        self._tool("ceph-authtool", "--create-keyring", keyring, "--gen-key", "-n", "mon.", "--cap", "mon", "allow *")
        self._tool("ceph-authtool", keyring, "--gen-key", "-n", "client.admin", *everything)
        profiles = ("--cap", "mon", "allow profile osd", "--cap", "osd", "allow *")
        self._tool("ceph-authtool", keyring, "--gen-key", "-n", "osd.0", *profiles)
        self._tool(
            "ceph-authtool", keyring, "--gen-key", "-n", "client.rgw.a", "--cap", "mon", "allow rw", "--cap", "osd", "allow rwx"
        )
        monmap = str(self._folder / "monmap")
        self._tool("monmaptool", "--create", "--addv", "a", address, "--fsid", self._fsid, monmap)
        self._tool("ceph-mon", "-i", "a", "--mkfs", "--monmap", monmap, "--keyring", keyring)
        self._tool("ceph-mon", "-i", "a")
        osd = str(uuid.uuid4())
        self._tool("ceph", "osd", "new", osd, "0")
        self._tool("ceph", "auth", "import", "-i", keyring)
        self._tool("ceph-osd", "-i", "0", "--mkfs", "--osd-uuid", osd)
        self._tool("ceph-osd", "-i", "0")
        self._tool("radosgw", "-n", "client.rgw.a")
        self._wait()
        user = ("--uid", "tests", "--display-name", "tests", "--access-key", ACCESS, "--secret-key", SECRET)
        self._tool("radosgw-admin", "user", "create", *user)

    def stop(self) -> None:
        for file in sorted((self._folder / "run").glob("*.pid"), reverse=True):
            with contextlib.suppress(ValueError, ProcessLookupError):
                os.kill(int(file.read_text()), signal.SIGKILL)

    def _tool(self, *command: str) -> None:
        done = subprocess.run(
            command, env=self._env, cwd=self._folder, capture_output=True, text=True, timeout=START_S, check=False
        )
        if done.returncode:
            raise RuntimeError(f"{command[0]}: {done.stderr[-2000:]}")

    def _wait(self) -> None:
        """Until the gateway answers; polling is the only way to learn of it."""
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            with (
                contextlib.suppress(urllib.error.URLError, OSError),
                urllib.request.urlopen(f"http://127.0.0.1:{self._ports[2]}", timeout=5),
            ):
                return
            time.sleep(0.3)
        raise RuntimeError(
            "radosgw does not answer: " + "".join(p.read_text()[-800:] for p in self._folder.glob("run/*rgw*.log"))
        )

    def _config(self, address: str) -> str:
        d = self._folder
        return f"""
[global]
fsid = {self._fsid}
mon initial members = a
mon host = {address}
public addr = 127.0.0.1
cluster addr = 127.0.0.1
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon allow pool size one = true
mon warn on pool no redundancy = false
osd crush chooseleaf type = 0
mon max pg per osd = 2000
run dir = {d}/run
admin socket = {d}/run/$name.asok
log file = {d}/run/$name.log
pid file = {d}/run/$name.pid
keyring = {d}/keyring
mon data = {d}/mon
osd data = {d}/osd
osd objectstore = memstore
memstore device bytes = 2147483648
mon data avail crit = 1
mon data avail warn = 1
[client.rgw.a]
rgw frontends = beast endpoint=127.0.0.1:{self._ports[2]} ssl_endpoint=127.0.0.1:{self._ports[3]} \
 ssl_certificate={d}/tls.crt ssl_private_key={d}/tls.key
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = trial={_KMS_KEY}
rgw data = {d}/rgw
rgw run sync thread = false
"""


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for item in sockets:
            item.bind(("127.0.0.1", 0))
        return [int(item.getsockname()[1]) for item in sockets]
    finally:
        for item in sockets:
            item.close()
