"""What the speech and the vision process have in common: strict parameters, faults told as RPC errors, and how they run."""

import asyncio

import structlog
from aiohttp import web
from pydantic import BaseModel, ConfigDict, ValidationError

from media.rpc import RpcError, RpcServer
from media.tap_reader import TapReader
from server.settings import Settings

log = structlog.get_logger(__name__)


class Strict(BaseModel):
    """Parameters of a call: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


def params_invalid(error: ValidationError) -> RpcError:
    """Wrong parameters as the caller hears of them: place and fault, never the value."""
    faults = (f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors(include_input=False))
    return RpcError("PARAMS_INVALID", "; ".join(faults))


async def serve(settings: Settings, rpc: RpcServer, port: int, tap: TapReader, stop: asyncio.Event) -> None:
    """Read the tap and answer calls until told to stop."""
    app = web.Application()
    rpc.attach(app)
    runner = web.AppRunner(app, handle_signals=False, shutdown_timeout=2)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.internal_host, port).start()
        tap.open()
        log.info("process_ready", port=port)
        await stop.wait()
    finally:
        tap.close()
        await runner.cleanup()
