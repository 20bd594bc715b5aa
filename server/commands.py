"""Command line: `python -m server <command>`.

run         every process on this machine, with demo data in development (what `make run` starts)
web | speech | vision | jobs   one process
media       the media workers of this machine with their agent (--perception: speech and vision too; --worker N: one worker;
            --drain: no new rooms, wait until the running ones have ended)
media-agent   leases, alarms and uploads of this machine's media workers
migrate     bring the database to the newest schema and put the shipped talk script in
create-admin LOGIN --name NAME   the first administrator; password from terminal, standard input or --password-file
seed        the shipped talk script, and in development the demo data; idempotent
openapi     print the OpenAPI document
verify-audit   re-hash the audit log against its head and the time-stamped head of each day; status 1 when it was changed
simulate-callback SCENARIO.yaml        run a callback scenario on the real engine with a moved clock
"""

import argparse
import asyncio
import importlib
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable

from pydantic import ValidationError
from pydantic_settings import SettingsError

from server.ops.ending import run_to_end
from server.ops.settings_errors import is_about_settings, lines_about
from server.settings import Settings


def main() -> int:
    """Parse the command line and run the command. Returns its status; 2 when a setting or the command line is wrong."""
    parser = argparse.ArgumentParser(
        prog="python -m server", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("command")
    options, rest = parser.parse_known_args()
    os.environ.setdefault("OPENCV_LOG_LEVEL", "ERROR")  # OpenCV warns on the console about its own back ends
    command = COMMANDS.get(options.command)
    if command is None:
        parser.error(f"unknown command {options.command!r}")
    try:
        return command(rest)
    except (ValidationError, SettingsError) as error:
        if not is_about_settings(error):
            raise
        said = "\n".join(f"  - {line}" for line in lines_about(error))
    except KeyboardInterrupt:
        return 130
    print(f"\n  不能启动，下面的设置有误：\n{said}\n", file=sys.stderr)
    return 2


def _process(module: str) -> Callable[[list[str]], int]:
    def run(_rest: list[str]) -> int:
        from server.ops.logs import configure

        settings = Settings()
        names = {"server.media_workers.agent": "media-agent"}
        name = names.get(module) or module.rsplit(".", 1)[-1].removesuffix("_process")
        configure(name, settings.data_dir)
        entry: Callable[[Settings], Awaitable[None]] = importlib.import_module(module).main
        run_to_end(entry(settings))
        return 0

    return run


def _media(rest: list[str]) -> int:
    from server.ops import media_process
    from server.ops.logs import configure

    parser = argparse.ArgumentParser(prog="python -m server media")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--worker", type=int, help="run this worker alone")
    what.add_argument("--drain", action="store_true", help="no new rooms; wait until the running ones have ended")
    what.add_argument("--perception", action="store_true", help="run speech and vision here as well (a machine of its own)")
    options = parser.parse_args(rest)
    settings = Settings()
    if options.drain:
        return asyncio.run(media_process.drain(settings))
    if options.worker is None:
        configure("media", settings.data_dir)
        return media_process.run_node(settings, perception=options.perception)
    configure(f"media{options.worker}", settings.data_dir)
    media_process.run(settings, options.worker)
    return 0


def _jobs(rest: list[str]) -> int:
    from server.jobs.runtime import main as work
    from server.ops.logs import configure

    parser = argparse.ArgumentParser(prog="python -m server jobs")
    parser.add_argument("--worker", help="name of this process where several run on one host; it must not change")
    parser.add_argument("--check", action="store_true", help="status 0 if that process is alive (holds its lease), else 1")
    options = parser.parse_args(rest)
    name, settings = options.worker, Settings()
    if options.check:
        from server.jobs.runtime import is_alive

        return 0 if asyncio.run(is_alive(settings, name)) else 1
    configure(f"jobs-{name}" if name else "jobs", settings.data_dir)
    run_to_end(work(settings, worker=name))
    return 0


def _migrate(_rest: list[str]) -> int:
    from server.ops.migrations import upgrade

    settings = Settings()
    upgrade(settings.database_url)
    asyncio.run(_put_in(settings, demo=False))
    return 0


def _seed(_rest: list[str]) -> int:
    asyncio.run(_put_in(Settings()))
    return 0


def _create_admin(rest: list[str]) -> int:
    from server.ops.first_admin import main as create_admin

    return create_admin(rest)


async def _put_in(settings: Settings, *, demo: bool = True) -> None:
    """The shipped talk script; demo data only in development."""
    from server.bootstrap import build_context
    from server.ops.seed import seed

    if not demo:
        settings.demo_data = False
    context = build_context(settings)
    try:
        await seed(context)
    finally:
        await context.db.aclose()


def _openapi(_rest: list[str]) -> int:
    from server.app import build_app
    from server.bootstrap import build_context
    from server.http.openapi import document
    from server.ops.version import VERSION

    async def build() -> dict[str, object]:
        context = build_context()
        try:
            return document(build_app(context), version=VERSION)
        finally:
            await context.db.aclose()

    print(json.dumps(asyncio.run(build()), ensure_ascii=False, indent=1))
    return 0


def _verify_audit(_rest: list[str]) -> int:
    from server.bootstrap import build_context
    from server.custody.anchors import verify_audits
    from server.recordings.stores import build_authority, build_store

    async def check() -> int:
        context = build_context()
        store = await build_store(context.settings)
        try:
            async with context.db.read() as tx:
                result = await verify_audits(tx, context, store, build_authority(context.settings).roots())
        finally:
            await store.aclose()
            await context.db.aclose()
        print(result.model_dump_json())
        return 0 if result.is_intact else 1

    return asyncio.run(check())


def _run(_rest: list[str]) -> int:
    from server.ops.logs import configure
    from server.ops.start import CannotStart, check_ports, prepare, sole_service

    began = time.monotonic()
    settings = prepare(Settings())
    configure("supervisor", settings.data_dir)
    try:
        with sole_service(settings):
            check_ports(settings)
            return _supervise(settings, began)
    except CannotStart as error:
        print(f"\n  不能启动：{error}\n", file=sys.stderr)
        return 1


def _supervise(settings: Settings, began: float) -> int:
    from server.ops.migrations import upgrade
    from server.ops.start import tell_when_ready
    from server.ops.supervisor import Supervisor

    upgrade(settings.database_url)
    asyncio.run(_put_in(settings))

    async def supervise() -> int:
        supervisor = Supervisor(settings)
        work = asyncio.create_task(supervisor.run())
        telling = asyncio.create_task(tell_when_ready(settings, supervisor.failed, began))
        try:
            return await work
        finally:
            telling.cancel()

    return asyncio.run(supervise())


def _simulate(rest: list[str]) -> int:
    from server.callbacks.simulate import main as simulate

    return simulate(rest)


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": _run,
    "web": _process("server.ops.web_process"),
    "media": _media,
    "media-agent": _process("server.media_workers.agent"),
    "speech": _process("server.ops.speech_process"),
    "vision": _process("server.ops.vision_process"),
    "jobs": _jobs,
    "migrate": _migrate,
    "create-admin": _create_admin,
    "seed": _seed,
    "openapi": _openapi,
    "verify-audit": _verify_audit,
    "simulate-callback": _simulate,
}
