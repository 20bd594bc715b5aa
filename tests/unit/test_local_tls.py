"""`make run HTTPS=1`: a certificate that covers what phones type, really served, and the console says so."""

import asyncio
import ssl
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from server.ops import local_tls
from server.ops.local_tls import covered_by, ensure_certificate, lan_addresses, names_to_cover, server_context
from server.ops.start import announce, prepare
from server.settings import Settings


def test_a_certificate_is_kept_until_a_name_is_missing(tmp_path: Path) -> None:
    certificate, key = ensure_certificate(tmp_path, ["192.168.1.20"])
    first = certificate.read_bytes()
    assert key.stat().st_mode & 0o077 == 0
    assert set(covered_by(certificate)) == {"localhost", "127.0.0.1", "192.168.1.20"}
    assert ensure_certificate(tmp_path, ["192.168.1.20"])[0].read_bytes() == first
    ensure_certificate(tmp_path, ["10.0.0.7", "desk.example"])
    assert set(covered_by(certificate)) == {"localhost", "127.0.0.1", "10.0.0.7", "desk.example"}


def test_the_host_of_the_public_address_is_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local_tls, "lan_addresses", lambda: ["192.168.1.20"])
    assert names_to_cover("https://192.168.1.20:8080") == ["192.168.1.20"]
    assert names_to_cover("https://localhost:8080") == ["192.168.1.20"]
    assert names_to_cover("https://desk.example") == ["192.168.1.20", "desk.example"]


async def test_it_is_served_on_every_address_and_verifies(tmp_path: Path) -> None:
    certificate, key = ensure_certificate(tmp_path, names_to_cover("https://localhost"))
    runner = web.AppRunner(web.Application(), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "0.0.0.0", 0, ssl_context=server_context(certificate, key)).start()
    trust = ssl.create_default_context(cafile=str(certificate))
    try:
        port = runner.addresses[0][1]
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust)) as http, asyncio.timeout(60):
            for host in ("127.0.0.1", *lan_addresses()):
                async with http.get(f"https://{host}:{port}/nothing") as response:
                    assert response.status == 404, host
    finally:
        await runner.cleanup()


def test_the_console_says_which_addresses_it_covers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("DR_HTTP_HOST", "DR_MEDIA_HOST", "DR_MEDIA_PUBLIC_IP", "DR_PUBLIC_URL"):
        monkeypatch.setenv(name, "")  # put back whatever `prepare` writes
        monkeypatch.delenv(name)
    monkeypatch.setenv("DR_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("DR_HTTPS", "true")
    monkeypatch.setattr("server.ops.start.lan_addresses", lambda: ["192.168.1.20"])
    monkeypatch.setattr(local_tls, "lan_addresses", lambda: ["192.168.1.20"])
    settings = prepare(Settings())
    assert (settings.http_host, settings.public_url) == ("0.0.0.0", f"https://192.168.1.20:{settings.http_port}")
    ensure_certificate(settings.data_dir / "tls", names_to_cover(settings.public_url))
    announce(settings, {"off": []}, 3.0)
    said = capsys.readouterr().out
    assert f"{settings.public_url}/m/" in said
    assert "自签证书" in said
    assert "适用于：localhost、127.0.0.1、192.168.1.20" in said
