"""Where the parts of a recording lie in the object store."""


def key_prefix(case_id: str, recording_id: str) -> str:
    """A recording's package; its segments are put there while the call runs."""
    return f"evidence/{case_id}/{recording_id}/"


def journal_prefix(recording_id: str) -> str:
    """Pieces of the journal, as they grew; named by the offset of their first byte. Gone once the recording is sealed."""
    return f"live/{recording_id}/journal/"
