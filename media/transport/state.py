"""Counters of one connection, apart from its logic; the compiled inner loop keeps the same fields in a C struct."""

from dataclasses import dataclass


@dataclass(slots=True)
class ConnectionState:
    """Datagrams and bytes of media; `refused` were not authentic, `malformed` no RTP."""

    packets_in: int = 0
    bytes_in: int = 0
    packets_out: int = 0
    bytes_out: int = 0
    refused: int = 0
    malformed: int = 0
    last_received_ns: int = 0
