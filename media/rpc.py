"""JSON calls and events over one WebSocket: how the web process talks to the media, speech and vision processes.

Wire: request `{"id", "method", "params"}`; response `{"id", "result"}` or `{"id", "error": {code, message, retryable}}`;
event `{"event", "params"}`. Both sides prove that they know the shared secret and every frame is tagged (`media.rpc_auth`).
Events are broadcast to every connected client. Calls that block belong in their own task: each request runs in one.
"""

import asyncio
import contextlib
import itertools
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp
import orjson
from aiohttp import web

from media.rpc_auth import Channel, ClientHandshake, NotAuthentic, ServerHandshake

log = logging.getLogger(__name__)

Params = dict[str, Any]
Handler = Callable[[Params], Awaitable[Any]]
EventHandler = Callable[[str, Params], None]
_QUEUE = 4096
_HELLO_S = 5.0


class RpcError(Exception):
    """A refusal or a fault of the called process."""

    def __init__(self, code: str, message: str, *, retryable: bool = False) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.retryable = retryable


class RpcServer:
    """Serves handlers on `/rpc` of an aiohttp application the caller owns."""

    def __init__(self, token: str) -> None:
        self._handshakes = ServerHandshake(token)
        self._handlers: dict[str, Handler] = {}
        self._outboxes: set[asyncio.Queue[bytes]] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._sockets: set[web.WebSocketResponse] = set()

    def method(self, name: str, handler: Handler) -> None:
        """Register a handler; its result must be JSON-serialisable."""
        self._handlers[name] = handler

    def emit(self, event: str, params: Params) -> None:
        """Send an event to every client. Never blocks; a client that reads too slowly is cut off and must reconnect."""
        data = orjson.dumps({"event": event, "params": params})
        for outbox in list(self._outboxes):
            try:
                outbox.put_nowait(data)
            except asyncio.QueueFull:
                self._outboxes.discard(outbox)

    @property
    def queued(self) -> int:
        """Answers and events waiting for the slowest client."""
        return max((outbox.qsize() for outbox in self._outboxes), default=0)

    def attach(self, app: web.Application) -> None:
        """Add the `/rpc` route; clients are told when the application stops, so that nobody waits for them."""
        app.router.add_get("/rpc", self._serve)
        app.on_shutdown.append(self._hang_up)

    async def _hang_up(self, _app: web.Application) -> None:
        await asyncio.gather(*(ws.close(code=1001, message=b"stopping") for ws in self._sockets), return_exceptions=True)

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        try:
            hello, channel = self._handshakes.accept(request.headers.get("Authorization", ""))
        except NotAuthentic as error:
            log.warning("internal call refused: %s, from %s", error, request.remote)
            raise web.HTTPUnauthorized from error
        ws = web.WebSocketResponse(heartbeat=10, max_msg_size=16 << 20)
        await ws.prepare(request)
        await ws.send_bytes(hello)
        outbox: asyncio.Queue[bytes] = asyncio.Queue(_QUEUE)
        self._outboxes.add(outbox)
        self._sockets.add(ws)
        writer = asyncio.create_task(self._write(ws, outbox, channel))
        try:
            async for message in ws:
                if message.type is not aiohttp.WSMsgType.BINARY:
                    continue
                task = asyncio.create_task(self._answer(orjson.loads(channel.open(message.data)), outbox))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
        except (NotAuthentic, orjson.JSONDecodeError) as error:
            log.warning("internal connection closed: %s, from %s", error, request.remote)
            await ws.close(code=1008)
        finally:
            self._outboxes.discard(outbox)
            self._sockets.discard(ws)
            writer.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await writer
        return ws

    async def _write(self, ws: web.WebSocketResponse, outbox: "asyncio.Queue[bytes]", channel: Channel) -> None:
        while True:
            data = await outbox.get()
            try:
                await ws.send_bytes(channel.seal(data))
            except (ConnectionError, RuntimeError):
                return
            if outbox not in self._outboxes:
                await ws.close(code=1013, message=b"too slow")
                return

    async def _answer(self, request: Params, outbox: "asyncio.Queue[bytes]") -> None:
        reply: Params = {"id": request.get("id")}
        try:
            handler = self._handlers.get(str(request.get("method")))
            if handler is None:
                raise RpcError("METHOD_UNKNOWN", str(request.get("method")))
            reply["result"] = await handler(request.get("params") or {})
        except RpcError as error:
            reply["error"] = {"code": error.code, "message": error.message, "retryable": error.retryable}
        except Exception as error:
            log.exception("rpc handler failed: %s", request.get("method"))
            reply["error"] = {"code": "INTERNAL", "message": type(error).__name__, "retryable": False}
        await outbox.put(orjson.dumps(reply))


