"""Glue of media workers: settings → `media.worker` options; all workers of a machine; draining them."""

import asyncio

from media.rpc import RpcClient, RpcError
from server.settings import Settings


def run(settings: Settings, number: int) -> None:
    """Run media worker `number` until SIGINT, or SIGTERM and the end of its rooms.

    Worker 0 takes the configured ports; each further worker takes the next UDP port and an RPC port a hundred further on.
    """
    import uvloop

    from media.admission import AdmissionLimits
    from media.worker import WorkerOptions, main

    options = WorkerOptions(
        worker_id=f"{settings.media_node}:{number}",
        host=settings.media_host,
        public_ip=settings.media_public_ip or settings.media_host,
        udp_port=settings.media_udp_port + number,
        rpc_host=settings.internal_host,
        rpc_port=settings.media_rpc_port + 100 * number,
        rpc_token=settings.internal_token.get_secret_value(),
        metrics_token=settings.metrics_token.get_secret_value(),
        data_dir=settings.data_dir,
        limits=AdmissionLimits(cpu=settings.media_cpu_limit, disk_hours=settings.media_disk_hours),
        drain_limit_s=settings.media_drain_limit_s,
        is_suspending=True,
    )
    uvloop.run(main(options))


def run_node(settings: Settings, *, perception: bool) -> int:
    """Run every media worker of this machine with its agent; on a machine of its own also the processes that hear and see."""
    from server.ops.supervisor import Supervisor

    names = ("media", "agent", "speech", "vision") if perception else ("media", "agent")
    return asyncio.run(Supervisor(settings, names, drains=True).run())


async def drain(settings: Settings) -> int:
    """No new rooms on this machine's workers; waits until the running ones have ended. Returns the exit code."""
    secret = settings.internal_token.get_secret_value()
    ports = [settings.media_rpc_port + 100 * number for number in range(settings.media_workers)]
    clients = [RpcClient(f"http://{settings.internal_host}:{port}", secret) for port in ports]
    try:
        for client in clients:
            client.start()
            await client.wait_connected(5)
            await client.call("worker.drain", {"is_on": True})
        last = -1
        async with asyncio.timeout(settings.media_drain_limit_s):
            while True:
                rooms = sum([(await client.call("worker.info"))["rooms"] for client in clients])
                if rooms != last:
                    print(f"还有 {rooms} 个房间", flush=True)  # noqa: T201 - the console is this command's interface
                if rooms == 0:
                    return 0
                last = rooms
                await asyncio.sleep(1)
    except (TimeoutError, RpcError):
        return 1
    finally:
        for client in clients:
            await client.aclose()
