"""A bad network between two hosts, in user space: delay, jitter, loss, bursts, reordering, rate limits and black-outs.

Two TUN devices; one is moved into a network namespace. A thread between them drops, delays and reorders packets by a profile
and a seed, so that a run can be repeated. Needs root. Chromium, native clients and media servers run in the namespace unchanged:

    with LinkEmulator(Profile(delay_ms=40, loss=0.05), seed=7) as link:
        subprocess.run([*link.inside, "chromium", ...])   # reaches this host at link.host_address

Traffic stays on this machine: the two addresses are the only ones routed.
"""

import fcntl
import heapq
import itertools
import os
import random
import select
import struct
import subprocess
import threading
import time
from collections import deque
from dataclasses import dataclass
from types import TracebackType

_TUNSETIFF = 0x400454CA
_IFF_TUN = 0x0001
_IFF_NO_PI = 0x1000
_numbers = itertools.count(os.getpid() % 200)


@dataclass(frozen=True, slots=True)
class Profile:
    """How bad the link is, each direction alike.

    Args:
        delay_ms: one-way delay.
        jitter_ms: uniform extra delay 0…jitter_ms (reorders packets when larger than their spacing).
        loss: independent loss probability 0…1 (the good state of the Gilbert–Elliott model).
        burst_loss: loss probability in the bad state.
        p_bad: probability per packet of entering the bad state.
        p_good: probability per packet of leaving it.
        rate_kbps: rate limit, 0 for none; packets queue up to 500 ms, then drop.
    """

    delay_ms: float = 0
    jitter_ms: float = 0
    loss: float = 0
    burst_loss: float = 0
    p_bad: float = 0
    p_good: float = 1
    rate_kbps: int = 0


PROFILES = {
    "clean": Profile(),
    "4g": Profile(delay_ms=40, jitter_ms=15, loss=0.005),
    "random_5": Profile(delay_ms=30, jitter_ms=5, loss=0.05),
    "burst_5": Profile(delay_ms=30, jitter_ms=5, burst_loss=0.5, p_bad=0.01, p_good=0.09),
    "burst_10": Profile(delay_ms=30, jitter_ms=5, burst_loss=0.6, p_bad=0.02, p_good=0.1),
    "random_25": Profile(delay_ms=30, jitter_ms=5, loss=0.25),
    "jitter_300": Profile(delay_ms=50, jitter_ms=300),
    "uplink_300k": Profile(delay_ms=40, rate_kbps=300),
}


