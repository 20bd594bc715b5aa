"""The recorder: encoded packets to append-only segments and an fsynced journal. Never decodes, never encodes."""

from media.recorder.factory import Recorder, RecordingClosed

__all__ = ["Recorder", "RecordingClosed"]
