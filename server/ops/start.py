"""What `python -m server run` does around the supervisor.

One service a data folder, free ports, network choices, waiting until ready, telling people where to go.
"""

import asyncio
import fcntl
import os
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp

from server.ops import failing
from server.ops.local_tls import covered_by, lan_addresses
from server.ops.process_probes import answers
from server.settings import Settings

READY_TIMEOUT_S = 60.0


def prepare(settings: Settings) -> Settings:
    """Fix addresses for this start and put them into the environment, so that every child process sees the same."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if settings.https and "DR_HTTP_HOST" not in os.environ:
        addresses = lan_addresses()
        address = addresses[0] if addresses else "127.0.0.1"
        os.environ["DR_HTTP_HOST"] = "0.0.0.0"  # noqa: S104 - the LAN is asked for with HTTPS=1
        os.environ.setdefault("DR_MEDIA_HOST", "0.0.0.0")  # noqa: S104
        os.environ.setdefault("DR_MEDIA_PUBLIC_IP", address)
        os.environ.setdefault("DR_PUBLIC_URL", f"https://{address}:{settings.http_port}")
    return Settings()


class CannotStart(Exception):
    """The service cannot start here; the text says what to do."""


@contextmanager
def sole_service(settings: Settings) -> Iterator[None]:
    """Hold the data folder for this service. Raises `CannotStart` where another one runs on it."""
    path = settings.data_dir / "run" / "service.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            number = lock.read().strip() or "?"
            raise CannotStart(
                f"这个数据目录上的服务已经在运行（进程 {number}）：{settings.data_dir}\n"
                "  请先在原来的窗口按 Ctrl-C 停止它，或者用 DR_DATA_DIR 换一个数据目录。"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def check_ports(settings: Settings) -> None:
    """Raises `CannotStart` with the setting to change where a port is taken by another program."""
    media = range(settings.media_workers)
    wanted = [
        ("DR_HTTP_PORT", settings.http_host, settings.http_port, socket.SOCK_STREAM),
        ("DR_SPEECH_RPC_PORT", "127.0.0.1", settings.speech_rpc_port, socket.SOCK_STREAM),
        ("DR_VISION_RPC_PORT", "127.0.0.1", settings.vision_rpc_port, socket.SOCK_STREAM),
        ("DR_JOBS_PORT", "127.0.0.1", settings.jobs_port, socket.SOCK_STREAM),
        *(("DR_MEDIA_RPC_PORT", "127.0.0.1", settings.media_rpc_port + 100 * n, socket.SOCK_STREAM) for n in media),
        *(("DR_MEDIA_UDP_PORT", settings.media_host, settings.media_udp_port + n, socket.SOCK_DGRAM) for n in media),
    ]
    for name, host, port, kind in wanted:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                raise CannotStart(
                    f"端口 {port} 不能使用（{error.strerror}）。\n"
                    f"  请停止占用它的程序，或者换一个端口再启动，例如：{name}={port + 1000} make run"
                ) from None


async def tell_when_ready(settings: Settings, failed: Callable[[], list[str]], began: float) -> None:
    """Announce the service once each of its processes has answered; before that say, once, which ones let wait too long.

    Args:
        settings: of this installation.
        failed: names of the processes that ended and did not stay up since.
        began: monotonic time of the start.
    """
    base = f"http://{settings.internal_host}"
    silent = {failing.title(f"media{n}"): f"{base}:{settings.media_rpc_port + 100 * n}" for n in range(settings.media_workers)}
    is_told = False
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=_trust(settings))) as http:
        while True:
            readiness, waiting = await _look(http, settings)
            for name, url in list(silent.items()):
                if await answers(settings, url):
                    del silent[name]
            waiting = list(dict.fromkeys([*waiting, *silent, *map(failing.title, failed())]))
            seconds = time.monotonic() - began
            if readiness is not None and not waiting:
                announce(settings, readiness, seconds)
                return
            if seconds > READY_TIMEOUT_S and not is_told:
                is_told = True
                text = (
                    f"  ! {seconds:.0f} 秒后还没有就绪：{'、'.join(waiting)}。服务会继续尝试；原因见 {settings.data_dir / 'logs'}"
                )
                print(f"\n{text}\n", flush=True)  # noqa: T201 - the console is this command's interface
            await asyncio.sleep(2.0 if is_told else 0.1)


def _trust(settings: Settings) -> bool | ssl.SSLContext:
    if not settings.https:
        return True
    trust = ssl.create_default_context()
    trust.check_hostname = False
    trust.verify_mode = ssl.CERT_NONE  # our own certificate on loopback
    return trust


async def _look(http: aiohttp.ClientSession, settings: Settings) -> tuple[dict[str, Any] | None, list[str]]:
    """The readiness page's JSON, None while it is not ready, and the names of what does not answer."""
    url = f"{'https' if settings.https else 'http'}://127.0.0.1:{settings.http_port}/readyz"
    try:
        async with http.get(url, timeout=aiohttp.ClientTimeout(total=10)) as response:
            body: dict[str, Any] = await response.json()
            return (body if response.status == 200 else None), list(body.get("waiting", []))
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return None, [failing.NAMES["web"]]


def announce(settings: Settings, readiness: dict[str, Any], seconds: float) -> None:
    """Print the addresses, the demo sign-ins and which checks are off."""
    out = [
        "",
        f"  远程双录已启动（{seconds:.1f} 秒）",
        f"  工作台（业务员、质检、回访、管理员）  {settings.public_url}/desk/",
        f"  客户页面（手机浏览器）                {settings.public_url}/m/",
    ]
    if settings.https:
        out += [f"  {line}" for line in _about_certificate(settings)]
    if settings.mode == "development" and settings.demo_data:
        from server.ops.seed import demo_sign_ins

        out.append("  演示账号（仅开发模式）：")
        out += [f"    {line}" for line in demo_sign_ins()]
    for part in readiness.get("off", []):
        out.append(f"  ! {part}")
    out += ["  按 Ctrl-C 停止；录制中的片段会先写完。", ""]
    print("\n".join(out), flush=True)  # noqa: T201 - the console is this command's interface


def _about_certificate(settings: Settings) -> list[str]:
    """Which certificate is served, for which addresses, and what a phone will ask."""
    if settings.tls_cert is not None:
        return [f"HTTPS 使用证书 {settings.tls_cert}，适用于：{'、'.join(covered_by(settings.tls_cert))}"]
    made = settings.data_dir / "tls" / "local.crt"
    if not made.is_file():
        return ["! 没有生成 HTTPS 证书，原因见日志"]
    lines = [
        f"HTTPS 使用本机自签证书 {made}",
        f"  适用于：{'、'.join(covered_by(made))}",
        "  手机第一次打开会提示证书不受信任，请选择继续访问；或者把证书装到手机上并设为信任。",
    ]
    if not lan_addresses():
        lines.append("! 没有找到局域网地址，手机现在连不到这台机器。请检查网络，或设置 DR_PUBLIC_URL。")
    return lines
