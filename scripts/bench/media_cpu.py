"""CPU per participant against Janus on the same packets, and how many rooms one core carries.

`python -m scripts.bench.media_cpu cpu|capacity [--pairs N] [--seconds S]`. The server under test is pinned to core 0, the clients
to core 1; CPU is the server's own user + system time over the window; runs are interleaved and the medians compared. Both servers
record.
"""

import argparse
import contextlib
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

from media.worker import advertised
from scripts.bench import janus_peer

_ROOT = Path(__file__).resolve().parents[2]
_RPC_PORT, _UDP_PORT, _JANUS_PORT = 46002, 46001, 46010
TOKEN = "bench"  # noqa: S105 - of a server that lives for seconds on loopback
_SERVER = (
    "import sys;from pathlib import Path;from media.admission import AdmissionLimits;from media.worker import WorkerOptions,run;"
    "run(WorkerOptions(limits=AdmissionLimits(cpu=9.0,disk_hours=0.0),rpc_token=sys.argv[1],data_dir=Path(sys.argv[2]),host=sys.argv[3],udp_port=int(sys.argv[4]),"
    "rpc_port=int(sys.argv[5]),engine=sys.argv[6]))"
)
_DRAIN = "import socket,sys;s=socket.socket(socket.AF_UNIX,socket.SOCK_DGRAM);s.bind(sys.argv[1])\nwhile 1:s.recv(70000)"


@dataclass(frozen=True, slots=True)
class Shape:
    """What a room looks like: `fanout` is how many times each packet in must come out."""

    name: str
    rooms: int
    people: int
    has_share: bool

    @property
    def fanout(self) -> int:
        return self.people - 1


@dataclass(frozen=True, slots=True)
class Run:
    """One measured window. `other_cores` is what everything else on the machine used meanwhile."""

    server: str
    shape: str
    rooms: int
    cpu_per_participant_pct: float
    us_per_packet_in: float
    packets_in_per_s: float
    delivered: float
    core: float
    rss_mb: float
    other_cores: float
    loop_lag_p99_ms: float | None = None


class Load:
    """The client process."""

    def __init__(self, module: str, shape: Shape, host: str, arguments: list[str]) -> None:
        self.rooms = shape.rooms
        command = [*on_core(1), sys.executable, "-m", module, "--host", host, "--rooms", str(shape.rooms)]
        command += ["--people", str(shape.people), *(["--share"] if shape.has_share else []), *arguments]
        self.process = subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.read()

    def read(self) -> dict[str, float]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the load process ended")
        return dict(json.loads(line))

    def info(self) -> dict[str, float]:
        self.write("info")
        return self.read()

    def count(self) -> dict[str, float]:
        self.write("count")
        return self.read()

    def write(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def close(self) -> None:
        with contextlib.suppress(OSError, RuntimeError):
            self.write("quit")
            self.read()
        self.process.wait(20)


def on_core(core: int) -> list[str]:
    """Pinned, and before other work of the machine where that is allowed: both servers and their load run like this."""
    is_allowed = subprocess.run(["chrt", "-r", "1", "true"], capture_output=True, check=False).returncode == 0
    return ["taskset", "-c", str(core), *(["chrt", "-r", "1"] if is_allowed else [])]


@contextlib.contextmanager
def our_worker(folder: Path, host: str, engine: str, *, has_tap: bool) -> Iterator[tuple[int, str]]:
    """Our worker on core 0, optionally with a listener on its speech tap."""
    (folder / "run").mkdir(parents=True)
    drain = None
    if has_tap:
        drain = subprocess.Popen([*on_core(1), sys.executable, "-c", _DRAIN, str(folder / "run/speech.sock")])
    command = [
        *on_core(0),
        sys.executable,
        "-c",
        _SERVER,
        TOKEN,
        str(folder),
        host,
        str(_UDP_PORT),
        str(_RPC_PORT),
        engine,
    ]
    server = subprocess.Popen(command, cwd=_ROOT)
    url = f"http://127.0.0.1:{_RPC_PORT}"
    try:
        for _ in range(200):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{url}/healthz", timeout=2).read()
                break
            time.sleep(0.1)
        yield server.pid, url
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)
        if drain is not None:
            drain.kill()
            drain.wait()


def busy(process: psutil.Process) -> tuple[float, float]:
    """CPU seconds of the process, and of the whole machine (idle and waiting left out)."""
    own = process.cpu_times()
    whole = psutil.cpu_times()
    return own.user + own.system, sum(whole) - whole.idle - getattr(whole, "iowait", 0.0) - getattr(whole, "guest", 0.0)