class _Direction:
    """State of one direction: the loss model and when the wire is free again."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)
        self.is_bad = False
        self.free_at = 0.0

    def deliver_at(self, now: float, size: int, profile: Profile) -> float | None:
        """When a packet comes out, or None when it is lost."""
        chance = profile.p_good if self.is_bad else profile.p_bad
        if self.random.random() < chance:
            self.is_bad = not self.is_bad
        if self.random.random() < (profile.burst_loss if self.is_bad else profile.loss):
            return None
        start = now
        if profile.rate_kbps:
            start = max(now, self.free_at)
            if start - now > 0.5:
                return None
            self.free_at = start + size * 8 / (profile.rate_kbps * 1000)
            start = self.free_at
        return start + (profile.delay_ms + self.random.random() * profile.jitter_ms) / 1000


class LinkEmulator:
    """Owner of the namespace, both devices and the forwarding thread.

    Attributes:
        namespace: name for `ip netns exec`.
        host_address: this side's address. peer_address: the namespace's address; `second_address`: where `roam` goes.
    """

    def __init__(self, profile: Profile = PROFILES["clean"], *, seed: int = 1) -> None:
        number = next(_numbers) % 250
        self.profile = profile
        self.namespace = f"link{os.getpid()}x{number}"
        self.host_address = f"10.99.{number}.1"
        self.peer_address = f"10.99.{number}.2"
        self.second_address = f"10.99.{number}.3"
        self._names = (f"lh{os.getpid() % 10000}x{number}", f"lp{os.getpid() % 10000}x{number}")
        self._seed = seed
        self._blackout_until = 0.0
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._files: tuple[int, int] = (-1, -1)
        self._media: deque[tuple[float, int, int]] = deque(maxlen=100_000)
        self._arrivals: deque[float] = deque(maxlen=100_000)
        self.sent = 0
        self.dropped = 0

    def __enter__(self) -> "LinkEmulator":
        host, peer = self._names
        self._files = (_tun(host), _tun(peer))
        _ip("netns", "add", self.namespace)
        _ip("addr", "add", f"{self.host_address}/24", "dev", host)
        _ip("link", "set", host, "up")
        _ip("link", "set", peer, "netns", self.namespace)
        inside = ("netns", "exec", self.namespace, "ip")
        _ip(*inside, "addr", "add", f"{self.peer_address}/24", "dev", peer)
        _ip(*inside, "link", "set", peer, "up")
        _ip(*inside, "link", "set", "lo", "up")
        _ip(*inside, "route", "replace", "default", "via", self.host_address)
        self._thread = threading.Thread(target=self._run, name="link", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join(timeout=5)
        for file in self._files:
            os.close(file)
        subprocess.run(["ip", "netns", "del", self.namespace], check=False, capture_output=True)

    @property
    def inside(self) -> tuple[str, ...]:
        """What to put in front of a command that shall run behind the link."""
        return ("ip", "netns", "exec", self.namespace)

    def blackout(self, seconds: float) -> None:
        """Drop everything for a while, from now."""
        self._blackout_until = time.monotonic() + seconds

    def media(self, since: float = 0.0) -> dict[int, list[float]]:
        """When media packets of each SSRC (plain in the SRTP header) lately reached this host: monotonic seconds."""
        found: dict[int, list[float]] = {}
        for at, ssrc, _ in list(self._media):
            if at >= since:
                found.setdefault(ssrc, []).append(at)
        return found

    def pause(self, ssrc: int, rate: int, middle: float) -> float | None:
        """How long a stream was away around an instant, in seconds: until anything arrives again, and its own clock says so.

        A sender that was held up sends right behind a black-out what belongs into it: that is late, not missing, so that arrivals
        alone do not tell. None without the stream on both sides.
        """
        seen = [(at, timestamp) for at, number, timestamp in list(self._media) if number == ssrc]
        before = [item for item in seen if item[0] <= middle]
        after = [item for item in seen if item[0] > middle]
        if not before or not after:
            return None
        ticks = ((after[0][1] - before[-1][1] + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000
        alive = next(at for at in list(self._arrivals) if at > middle)
        return max(ticks / rate, alive - before[-1][0])

    def roam(self) -> None:
        """Move the peer to its other address, as a phone from 4G to Wi-Fi: the old address is gone at once."""
        inside = ("netns", "exec", self.namespace, "ip")
        old, new = self.peer_address, self.second_address
        self.peer_address, self.second_address = new, old
        _ip(*inside, "addr", "add", f"{new}/24", "dev", self._names[1])
        _ip(*inside, "addr", "del", f"{old}/24", "dev", self._names[1])
        _ip(*inside, "addr", "replace", f"{new}/24", "dev", self._names[1])
        _ip(*inside, "route", "replace", "default", "via", self.host_address)

    def _run(self) -> None:
        directions = {self._files[0]: _Direction(f"{self._seed}up"), self._files[1]: _Direction(f"{self._seed}down")}
        other = {self._files[0]: self._files[1], self._files[1]: self._files[0]}
        heap: list[tuple[float, int, int, bytes]] = []
        order = itertools.count()
        while not self._stop.is_set():
            wait = min(0.05, max(0.0, heap[0][0] - time.monotonic())) if heap else 0.05
            for file in select.select(self._files, [], [], wait)[0]:
                self._take(file, directions[file], other[file], heap, order)
            now = time.monotonic()
            while heap and heap[0][0] <= now:
                _, _, target, data = heapq.heappop(heap)
                try:
                    os.write(target, data)
                    self.sent += 1
                    if target == self._files[0]:
                        self._arrivals.append(time.monotonic())
                        if head := _media_head(data):
                            self._media.append((time.monotonic(), *head))
                except OSError:
                    self.dropped += 1

    def _take(
        self,
        file: int,
        direction: _Direction,
        target: int,
        heap: list[tuple[float, int, int, bytes]],
        order: "itertools.count[int]",
    ) -> None:
        for _ in range(64):
            try:
                data = os.read(file, 2048)
            except BlockingIOError:
                return
            now = time.monotonic()
            at = None if now < self._blackout_until else direction.deliver_at(now, len(data), self.profile)
            if at is None:
                self.dropped += 1
            else:
                heapq.heappush(heap, (at, next(order), target, data))


def _media_head(packet: bytes) -> tuple[int, int] | None:
    """SSRC and timestamp of an RTP packet in an IPv4 packet; None for anything else (STUN, DTLS, RTCP)."""
    start = (packet[0] & 15) * 4 + 8
    if packet[0] >> 4 != 4 or packet[9] != 17 or len(packet) < start + 12 or not 128 <= packet[start] <= 191:
        return None
    if 192 <= packet[start + 1] <= 223:
        return None
    return int.from_bytes(packet[start + 8 : start + 12], "big"), int.from_bytes(packet[start + 4 : start + 8], "big")


def _tun(name: str) -> int:
    file = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(file, _TUNSETIFF, struct.pack("16sH", name.encode(), _IFF_TUN | _IFF_NO_PI))
    return file


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
