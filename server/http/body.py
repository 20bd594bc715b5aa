"""Raw request bodies (images, PDFs): type and size are checked while they come in, never after."""

from aiohttp import web

from server.http.problem import Problem


async def read_body(request: web.Request, limit: int, types: tuple[str, ...]) -> bytes:
    """Read a whole body of one of the content types.

    Raises 415 `CONTENT_TYPE_UNSUPPORTED`, 413 `BODY_TOO_LARGE`, 422 `BODY_EMPTY`.
    """
    if request.content_type not in types:
        raise Problem(415, "CONTENT_TYPE_UNSUPPORTED", expected=list(types))
    if request.content_length is not None and request.content_length > limit:
        raise Problem(413, "BODY_TOO_LARGE", limit_bytes=limit)
    data = bytearray()
    async for chunk in request.content.iter_chunked(1 << 16):
        data += chunk
        if len(data) > limit:
            raise Problem(413, "BODY_TOO_LARGE", limit_bytes=limit)
    if not data:
        raise Problem(422, "BODY_EMPTY")
    return bytes(data)