def window(server: str, shape: Shape, pid: int, load: Load, warm_s: float, seconds: float, url: str | None) -> Run:
    """Measure one window of a running load."""
    time.sleep(warm_s)
    process = psutil.Process(pid)
    client = psutil.Process(load.process.pid)
    client_before = busy(client)[0]
    counts, (cpu, whole), at = load.count(), busy(process), time.monotonic()
    time.sleep(seconds)
    counts_after, (cpu_after, whole_after), after = load.count(), busy(process), time.monotonic()
    client_cpu = busy(client)[0] - client_before
    elapsed, used = after - at, cpu_after - cpu
    sent = counts_after["sent"] - counts["sent"]
    received = counts_after["received"] - counts["received"]
    lag = None
    if url is not None:
        lag = load.info()["loop_lag_p99_ms"]
    return Run(
        server,
        shape.name,
        shape.rooms,
        round(used / elapsed / (shape.rooms * shape.people) * 100, 4),
        round(used / max(1, sent) * 1e6, 2),
        round(sent / elapsed, 1),
        round(received / max(1, sent * shape.fanout), 4),
        round(used / elapsed, 4),
        round(process.memory_info().rss / 2**20, 1),
        round((whole_after - whole - used - client_cpu) / elapsed, 2),
        lag,
    )


def measure(server: str, shape: Shape, seconds: float, *, has_tap: bool = False) -> Run:
    """Start a server and its load, measure, end both."""
    host = advertised("0.0.0.0", "")[0]  # noqa: S104 - asked for this machine's address, not bound
    folder = Path(tempfile.mkdtemp(prefix="dr-bench-"))
    try:
        if server == "janus":
            with janus_peer.running(folder, _JANUS_PORT, on_core(0)) as (process, url):
                load = Load("scripts.bench.load_janus", shape, host, ["--url", url, "--record", str(folder / "rec")])
                try:
                    return window(server, shape, process.pid, load, 3, seconds, None)
                finally:
                    load.close()
        with our_worker(folder, host, server, has_tap=has_tap) as (pid, url):
            arguments = ["--rpc", url, "--token", TOKEN, "--record", str(folder / "recordings")]
            load = Load("scripts.bench.load_worker", shape, host, arguments)
            try:
                return window(server, shape, pid, load, 3, seconds, url)
            finally:
                load.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.3f} ({min(values):.3f}–{max(values):.3f})"


def cpu(pairs: int, seconds: float) -> dict[str, float | None]:
    """The CPU group: ratios of medians, ours to Janus'."""
    if not janus_peer.is_there():
        print("janus is not installed: apt-get install janus; ratios are not measured")
    servers = ["native", "python", *(["janus"] if janus_peer.is_there() else [])]
    result: dict[str, float | None] = {}
    for shape, key in ((Shape("2 people", 10, 2, False), "2p"), (Shape("3 people + share", 5, 3, True), "3p_share")):
        runs: dict[str, list[Run]] = {server: [] for server in servers}
        for number in range(pairs):
            # Turn the order round each time, so that a drift of the machine favours nobody.
            for server in servers if number % 2 == 0 else servers[::-1]:
                run = measure(server, shape, seconds)
                runs[server].append(run)
                print(json.dumps(asdict(run)), flush=True)
        medians = {}
        for server, items in runs.items():
            values = [item.cpu_per_participant_pct for item in items]
            medians[server] = statistics.median(values)
            packets = spread([item.us_per_packet_in for item in items])
            print(f"{shape.name:18} {server:7} % of a core per participant {spread(values)}; µs per packet in {packets}")
        for server, suffix in (("native", ""), ("python", "_python")):
            ratio = round(medians[server] / medians["janus"], 3) if "janus" in medians else None
            result[f"cpu_ratio_{key}{suffix}"] = ratio
    return result


def carry(rooms: int, seconds: float) -> Run:
    """So many rooms of three with a share, recorded and tapped."""
    run = measure("native", Shape("3 people + share", rooms, 3, True), seconds, has_tap=True)
    print(json.dumps(asdict(run)), flush=True)
    return run


def keeps_up(run: Run) -> bool:
    """Whether nothing was lost and the loop was in time."""
    is_in_time = run.loop_lag_p99_ms is not None and run.loop_lag_p99_ms < 20
    return run.delivered >= 0.9995 and is_in_time and run.core <= 0.97


def capacity(seconds: float, start: int = 30, step: int = 15) -> dict[str, float | None]:
    """Rooms of three with a share, recorded and tapped, on one core: the most with nothing lost and a loop lag below 20 ms.

    Looks at `start`, `start` + `step` and so on up to 80; below, in smaller steps, when the first is too many.
    """
    best: Run | None = None
    for rooms in range(start, 81, step):
        run = carry(rooms, seconds)
        if not keeps_up(run):
            break
        best = run
    for rooms in range(start - 5, 0, -5):
        if best is not None:
            break
        run = carry(rooms, seconds)
        best = run if keeps_up(run) else None
    if best is None:
        return {"rooms_per_core": None, "loop_lag_p99_ms": None, "mb_per_room": None}
    return {
        "rooms_per_core": best.rooms,
        "loop_lag_p99_ms": best.loop_lag_p99_ms,
        "mb_per_room": round((best.rss_mb - 75) / best.rooms, 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("group", choices=["cpu", "capacity"])
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--start", type=int, default=30)
    options = parser.parse_args()
    print(f"cores {os.cpu_count()}, Python {sys.version.split()[0]}, load {os.getloadavg()[0]:.1f} before the start")
    result = cpu(options.pairs, options.seconds) if options.group == "cpu" else capacity(options.seconds, options.start)
    print("RESULT " + json.dumps(result))


if __name__ == "__main__":
    main()
