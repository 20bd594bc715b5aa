"""Raw request bodies (images, PDFs): type and size are checked while they come in, never after."""

from dataclasses import dataclass

from aiohttp import web

from server.http.problem import Problem


@dataclass(frozen=True, slots=True)
class Upload:
    """A raw body. The same value declares it (`upload=`, from which the OpenAPI document has it) and reads it."""

    types: tuple[str, ...]
    max_bytes: int

    async def read(self, request: web.Request) -> bytes:
        """Read a whole body of one of the content types.

        Raises 415 `CONTENT_TYPE_UNSUPPORTED`, 413 `BODY_TOO_LARGE`, 422 `BODY_EMPTY`.
        """
        if request.content_type not in self.types:
            raise Problem(415, "CONTENT_TYPE_UNSUPPORTED", expected=list(self.types))
        if request.content_length is not None and request.content_length > self.max_bytes:
            raise Problem(413, "BODY_TOO_LARGE", limit_bytes=self.max_bytes)
        data = bytearray()
        async for chunk in request.content.iter_chunked(1 << 16):
            data += chunk
            if len(data) > self.max_bytes:
                raise Problem(413, "BODY_TOO_LARGE", limit_bytes=self.max_bytes)
        if not data:
            raise Problem(422, "BODY_EMPTY")
        return bytes(data)
