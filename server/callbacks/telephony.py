"""The port for a telephone system, and the adapters that ship.

A telephone system does two things for the desk: it dials for an operator, and it hands over the recording of a call. Recordings
may also come by upload: from the desk's page, or pushed by the telephone system itself with the core system's key
(`POST /api/v1/callbacks/{callback_id}/call-recordings`). Both ways go through the same checks.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from server.settings import Settings


class TelephoneError(Exception):
    """The telephone system refused or is away."""

    def __init__(self, code: str, *, retryable: bool) -> None:
        super().__init__(code)
        self.code = code
        self.retryable = retryable


@dataclass(frozen=True, slots=True)
class Dialled:
    """A call that was begun: `reference` names it in the telephone system."""

    reference: str


class TelephoneSystem(Protocol):
    """What an adapter does. Calls may raise `TelephoneError`."""

    name: str
    can_dial: bool

    async def dial(self, operator_id: str, number: str, reference: str) -> Dialled:
        """Ring the operator and connect them with the number. Idempotent by `reference`."""
        ...

    async def recording(self, reference: str) -> bytes | None:
        """The recording of a call, None while there is none."""
        ...


class ByHand:
    """No telephone system: the operator dials on a telephone of their own and uploads the recording."""

    name = "by_hand"
    can_dial = False

    async def dial(self, operator_id: str, number: str, reference: str) -> Dialled:
        """Refuse."""
        raise TelephoneError("TELEPHONE_BY_HAND", retryable=False)

    async def recording(self, reference: str) -> bytes | None:
        """None: recordings come by upload."""
        return None


class Folder:
    """Recordings that a telephone system writes into a folder as `<reference>.<ending>`; it is dialled by hand."""

    name = "folder"
    can_dial = False

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def dial(self, operator_id: str, number: str, reference: str) -> Dialled:
        """Refuse: this adapter only fetches."""
        raise TelephoneError("TELEPHONE_BY_HAND", retryable=False)

    async def recording(self, reference: str) -> bytes | None:
        """The newest file of a reference."""
        if not reference.replace("_", "").replace("-", "").isalnum():
            raise TelephoneError("TELEPHONE_REFERENCE_INVALID", retryable=False)

        def fetch() -> bytes | None:
            found = sorted(self._folder.glob(f"{reference}.*"), key=lambda path: path.stat().st_mtime)
            return found[-1].read_bytes() if found else None

        return await asyncio.to_thread(fetch)


def telephone_of(settings: Settings) -> TelephoneSystem:
    """The telephone system of this installation."""
    folder = settings.telephone_recordings_dir
    return Folder(folder) if folder is not None else ByHand()
