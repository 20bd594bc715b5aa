"""Just enough DER (ITU-T X.690) to write RFC 3161 answers, and to find an element in one that a library has read whole."""

from collections.abc import Iterator
from datetime import UTC, datetime


def children(content: bytes) -> Iterator[tuple[int, bytes]]:
    """(tag, content) of the elements one after the other. Raises `ValueError` for what is cut off or of indefinite length."""
    at = 0
    while at < len(content):
        head = content[at : at + 2]
        start = at + 2
        if len(head) == 2 and head[1] > 0x80:
            start += head[1] & 0x7F
            size = int.from_bytes(content[at + 2 : start], "big")
        else:
            size = head[-1]
        if len(head) < 2 or head[1] == 0x80 or start + size > len(content):
            raise ValueError("not DER")
        yield head[0], content[start : start + size]
        at = start + size


def tlv(tag: int, *content: bytes) -> bytes:
    """One element."""
    body = b"".join(content)
    size = len(body)
    if size < 0x80:
        return bytes((tag, size)) + body
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + body


def sequence(*content: bytes) -> bytes:
    """SEQUENCE."""
    return tlv(0x30, *content)


def set_of(*content: bytes) -> bytes:
    """SET OF, in DER order."""
    return tlv(0x31, *sorted(content))


def integer(value: int) -> bytes:
    """INTEGER."""
    return tlv(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def octets(value: bytes) -> bytes:
    """OCTET STRING."""
    return tlv(0x04, value)


def boolean(value: bool) -> bytes:
    """BOOLEAN."""
    return tlv(0x01, b"\xff" if value else b"\x00")


def null() -> bytes:
    """NULL."""
    return b"\x05\x00"


def oid(dotted: str) -> bytes:
    """OBJECT IDENTIFIER."""
    first, second, *rest = (int(part) for part in dotted.split("."))
    out = bytearray()
    for value in (first * 40 + second, *rest):
        groups = [value & 0x7F]
        while value := value >> 7:
            groups.append(0x80 | value & 0x7F)
        out += bytes(reversed(groups))
    return tlv(0x06, bytes(out))


def generalized_time(value: datetime) -> bytes:
    """GeneralizedTime with whole seconds, UTC (RFC 3161 §2.4.2)."""
    return tlv(0x18, value.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode())


def explicit(number: int, content: bytes) -> bytes:
    """[n] EXPLICIT."""
    return tlv(0xA0 | number, content)


def algorithm(dotted: str, *, with_null: bool = True) -> bytes:
    """AlgorithmIdentifier."""
    return sequence(oid(dotted), null() if with_null else b"")
