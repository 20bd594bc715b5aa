"""An independent reader of transport-wide feedback, to check ours against."""

import struct


def read_feedback(data: bytes) -> dict[int, int | None]:
    """An independent reader of transport-wide feedback: sequence → arrival in 250 µs, None for lost."""
    base, count = struct.unpack_from("!HH", data, 12)
    reference = int.from_bytes(data[16:19], "big")
    at, symbols = 20, list[int]()
    while len(symbols) < count:
        word = int.from_bytes(data[at : at + 2], "big")
        at += 2
        if word & 0x8000 == 0:
            symbols += [(word >> 13) & 3] * (word & 0x1FFF)
        elif word & 0x4000:
            symbols += [(word >> (12 - 2 * index)) & 3 for index in range(7)]
        else:
            symbols += [(word >> (13 - index)) & 1 for index in range(14)]
    out: dict[int, int | None] = {}
    clock = reference * 256
    for index, symbol in enumerate(symbols[:count]):
        if symbol == 1:
            clock += data[at]
            at += 1
        elif symbol == 2:
            clock += int.from_bytes(data[at : at + 2], "big", signed=True)
            at += 2
        out[(base + index) & 0xFFFF] = clock if symbol else None
    assert at <= len(data)
    return out
