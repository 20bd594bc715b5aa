"""`make topology-test`: the production topology of docker-compose.yml as plain processes, proven on one recording.

PostgreSQL, RADOS Gateway (enforces Object Lock), coturn, a time-stamp authority (`openssl ts`), and of the service in production
mode with secrets from files: web, two media nodes, speech, vision, two jobs workers. A recording is finalised through it while
the worker that has it is killed; then seal, locks, retention, TURN and the refusals of production are checked from outside.
The last line is `RESULT {json}`; status 1 when anything is not as it must be. Takes one to three minutes.
"""

import asyncio
import base64
import json
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import sqlalchemy as sa
from aioice.turn import create_turn_endpoint
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from minio import Minio
from minio.error import S3Error

from scripts.demo.service import environment, free_port
from scripts.verify_evidence import main as verify
from server.context import Context
from server.jobs.tables import job_steps, jobs, workers
from server.media_workers.tables import media_workers
from server.recordings.tables import recording_objects, recordings
from server.sessions.ice import ice_servers
from server.settings import DEMO_INSURER, ROOT, Settings
from server.users import repository as users
from server.users.passwords import hash_password
from storage.db.crypto import FieldCipher
from storage.db.engine import Database
from tests.contract.rgw import ACCESS, SECRET, running_gateway
from tests.support.postgres import running_postgres
from tests.support.recordings import Made, make_session

BUCKET = "topology"
INSPECTOR = "zhaoliu"


