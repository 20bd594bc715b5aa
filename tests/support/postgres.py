"""A real PostgreSQL server for tests: its own data folder and port, trusted local connections, gone afterwards."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INSTALL = "apt-get install postgresql"
_PLACES = ("", "/usr/lib/postgresql/17/bin", "/usr/lib/postgresql/16/bin", "/usr/lib/postgresql/15/bin")


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server. `url(name)` names a database; `create()` makes an empty one."""

    port: int
    psql: str

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self.port}/{database}"

    def create(self) -> str:
        """Make an empty database and return its URL."""
        name = f"test_{uuid.uuid4().hex[:12]}"
        command = [self.psql, "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres", "-qc", f"CREATE DATABASE {name}"]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        return self.url(name)


def tool(name: str) -> str | None:
    """Where a server program is, or None."""
    for place in _PLACES:
        found = shutil.which(name, path=place or None)
        if found:
            return found
    return None


def missing_tools() -> list[str]:
    """What is not installed."""
    return [name for name in ("initdb", "pg_ctl", "psql") if tool(name) is None]


@contextlib.contextmanager
def running_postgres() -> Iterator[Postgres]:
    """Start a server; root hands it to the user `postgres`, since the server refuses to run as root."""
    who: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    initdb, pg_ctl, psql = tool("initdb"), tool("pg_ctl"), tool("psql")
    assert initdb
    assert pg_ctl
    assert psql
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        if who:
            owner = pwd.getpwnam("postgres")
            os.chown(folder, owner.pw_uid, owner.pw_gid)
        data = str(folder / "data")
        _run([initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync"], who, folder)
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' -c fsync=off -c max_connections=60"
        _run([pg_ctl, "-D", data, "-l", str(folder / "log"), "-w", "-t", "120", "-o", options, "start"], who, folder)
        try:
            yield Postgres(port, psql)
        finally:
            _run([pg_ctl, "-D", data, "-m", "immediate", "stop"], who, folder)


def _run(command: list[str], who: dict[str, Any], folder: Path) -> None:
    with (folder / f"out-{uuid.uuid4().hex[:6]}").open("wb") as out:
        done = subprocess.run(command, cwd="/", stdout=out, stderr=subprocess.STDOUT, timeout=180, check=False, **who)
    if done.returncode:
        raise RuntimeError(f"{command[0]} ended with {done.returncode}: {Path(out.name).read_text()[-1500:]}")
