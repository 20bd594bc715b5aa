"""The three helper processes as a session sees them: media, speech, vision. Calls go out, events come in, each may be away.

Nothing here blocks a session: a call runs in the caller's task with a time limit, events are handed on without waiting.
"""

import logging
from collections.abc import Callable
from typing import Any

from media.rpc import RpcClient, RpcError
from server.settings import Settings

log = logging.getLogger(__name__)

Params = dict[str, Any]
EngineEvent = Callable[[str, str, Params], None]
EngineState = Callable[[str, bool], None]

MEDIA, SPEECH, VISION = "media", "speech", "vision"


class Engines:
    """Clients of the helper processes; reconnect by themselves.

    Args:
        on_event: (engine, event, params) for every event; must not block.
        on_state: (engine, is_up) whenever an engine comes or goes.
    """

    def __init__(self, settings: Settings, on_event: EngineEvent, on_state: EngineState) -> None:
        token = settings.internal_token.get_secret_value()
        ports = {MEDIA: settings.media_rpc_port, SPEECH: settings.speech_rpc_port, VISION: settings.vision_rpc_port}
        self._clients: dict[str, RpcClient] = {}
        for name, port in ports.items():
            self._clients[name] = RpcClient(
                f"http://127.0.0.1:{port}",
                token,
                on_event=lambda event, params, name=name: on_event(name, event, params),  # type: ignore[misc]
                on_state=lambda is_up, name=name: on_state(name, is_up),  # type: ignore[misc]
            )

    def start(self) -> None:
        """Begin connecting."""
        for client in self._clients.values():
            client.start()

    def is_up(self, engine: str) -> bool:
        """Whether calls can be made now."""
        return self._clients[engine].is_connected

    async def call(self, engine: str, method: str, params: Params, *, timeout: float = 10) -> Any:
        """Call. Raises `RpcError`."""
        return await self._clients[engine].call(method, params, timeout=timeout)

    async def try_call(self, engine: str, method: str, params: Params, *, timeout: float = 10) -> Any | None:
        """Call where a failure changes nothing for the session; it is logged and None returned."""
        try:
            return await self.call(engine, method, params, timeout=timeout)
        except RpcError as error:
            log.warning("engine call failed: %s %s %s", engine, method, error.code)
            return None

    async def can_judge(self) -> bool:
        """Whether the speech process has an engine that decides answers."""
        info = await self.try_call(SPEECH, "speech.info", {})
        return isinstance(info, dict) and any(e.get("role") == "verdict" and e.get("available") for e in info.get("engines", []))

    async def aclose(self) -> None:
        """Disconnect; idempotent."""
        for client in self._clients.values():
            await client.aclose()
