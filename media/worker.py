"""The media worker process: one UDP port, many rooms, RPC and metrics on one HTTP port. Knows nothing of insurance."""

import asyncio
import contextlib
import ctypes
import gc
import hmac
import logging
import os
import signal
import socket
import time
from collections.abc import Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import uvloop
from aiohttp import web

from media.admission import AdmissionLimits
from media.api import WorkerApi
from media.metrics import LoopLag, render_metrics
from media.native.engine import NativePort, load
from media.ports import RecorderFactory
from media.recorder import Recorder
from media.rpc import RpcServer
from media.sfu.clock import NtpClock
from media.sfu.leg import LegContext
from media.sfu.tapping import TapSender
from media.transport.beat import Beat
from media.transport.port import UdpPort, now_ns
from media.transport.private import WorkerCertificate

log = logging.getLogger(__name__)
_TICK_NS = 20_000_000
_LOCAL = {"127.0.0.1", "::1"}


@dataclass(frozen=True, slots=True)
class WorkerOptions:
    """How a worker runs.

    Args:
        host: address the UDP socket binds to.
        public_ip: addresses told to clients, comma separated; empty means this machine's own address.
        udp_port: UDP port, 0 for any.
        rpc_host, rpc_port: where RPC and metrics are served (port 0 for any).
        rpc_token: the shared internal secret; it never travels.
        metrics_token: bearer token for `/metrics` from other machines; without one only this machine may ask.
        data_dir: recordings are below `<data_dir>/recordings`.
        speech_socket, vision_socket: tap sockets; None for `<data_dir>/run/{speech,vision}.sock`.
        worker_id: name of this worker.
        limits: when new rooms are refused.
        drain_limit_s: how long SIGTERM waits for rooms to end (SIGINT and a second SIGTERM do not wait).
        is_suspending: on stopping leave running recordings open, so that they go on after the next start.
        engine: `auto` (compiled inner loop where it was built), `native` (fail without it) or `python`.
    """

    rpc_token: str
    data_dir: Path
    host: str = "0.0.0.0"  # noqa: S104 - media comes from everywhere by its nature
    public_ip: str = ""
    udp_port: int = 50_000
    rpc_host: str = "127.0.0.1"
    rpc_port: int = 8091
    speech_socket: Path | None = None
    vision_socket: Path | None = None
    worker_id: str = "media-1"
    metrics_token: str = ""
    limits: AdmissionLimits = field(default_factory=AdmissionLimits)
    drain_limit_s: float = 0.0
    is_suspending: bool = False
    engine: str = "auto"


class Worker:
    """A running worker. `start`, then `aclose`."""

    def __init__(self, options: WorkerOptions, recorders: RecorderFactory | None = None) -> None:
        self.options = options
        self._owned: Recorder | None = None
        if recorders is None:
            recorders = self._owned = Recorder(is_compiled=False if options.engine == "python" else None)
        self._recorders = recorders
        self.engine = load() if options.engine != "python" and ":" not in options.host else None
        if self.engine is None and options.engine == "native":
            raise RuntimeError("the compiled inner loop is missing: run `make native`")
        self.port = (
            UdpPort(options.host, options.udp_port)
            if self.engine is None
            else NativePort(options.host, options.udp_port, self.engine)
        )
        run = options.data_dir / "run"
        self.taps = TapSender(options.speech_socket or run / "speech.sock", options.vision_socket or run / "vision.sock")
        if self.engine is not None:
            self.engine.on_tap = self.taps.send_sound
        self.rpc = RpcServer(options.rpc_token)
        self.lag = LoopLag()
        addresses = tuple((ip, self.port.number) for ip in advertised(options.host, options.public_ip))
        context = LegContext(self.port, WorkerCertificate.generateCertificate(), addresses, NtpClock(), self.engine)
        self.api = WorkerApi(
            options.worker_id, options.data_dir, context, self._recorders, self.taps, self.lag, self.rpc.emit, options.limits
        )
        self.rpc_port = options.rpc_port
        self._runner: web.AppRunner | None = None
        self._beat = Beat(self._tick)
        self._ticks = 0

    async def start(self) -> None:
        """Close what a dead worker left, then serve."""
        recovered = await self._recorders.recover(self.options.data_dir / "recordings")
        self.port.start()
        self.api.register(self.rpc)
        app = web.Application()
        self.rpc.attach(app)
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/healthz", self._health)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self.options.rpc_host, self.options.rpc_port)
        await site.start()
        for item in self._runner.addresses:
            self.rpc_port = item[1]
        self._beat.start(_TICK_NS)
        self.api.recovered = [
            {
                "recording_id": item.recording_id,
                "room_id": item.room_id,
                "dir": str(item.directory),
                "duration_ms": item.duration_ms,
            }
            for item in recovered
        ]
        if recovered:
            self.rpc.emit("worker.recovered", {"recordings": self.api.recovered})

    async def aclose(self) -> None:
        """Stop (or suspend) recordings and rooms, then the sockets; idempotent."""
        await self.api.aclose(suspend=self.options.is_suspending)
        self._beat.stop()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
        if self._owned is not None:
            await self._owned.aclose()
        self.port.close()
        self.taps.close()

    def _tick(self, due_ns: int) -> None:
        late = min(1.0, (now_ns() - due_ns) / 1e9)
        self.lag.add(late)
        while late > _TICK_NS / 1e9:
            late -= _TICK_NS / 1e9
            self.lag.add(late)  # of the ticks that were left out meanwhile
        self._ticks += 1
        self.taps.flush()
        try:
            self.api.tick(self._ticks, now_ns())
        except Exception:
            log.exception("tick failed")

    async def _metrics(self, request: web.Request) -> web.Response:
        given = request.headers.get("Authorization", "").encode(errors="surrogateescape")
        token = self.options.metrics_token
        if request.remote not in _LOCAL and not (token and hmac.compare_digest(given, f"Bearer {token}".encode())):
            raise web.HTTPForbidden
        body = render_metrics(self.api, self.port, self.taps, self.lag)
        return web.Response(body=body, content_type="text/plain")

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({"status": "draining" if self.api.is_draining else "ok"})


