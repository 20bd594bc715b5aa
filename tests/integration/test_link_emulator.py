"""The link emulator delays, loses and cuts as its profile says."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from scripts.link_emulator import LinkEmulator, Profile

CLIENT = """
import socket, sys, time
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); s.settimeout(float(sys.argv[4]))
got, times = 0, []
for i in range(int(sys.argv[3])):
    t = time.monotonic(); s.sendto(b"x" * 200, (sys.argv[1], int(sys.argv[2])))
    try:
        s.recv(2048); got += 1; times.append(time.monotonic() - t)
    except TimeoutError:
        pass
times.sort(); print(got, times[len(times) // 2] if times else -1)
"""


@pytest.fixture
def root(need: Callable[[str, str], None]) -> None:
    if os.geteuid() != 0 or not Path("/dev/net/tun").exists():
        need("root with /dev/net/tun", "run as root")


def echo(address: str) -> tuple[int, socket.socket]:
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 0))

    def serve() -> None:
        while True:
            try:
                data, peer = server.recvfrom(2048)
                server.sendto(data, peer)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    return server.getsockname()[1], server


def ask(link: LinkEmulator, port: int, count: int, patience_s: float = 0.4) -> tuple[int, float]:
    """How many of so many questions were answered, and the median of the time that took."""
    out = subprocess.run(
        ["ip", "netns", "exec", link.namespace, sys.executable, "-c", CLIENT, link.host_address, str(port), str(count),
         str(patience_s)],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    got, median = out.stdout.split()
    return int(got), float(median)


@pytest.mark.needs_root
def test_delay_and_loss(root: None) -> None:
    with LinkEmulator(Profile(delay_ms=40, loss=0.1), seed=5) as link:
        port, server = echo(link.host_address)
        got, median = ask(link, port, 60)
        server.close()
    assert 35 <= got <= 58  # two directions of 10 %: 81 % expected
    assert median >= 0.08


@pytest.mark.needs_root
def test_blackout_drops_everything_and_ends(root: None) -> None:
    with LinkEmulator(seed=5) as link:
        port, server = echo(link.host_address)
        link.blackout(30)
        assert ask(link, port, 2)[0] == 0
        link.blackout(0)
        assert ask(link, port, 5, 30)[0] == 5
        server.close()


@pytest.mark.needs_root
def test_roaming_moves_to_the_second_address(root: None) -> None:
    with LinkEmulator(seed=5) as link:
        port, server = echo(link.host_address)
        link.roam()
        deadline = time.monotonic() + 60
        while ask(link, port, 1)[0] == 0:
            assert time.monotonic() < deadline
        server.close()