class Topology:
    """All processes of one trial; `close` ends them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stack = ExitStack()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.env: dict[str, str] = {}
        self.s3 = ""

    def start(self) -> None:
        """Start everything, in the order of the composition file."""
        database = self.stack.enter_context(running_postgres()).create()
        self.s3 = self.stack.enter_context(running_gateway(self.folder / "rgw")).endpoint
        turn, stamps = free_port(), free_port()
        given = {
            "dr_data_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(), "dr_database_url": database,
            "dr_s3_secret_key": SECRET, "dr_tsa_password": secrets.token_urlsafe(12), "dr_turn_secret": secrets.token_urlsafe(24),
            **{
                f"dr_{name}": secrets.token_urlsafe(32)
                for name in ("ticket_key", "internal_token", "core_api_key", "metrics_token")
            },
        }  # fmt: skip
        place = self.folder / "secrets"
        place.mkdir(mode=0o700)
        for name, value in given.items():
            (place / name).write_text(value)
        key = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (place / "dr_seal_key").write_bytes(key)
        self.env = environment(self.folder / "data") | {
            "DR_MODE": "production", "DR_INSURER_NAME": DEMO_INSURER,
            "DR_SECRETS_DIR": str(place), "DR_SEAL_KEY_FILE": str(place / "dr_seal_key"),
            "DR_OBJECT_STORE": "s3", "DR_S3_ENDPOINT": self.s3, "DR_S3_ACCESS_KEY": ACCESS, "DR_S3_SECURE": "false",
            "DR_S3_BUCKET": BUCKET, "DR_TSA_URL": f"http://127.0.0.1:{stamps}/", "DR_TSA_USER": "insurer",
            "DR_TSA_CERTIFICATES": str(self.folder / "tsa" / "root.pem"),
            "DR_TURN_URLS": f'["turn:127.0.0.1:{turn}?transport=udp"]',
            "DR_MEDIA_WORKERS": "1",
        }  # fmt: skip
        self._spawn("tsa", "-m", "scripts.tsa", str(self.folder / "tsa"), "--port", str(stamps), "--user", "insurer",
                    "--password", given["dr_tsa_password"])  # fmt: skip
        self._turn(turn, given["dr_turn_secret"])
        subprocess.run([sys.executable, "-m", "server", "migrate"], cwd=ROOT, env=self.env, check=True)
        for node in ("a", "b"):
            own = {"DR_MEDIA_NODE": node, "DR_MEDIA_RPC_PORT": str(free_port()), "DR_MEDIA_UDP_PORT": str(free_port())}
            self._spawn(f"media-{node}", "-m", "server", "media", env=self.env | (own if node == "b" else {"DR_MEDIA_NODE": "a"}))
        for name in ("speech", "vision"):
            self._spawn(name, "-m", "server", name)
        for name in ("one", "two"):
            self._spawn(f"jobs-{name}", "-m", "server", "jobs", "--worker", name)
        self._spawn("web", "-m", "server", "web", env=self.env | {"DR_MEDIA_NODE": "a"})

    def settings(self) -> Settings:
        """What the processes were told, for looking into the database."""
        with_env = {name: value for name, value in self.env.items() if name.startswith("DR_")}
        os.environ.update(with_env)
        return Settings(_secrets_dir=self.env["DR_SECRETS_DIR"])  # type: ignore[call-arg]  # known to pydantic-settings

    def refused(self, text: str, *command: str, **changes: str) -> bool:
        """Whether a process refuses to start and says why."""
        done = subprocess.run(
            [sys.executable, "-m", "server", *command], cwd=ROOT, env=self.env | changes, capture_output=True, text=True,
            timeout=90, check=False,
        )  # fmt: skip
        return done.returncode != 0 and text in done.stderr + done.stdout

    def close(self) -> None:
        """End every process this trial started, then the servers."""
        for process in reversed(self.processes.values()):
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.stack.close()

    def _spawn(self, name: str, *arguments: str, env: dict[str, str] | None = None, program: str = sys.executable) -> None:
        log = self.stack.enter_context((self.folder / f"{name}.log").open("wb"))
        self.processes[name] = subprocess.Popen(
            [program, *arguments], cwd=ROOT, env=env or self.env, stdout=log, stderr=log, start_new_session=True
        )

    def _turn(self, port: int, secret: str) -> None:
        quiet = ("-n", "--no-tls", "--no-dtls", "--no-cli", "--fingerprint", "--log-file=stdout", "--realm=dual-recording")
        where = (
            "--listening-ip=127.0.0.1",
            f"--listening-port={port}",
            "--relay-ip=127.0.0.1",
            "--min-port=49152",
            "--max-port=49170",
        )
        own = (f"--pidfile={self.folder / 'turn.pid'}", f"--userdb={self.folder / 'turn.db'}")
        self._spawn("turn", *quiet, *where, *own, "--use-auth-secret", f"--static-auth-secret={secret}", program="turnserver")


async def ready(url: str, limit_s: float = 120) -> None:
    """Until the web process answers that it is ready."""
    async with aiohttp.ClientSession() as http, asyncio.timeout(limit_s):
        while True:
            with suppress(aiohttp.ClientError):
                async with http.get(f"{url}/readyz") as answer:
                    if answer.status == 200:
                        return
            await asyncio.sleep(0.5)


async def sealed(context: Context, made: Made, topology: Topology) -> dict[str, Any]:
    """Wait for the seal; kill the jobs worker that has the recording as soon as it measures."""
    killed = ""
    async with asyncio.timeout(300):
        while True:
            async with context.db.read() as tx:
                row = (await tx.execute(sa.select(recordings).where(recordings.c.id == made.recording_id))).mappings().one()
                step = sa.select(jobs.c.worker).join(job_steps, job_steps.c.job_id == jobs.c.id)
                running = (job_steps.c.name == "measure") & (job_steps.c.state == "running")
                worker = await tx.scalar(step.where(running, jobs.c.subject_id == made.recording_id))
                failed = await tx.scalar(sa.select(jobs.c.error_code).where(jobs.c.state == "failed"))
            if failed:
                raise RuntimeError(f"a job failed: {failed}")
            if worker and not killed:
                killed = str(worker)
                os.killpg(topology.processes[f"jobs-{killed}"].pid, signal.SIGKILL)
            if row["state"] == "sealed":
                return {**row, "killed": killed}
            await asyncio.sleep(0.05)


async def turn_answers(settings: Settings) -> bool:
    """Whether the time-limited credentials that pages get open a relay."""
    server = ice_servers(settings, "trial", datetime.now(UTC))[0]
    port = int(settings.turn_urls[0].split(":")[2].split("?")[0])
    transport, _ = await create_turn_endpoint(
        asyncio.DatagramProtocol, server_addr=("127.0.0.1", port), username=str(server["username"]),
        password=str(server["credential"]),
    )  # fmt: skip
    is_open = transport.get_extra_info("sockname") is not None
    transport.close()
    return is_open


async def give_password(context: Context, password: str) -> None:
    """The inspector's own: the documented one opens nothing in production."""
    encoded = await hash_password(password)
    async with context.db.begin() as tx:
        account = await users.by_login(tx, context, INSPECTOR)
        assert account is not None, "a demo account"
        await users.update(tx, context, account["id"], {"password_hash": encoded})