def advertised(host: str, public_ip: str) -> list[str]:
    """Addresses for the candidates: as told, else the bound one, else the machine's way out."""
    given = [part.strip() for part in public_ip.split(",") if part.strip()]
    if given:
        return given
    if host not in ("0.0.0.0", "::", ""):  # noqa: S104 - compared, not bound
        return [host]
    # Documentation addresses (RFC 3849, RFC 5737): no packet is sent by connecting.
    ways = [(socket.AF_INET6, "2001:db8::1")] if host == "::" else []
    found = [_own_address(family, address) for family, address in [*ways, (socket.AF_INET, "192.0.2.1")]]
    return [item for item in found if item] or ["127.0.0.1"]


def _own_address(family: socket.AddressFamily, towards: str) -> str:
    """This machine's address on the way there; empty without one."""
    with socket.socket(family, socket.SOCK_DGRAM) as probe, contextlib.suppress(OSError):
        probe.connect((towards, 9))
        return str(probe.getsockname()[0])
    return ""


# malloc.h (glibc): M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX.
_TRIM, _MMAP, _ARENAS = -1, -3, -8


def settle_memory() -> None:
    """What a closed stream held goes back to the system at once, instead of leaving holes among what lives on.

    By itself glibc raises its threshold for mappings to the size of the first packet ring that is freed, and puts the next rings
    between small pieces of the heap; and it keeps a heap for each thread.
    """
    with contextlib.suppress(AttributeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        for name, value in ((_MMAP, 128 << 10), (_TRIM, 1 << 20), (_ARENAS, 2)):
            mallopt(name, value)


async def main(options: WorkerOptions) -> None:
    """Run a worker until SIGINT, or until SIGTERM and the end of its rooms.

    SIGTERM drains: no new rooms, running ones end, for `drain_limit_s` at most; a second one, or SIGINT, ends the waiting.
    """
    loop = asyncio.get_running_loop()
    stop, drain = asyncio.Event(), asyncio.Event()

    def terminate() -> None:
        if drain.is_set():
            stop.set()
        drain.set()

    loop.add_signal_handler(signal.SIGTERM, terminate)
    loop.add_signal_handler(signal.SIGINT, stop.set)
    settle_memory()
    worker = Worker(options)
    await worker.start()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    log.info("media worker started", extra={"udp_port": worker.port.number, "rpc_port": worker.rpc_port, "pid": os.getpid()})
    started = time.monotonic()
    try:
        await _first(stop.wait(), drain.wait())
        if not stop.is_set():
            worker.api.is_draining = True
            log.info("media worker drains", extra={"rooms": len(worker.api.rooms), "limit_s": options.drain_limit_s})
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(options.drain_limit_s):
                    await _first(stop.wait(), worker.api.emptied.wait())
    finally:
        await worker.aclose()
        log.info("media worker stopped", extra={"uptime_s": round(time.monotonic() - started)})


async def _first(*waits: Coroutine[Any, Any, Any]) -> None:
    """Wait until one of them is done; the others are given up."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def run(options: WorkerOptions) -> None:
    """Run on uvloop in this process."""
    uvloop.run(main(options))
