"""Serves the built pages: `/desk/` (staff), `/m/` (customers). Unknown paths below them get the page (client-side routes)."""

from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

from server.settings import ROOT

DIST = ROOT / "web" / "dist"


def setup_static(app: web.Application) -> None:
    """Add the page routes; a page that was not built answers with what to do."""
    app.router.add_get("/", _home)
    for name in ("desk", "m"):
        folder = DIST / ("mobile" if name == "m" else name)
        app.router.add_get(f"/{name}", _slash(name))
        app.router.add_get(f"/{name}/{{tail:.*}}", _page(folder))


async def _home(_request: web.Request) -> web.Response:
    raise web.HTTPFound("/desk/")


def _slash(name: str) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def redirect(_request: web.Request) -> web.Response:
        raise web.HTTPFound(f"/{name}/")

    return redirect


def _file(folder: Path, tail: str) -> Path | None:
    """The file at an address below a page's; None where there is none, also where the address could be no file's."""
    try:
        target = (folder / tail).resolve()
        return target if tail and target.is_relative_to(folder) and target.is_file() else None
    except (OSError, ValueError):  # too long, a zero byte
        return None


def _page(folder: Path) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def serve(request: web.Request) -> web.StreamResponse:
        tail = request.match_info["tail"]
        target = _file(folder, tail)
        if target is not None:
            hashed = "/assets/" in f"/{tail}"
            cache = "public, max-age=31536000, immutable" if hashed else "no-cache"
            return web.FileResponse(target, headers={"Cache-Control": cache})
        if "." in tail.rsplit("/", 1)[-1]:
            raise web.HTTPNotFound
        index = folder / "index.html"
        if not index.is_file():
            return web.Response(status=503, text="页面尚未构建，请运行 make web。", content_type="text/plain", charset="utf-8")
        return web.FileResponse(index, headers={"Cache-Control": "no-cache"})

    return serve
