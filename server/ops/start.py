"""What `python -m server run` does around the supervisor: network choices, waiting until ready, telling people where to go."""

import asyncio
import os
import ssl
from typing import Any

import aiohttp

from server.ops.local_tls import lan_addresses
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


async def wait_ready(settings: Settings) -> dict[str, Any]:
    """Poll the readiness page until the service answers. Returns its JSON (empty when it never did)."""
    scheme = "https" if settings.https else "http"
    url = f"{scheme}://127.0.0.1:{settings.http_port}/readyz"
    trust: bool | ssl.SSLContext = True
    if settings.https:
        trust = ssl.create_default_context()
        trust.check_hostname = False
        trust.verify_mode = ssl.CERT_NONE  # our own certificate on loopback
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as http, asyncio.timeout(READY_TIMEOUT_S):
        while True:
            try:
                async with http.get(url) as response:
                    body: dict[str, Any] = await response.json()
                    if response.status == 200:
                        return body
            except (aiohttp.ClientError, ValueError):
                pass
            await asyncio.sleep(0.1)


def announce(settings: Settings, readiness: dict[str, Any], seconds: float) -> None:
    """Print the addresses, the demo sign-ins and which checks are off."""
    out = [
        "",
        f"  远程双录已启动（{seconds:.1f} 秒）",
        f"  工作台（业务员、质检、回访、管理员）  {settings.public_url}/desk/",
        f"  客户页面（手机浏览器）                {settings.public_url}/m/",
    ]
    if settings.mode == "development" and settings.demo_data:
        from server.ops.seed import demo_sign_ins

        out.append("  演示账号（仅开发模式）：")
        out += [f"    {line}" for line in demo_sign_ins()]
    for part in readiness.get("off", []):
        out.append(f"  ! {part}")
    out += ["  按 Ctrl-C 停止；录制中的片段会先写完。", ""]
    print("\n".join(out), flush=True)  # noqa: T201 - the console is this command's interface
