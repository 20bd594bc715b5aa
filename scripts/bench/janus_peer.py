"""Runs Debian's Janus with a configuration of its own: HTTP signalling on loopback, VideoRoom, ICE-lite, nothing else."""

import contextlib
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

_LIBRARY = Path("/usr/lib/x86_64-linux-gnu/janus")


def is_there() -> bool:
    """Whether Janus is installed."""
    return Path("/usr/bin/janus").exists() and (_LIBRARY / "plugins/libjanus_videoroom.so").exists()


@contextlib.contextmanager
def running(folder: Path, port: int, pinned: list[str]) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """Janus, started with the words of `pinned` before it; yields its process and the URL of its API."""
    config, plugins, transports = folder / "config", folder / "plugins", folder / "transports"
    for item in (config, plugins, transports):
        item.mkdir(parents=True, exist_ok=True)
    for source, target in (
        (_LIBRARY / "plugins/libjanus_videoroom.so", plugins),
        (_LIBRARY / "transports/libjanus_http.so", transports),
    ):
        link = target / source.name
        if not link.exists():
            link.symlink_to(source.resolve())
    (config / "janus.jcfg").write_text(
        f'general: {{ configs_folder = "{config}"\n plugins_folder = "{plugins}"\n transports_folder = "{transports}"\n'
        ' debug_level = 2\n session_timeout = 0\n }\nmedia: { rtp_port_range = "20000-29000" }\n'
        "nat: { ice_lite = true\n nice_debug = false }\n"
    )
    (config / "janus.transport.http.jcfg").write_text(
        f'general: {{ json = "compact"\n base_path = "/janus"\n http = true\n port = {port}\n ip = "127.0.0.1" }}\n'
    )
    (config / "janus.plugin.videoroom.jcfg").write_text("general: { }\n")
    log = (folder / "janus.log").open("wb")
    process = subprocess.Popen([*pinned, "/usr/bin/janus", "-F", str(config), "-o"], stdout=log, stderr=log)
    url = f"http://127.0.0.1:{port}/janus"
    try:
        for _ in range(100):
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{url}/info", timeout=2).read()
                break
            if process.poll() is not None:
                raise RuntimeError((folder / "janus.log").read_text()[-2000:])
            time.sleep(0.1)
        yield process, url
    finally:
        process.terminate()
        process.wait(20)
        log.close()