async def over_http(topology: Topology, made: Made, password: str, checks: dict[str, bool]) -> Path:
    """Sign in, verify, fetch the package; report the contract's end as the core system."""
    url, target = topology.env["DR_PUBLIC_URL"], topology.folder / "package.zip"
    async with aiohttp.ClientSession(url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        async with http.post("/api/v1/auth/sign-in", json={"login": INSPECTOR, "password": password}) as answer:
            answer.raise_for_status()
        async with http.post(f"/api/v1/recordings/{made.recording_id}/verify") as answer:
            report = await answer.json()
        checks["verified_over_http"] = report["is_intact"] and report["findings"] == []
        async with http.get(f"/api/v1/recordings/{made.recording_id}/package") as answer:
            target.write_bytes(await answer.read())
        async with http.get("/api/v1/evidence/keys") as answer:
            (topology.folder / "keys.json").write_bytes(await answer.read())
        core = {"Authorization": f"Bearer {(topology.folder / 'secrets' / 'dr_core_api_key').read_text()}"}
        end = {"ended_on": datetime.now(UTC).date().isoformat(), "end_reason": "surrendered"}
        async with http.put("/api/v1/proposals/P2026010001/contract", json=end, headers=core) as answer:
            checks["contract_reported"] = answer.status == 200
    return target


async def retained(context: Context, made: Made) -> bool:
    """Until the jobs workers have put the period on the store."""
    until = recording_objects.c.retain_until
    query = sa.select(sa.func.count()).where(recording_objects.c.recording_id == made.recording_id, until.is_(None))
    async with asyncio.timeout(120):
        while True:
            async with context.db.read() as tx:
                if await tx.scalar(query) == 0:
                    return True
            await asyncio.sleep(0.3)


def store_refuses(topology: Topology, made: Made) -> bool:
    """Whether the store itself lets no version of any object of the recording go, and holds them in COMPLIANCE mode."""
    raw = Minio(topology.s3, access_key=ACCESS, secret_key=SECRET, secure=False, region="default")
    prefix = f"evidence/{made.case_id}/{made.recording_id}/"
    found = list(raw.list_objects(BUCKET, prefix=prefix, recursive=True, include_version=True))
    for item in found:
        head = raw.stat_object(BUCKET, str(item.object_name), version_id=item.version_id)
        if (head.metadata or {}).get("x-amz-object-lock-mode") != "COMPLIANCE":
            return False
        try:
            raw.remove_object(BUCKET, str(item.object_name), version_id=item.version_id)
        except S3Error:
            continue
        return False
    return len(found) > 20


async def trial(topology: Topology) -> dict[str, bool]:
    """Everything that is checked."""
    checks: dict[str, bool] = {}
    settings = topology.settings()
    database = Database.connect(settings.database_url)
    # People, proposals and a held session come from the demo data; everything after the call is production's own.
    filler = settings.model_copy(update={"mode": "development"})
    context = Context(filler, database, FieldCipher(settings.data_keys()), lambda: datetime.now(UTC))
    try:
        await ready(topology.env["DR_PUBLIC_URL"])
        made = await make_session(context, length_ms=8_000)
        row = await sealed(context, made, topology)
        checks["worker_killed_and_taken_over"] = row["killed"] != ""
        checks["locked_on_s3"] = row["store_name"] == "s3" and row["is_locked"] is True
        checks["stamped_by_the_authority"] = row["is_development_stamp"] is False
        password = secrets.token_urlsafe(12)
        await give_password(context, password)
        package = await over_http(topology, made, password, checks)
        trust = ["--keys", str(topology.folder / "keys.json"), "--tsa-root", topology.env["DR_TSA_CERTIFICATES"]]
        checks["verified_offline"] = verify([str(package), *trust]) == 0
        checks["retention_applied"] = await retained(context, made)
        checks["store_refuses_deletion"] = await asyncio.to_thread(store_refuses, topology, made)
        checks["turn_relays"] = await turn_answers(settings)
        async with database.read() as tx:
            now = datetime.now(UTC)
            alive = await tx.scalar(sa.select(sa.func.count()).where(media_workers.c.lease_until > now))
            left = await tx.scalar(sa.select(sa.func.count()).where(workers.c.lease_until > now))
        checks["two_media_workers"], checks["jobs_worker_left"] = alive == 2, left == 1
    finally:
        await database.aclose()
    checks["refused_without_time_stamps"] = topology.refused("DR_TSA_URL", "jobs", "--worker", "x", DR_TSA_URL="")
    raw = Minio(topology.s3, access_key=ACCESS, secret_key=SECRET, secure=False, region="default")
    raw.make_bucket("unlocked")
    checks["refused_without_object_lock"] = topology.refused(
        "lets locked objects go", "jobs", "--worker", "x", DR_S3_BUCKET="unlocked"
    )
    checks["refused_on_a_folder"] = topology.refused("lets locked objects go", "jobs", "--worker", "x", DR_OBJECT_STORE="local")
    return checks


def main() -> int:
    """Command line."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="topology", ignore_cleanup_errors=True) as name:
        topology = Topology(Path(name))
        try:
            topology.start()
            checks = asyncio.run(trial(topology))
        except BaseException:
            for log in sorted(Path(name).glob("*.log")):
                print(f"--- {log.name}\n{log.read_text(errors='replace')[-1500:]}", file=sys.stderr)
            raise
        finally:
            topology.close()
    for check, is_good in checks.items():
        print(f"{'✓' if is_good else '✗'} {check}")
    print("RESULT " + json.dumps({**checks, "seconds": round(time.monotonic() - began)}))
    return 0 if all(checks.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