class RpcClient:
    """A client that reconnects by itself and calls `on_event` for every event.

    Args:
        url: `http://host:port` of the process.
        token: the shared internal token.
        on_event: called on the loop with (event, params); must not block.
        on_state: called with True after each connect, False after each loss.
    """

    def __init__(
        self,
        url: str,
        token: str,
        on_event: EventHandler | None = None,
        on_state: Callable[[bool], None] | None = None,
    ) -> None:
        self._url = url.rstrip("/") + "/rpc"
        self._token = token
        self._on_event = on_event
        self._on_state = on_state
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._ws: aiohttp.ClientWebSocketResponse | None = None
        self._channel: Channel | None = None
        self._sending = asyncio.Lock()
        self._connected = asyncio.Event()
        self._tried = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    @property
    def is_connected(self) -> bool:
        """Whether calls can be made now."""
        return self._connected.is_set()

    def start(self) -> None:
        """Begin connecting in the background; needs a running loop."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def wait_connected(self, timeout: float = 10) -> None:
        """Wait until connected. Raises `TimeoutError`."""
        async with asyncio.timeout(timeout):
            await self._connected.wait()

    async def tried(self) -> None:
        """Wait until the first attempt to connect has ended, whichever way; `on_state` has been told then."""
        await self._tried.wait()

    async def call(self, method: str, params: Params | None = None, *, timeout: float = 10) -> Any:
        """Call a method. Raises `RpcError` (`UNAVAILABLE`, retryable, when the process is away or too slow)."""
        ws, channel = self._ws, self._channel
        if ws is None or channel is None:
            raise RpcError("UNAVAILABLE", self._url, retryable=True)
        number = next(self._ids)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = future
        try:
            async with asyncio.timeout(timeout):
                async with self._sending:
                    await ws.send_bytes(channel.seal(orjson.dumps({"id": number, "method": method, "params": params or {}})))
                return await future
        except (ConnectionError, TimeoutError, RuntimeError) as error:
            raise RpcError("UNAVAILABLE", f"{method}: {type(error).__name__}", retryable=True) from error
        finally:
            self._waiting.pop(number, None)

    async def aclose(self) -> None:
        """Stop and disconnect; idempotent."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _run(self) -> None:
        delay = 0.05
        async with aiohttp.ClientSession() as http:
            while True:
                handshake = ClientHandshake(self._token)
                headers = {"Authorization": handshake.header()}
                try:
                    async with http.ws_connect(self._url, headers=headers, heartbeat=10, max_msg_size=16 << 20) as ws:
                        async with asyncio.timeout(_HELLO_S):
                            hello = await ws.receive()
                        if hello.type is not aiohttp.WSMsgType.BINARY:
                            raise ConnectionResetError("it ended before it proved itself")
                        self._channel = handshake.accept(hello.data)
                        self._ws = ws
                        delay = 0.05
                        self._connected.set()
                        if self._on_state:
                            self._on_state(True)
                        self._tried.set()
                        await self._read(ws, self._channel)
                except NotAuthentic as error:
                    log.error("internal connection refused: %s (%s)", error, self._url)
                except aiohttp.WSServerHandshakeError as error:
                    if error.status == 401:
                        log.error("refused by %s: other secret, or clocks apart", self._url)
                except (aiohttp.ClientError, OSError, TimeoutError):
                    pass
                except Exception:
                    log.exception("internal connection failed: %s", self._url)  # whatever it was: the next attempt may do
                finally:
                    lost = self._ws is not None
                    self._ws = self._channel = None
                    self._connected.clear()
                    for future in self._waiting.values():
                        if not future.done():
                            future.set_exception(ConnectionResetError("process went away"))
                    if lost and self._on_state:
                        self._on_state(False)
                    self._tried.set()
                await asyncio.sleep(delay)
                delay = min(delay * 2, 1.0)

    async def _read(self, ws: aiohttp.ClientWebSocketResponse, channel: Channel) -> None:
        async for message in ws:
            if message.type is not aiohttp.WSMsgType.BINARY:
                continue
            data = orjson.loads(channel.open(message.data))
            if "event" in data:
                if self._on_event:
                    try:
                        self._on_event(data["event"], data.get("params") or {})
                    except Exception:
                        log.exception("event handler failed: %s", data["event"])
                continue
            future = self._waiting.get(data.get("id"))
            if future is None or future.done():
                continue
            error = data.get("error")
            if error:
                future.set_exception(RpcError(error["code"], error["message"], retryable=error["retryable"]))
            else:
                future.set_result(data.get("result"))
