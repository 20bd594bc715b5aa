"""Where the parts of a recording lie in the object store."""


def key_prefix(case_id: str, recording_id: str) -> str:
    """A recording's package; its segments are put there while the call runs."""
    return f"evidence/{case_id}/{recording_id}/"


def journal_prefix(recording_id: str) -> str:
    """Pieces of the journal, as they grew. Gone once the recording is sealed."""
    return f"live/{recording_id}/journal/"


def piece_key(recording_id: str, course: int, offset: int) -> str:
    """One piece: named by the offset of its first byte, and by how often the recording went to another machine before.

    A machine that comes back after its recording went on elsewhere cannot get in the way: the newer course counts.
    """
    name = f"{offset:012d}" if course == 0 else f"{course:03d}-{offset:012d}"
    return f"{journal_prefix(recording_id)}{name}.ndjson"


def parse_piece(recording_id: str, key: str) -> tuple[int, int] | None:
    """Course and offset of a piece; None for another key."""
    name = key.removeprefix(journal_prefix(recording_id)).removesuffix(".ndjson")
    course, _, offset = name.rpartition("-")
    if not offset.isdecimal() or (course and not course.isdecimal()):
        return None
    return int(course or 0), int(offset)
