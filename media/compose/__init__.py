"""After the call: one composed MP4, playable files of each leg, stills. Blocking work belongs in threads of the jobs process."""

from media.compose.compose import compose
from media.compose.job import ComposeError, ComposeJob, ComposeResult, Marker, NodeMark, SeatView
from media.compose.remux import RemuxedLeg, remux_leg
from media.compose.thumbnails import Sheet, contact_sheet, thumbnail

__all__ = [
    "ComposeError",
    "ComposeJob",
    "ComposeResult",
    "Marker",
    "NodeMark",
    "RemuxedLeg",
    "SeatView",
    "Sheet",
    "compose",
    "contact_sheet",
    "remux_leg",
    "thumbnail",
]
