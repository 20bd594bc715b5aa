"""Glue of a media worker process: settings → `media.worker` options."""

from server.settings import Settings


def run(settings: Settings, number: int) -> None:
    """Run media worker `number` until SIGTERM or SIGINT.

    Worker 0 takes the configured ports; each further worker takes the next ones.
    """
    import uvloop
    from media.worker import WorkerOptions, main

    options = WorkerOptions(
        worker_id=f"{settings.media_public_ip or settings.media_host}:{number}",
        host=settings.media_host,
        public_ip=settings.media_public_ip or settings.media_host,
        udp_port=settings.media_udp_port + number,
        rpc_host="127.0.0.1",
        rpc_port=settings.media_rpc_port + 100 * number,
        rpc_token=settings.internal_token.get_secret_value(),
        data_dir=settings.data_dir,
    )
    uvloop.run(main(options))
