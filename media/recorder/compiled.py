"""The recorder's packet path in C (media/native): files, clocks and streams whose common case never enters Python.

What C finds unusual comes back through one callback, on the thread that handed the packet over, and is decided by the Python
code of `Stream`, which works on the same numbers. Without a compiler none of this exists and `media.recorder` works in Python.
"""

import errno
import importlib
import os
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, cast
from weakref import WeakValueDictionary

from media.ports import Codec
from media.recorder import h264
from media.recorder.clock import PacketClock, SeatClock
from media.recorder.depacketise import Assembler, Frame, Packet
from media.recorder.ebml import VideoFormat
from media.recorder.reorder import Hole
from media.recorder.state import TrackState
from media.recorder.stream import SILENCE_MS, Stream
from media.recorder.writer import LINGER_S, DiskWriter, FileState, OutputFile, WriterLimits

_CODECS = {Codec.OPUS: 0, Codec.VP8: 1, Codec.H264: 2}
_PACKET, _SOUND, _PICTURE, _LOST, _ASK_KEY, _FORMAT = range(6)
_CHUNK = 1 << 18


class Core:
    """The compiled module and the streams it may call back for; one in a process."""

    def __init__(self, ffi: Any, lib: Any) -> None:
        self.ffi = ffi
        self.lib = lib
        self._streams: WeakValueDictionary[int, CompiledStream] = WeakValueDictionary()
        self._numbers = 0
        ffi.def_extern(name="dr_slow_python")(self._slow)

    def number(self, stream: "CompiledStream") -> int:
        """A number for the callback to find the stream by."""
        self._numbers += 1
        self._streams[self._numbers] = stream
        return self._numbers

    def _slow(self, event: Any) -> int:
        stream = self._streams.get(event.id)
        return 0 if stream is None else stream.on_event(event)


@cache
def core() -> Core | None:
    """The compiled path, or None where it was not built (or built from an older source)."""
    try:
        module = importlib.import_module("media.native._inner")
    except ImportError:
        return None
    return Core(module.ffi, module.lib) if hasattr(module.lib, "dr_rebind") else None


class CompiledWriter(DiskWriter):
    """Blocks are queued and written in C without the interpreter's lock; journals, closes and hashes stay in Python."""

    def __init__(self, limits: WriterLimits | None, compiled: Core) -> None:
        super().__init__(limits)
        self.core = compiled
        lib = compiled.lib
        disk = lib.dr_disk_new(lib.dr_slow_python, int(LINGER_S * 1e9), self.limits.max_backlog)
        if not disk:
            raise MemoryError
        self._disk = compiled.ffi.gc(disk, lib.dr_disk_free)

    @property
    def backlog(self) -> int:
        """Bytes handed over and not yet written."""
        return int(self.core.lib.dr_disk_backlog(self._disk))

    @property
    def written(self) -> int:
        """Bytes written so far."""
        return int(self.core.lib.dr_disk_written(self._disk))

    def new_file(self, path: Path, on_error: Callable[[OSError], None]) -> OutputFile:
        """A file to append to."""
        ffi = self.core.ffi
        name = os.fsencode(path)
        if len(name) >= 1024:
            raise OSError(36, "file name too long", str(path))
        state = ffi.new("dr_file *")
        state.fd = state.first = state.last = -1
        state.path = name
        file = OutputFile(path, on_error, cast(FileState, state))
        self._open.add(file)
        return file

    def new_track(self) -> TrackState:
        """The numbers of a track's open segment."""
        state = self.core.ffi.new("dr_track *")
        state.disk = self._disk
        return cast(TrackState, state)

    def point(self, track: TrackState, file: OutputFile | None) -> None:
        """Blocks of the track go to this file from now on."""
        struct: Any = track
        struct.file = self.core.ffi.NULL if file is None else file.state

    def append(self, file: OutputFile, data: bytes) -> None:
        """Append whole blocks to a file; it is created at the first."""
        ffi = self.core.ffi
        self.core.lib.dr_disk_append(self._disk, file.state, ffi.NULL, 0, data, len(data))

    def run(self, action: Callable[[], None]) -> None:
        """Run something in the writer thread behind everything handed over so far."""
        self._ops.append((None, action))
        self._rouse()

    def _rouse(self) -> None:
        self.core.lib.dr_disk_poke(self._disk)

    def _write_loop(self) -> None:
        lib = self.core.lib
        while True:
            has_failed = lib.dr_disk_run(self._disk, 1_000_000_000) == 2
            # Blocks handed over before an action are written before it.
            count = len(self._ops)
            if lib.dr_disk_drain(self._disk) or has_failed:
                self._tell()
            for _ in range(count):
                _, action = self._ops.popleft()
                assert callable(action)
                self._call(action)
                del action  # a recording hangs on it
            if self._is_stopping and not self._ops:
                lib.dr_disk_drain(self._disk)
                self._jobs.put(None)
                return

    def _tell(self) -> None:
        for file in list(self._open):
            struct: Any = file.state
            if struct.error and not struct.is_told:
                struct.is_told = 1
                file.on_error(OSError(struct.error, os.strerror(struct.error), str(file.path)))

    def _begin_sync(self, files: Sequence[OutputFile]) -> None:
        if len(files) > 1:
            self.core.lib.dr_disk_ahead([file.fd for file in files], len(files))

    def _sync(self, file: OutputFile) -> None:
        try:
            self._digest(file)
        except OSError as error:  # what cannot be read back is no evidence; the other files have theirs to come
            file.state.error = error.errno or errno.EIO
            file.on_error(error)
        super()._sync(file)

    def _digest(self, file: OutputFile) -> None:
        """Hash what was written since the last time, from the page cache."""
        size = file.size
        while file.fd >= 0 and file.hashed < size:
            part = os.pread(file.fd, min(_CHUNK, size - file.hashed), file.hashed)
            if not part:
                break
            file.digest.update(part)
            file.hashed += len(part)


class CompiledSeat(SeatClock):
    """A seat's tie of clocks that C sees."""

    def __init__(self, compiled: Core) -> None:
        super().__init__()
        self.state = compiled.ffi.new("dr_seat *")

    def observe(self, ntp_ms: float, arrival_ms: float) -> None:
        """Take the times of one sender report."""
        super().observe(ntp_ms, arrival_ms)
        offset = self.offset
        if offset is not None:
            self.state.offset, self.state.is_known = offset, 1


class CompiledClock:
    """`TrackClock` in C. `struct` lies in `owner`."""

    def __init__(self, compiled: Core, owner: Any, rate: int, seat: CompiledSeat) -> None:
        self._lib = compiled.lib
        self._keep = (owner, seat.state)
        self._struct = compiled.ffi.addressof(owner, "clock")
        self._lib.dr_clock_start(self._struct, 1000.0 / rate, seat.state)

    @property
    def anchors(self) -> int:
        """Number of anchors set."""
        return int(self._struct.anchors)

    def ms(self, timestamp: int) -> float:
        """Session time of a timestamp; needs one `observe` before."""
        return float(self._lib.dr_clock_ms(self._struct, timestamp))

    def observe(self, timestamp: int, arrival_ms: float) -> None:
        """Take the arrival of a packet."""
        self._lib.dr_clock_observe(self._struct, timestamp, arrival_ms)

    def report(self, ntp_ms: float, timestamp: int, arrival_ms: float) -> None:
        """Take a sender report of this stream."""
        self._lib.dr_clock_report(self._struct, ntp_ms, timestamp, arrival_ms)


class CompiledStream(Stream):
    """A stream whose packets in order become blocks in C; `compiled` is what the inner loop feeds."""

    compiled: Any

    def _set_up(self, codec: Codec) -> None:
        writer = self.track.writer
        assert isinstance(writer, CompiledWriter)
        self._core = writer.core
        lib = self._core.lib
        struct = lib.dr_stream_new(self._core.number(self), self.track.state)
        if not struct:
            raise MemoryError
        self.compiled = self.state = self._core.ffi.gc(struct, lib.dr_stream_free)
        self.compiled.started_ns = self._host.started_ns
        self.compiled.silence_ms = SILENCE_MS[self.kind]
        self.compiled.is_first = True
        self.compiled.last_ms = self.compiled.last_end_ms = -1
        self._format: VideoFormat | None = None
        self._begin(codec)

    def _begin(self, codec: Codec) -> None:
        super()._begin(codec)
        self.compiled.codec = _CODECS[codec]
        self.compiled.following, self.compiled.held = -1, 0

    def _new_clock(self) -> PacketClock:
        assert isinstance(self._seat_clock, CompiledSeat)
        return CompiledClock(self._core, self.compiled, self._rate, self._seat_clock)

    def _new_assembler(self, codec: Codec) -> Assembler | None:
        self._core.lib.dr_assembler_reset(self._core.ffi.addressof(self.compiled, "assembler"))
        return None

    def rtp(self, sequence: int, timestamp: int, is_marker: bool, payload: bytes, arrival_ns: int) -> None:
        """Take one packet."""
        self._core.lib.dr_stream_rtp(self.compiled, sequence, timestamp, is_marker, payload, len(payload), arrival_ns)

    def on_event(self, event: Any) -> int:
        """What C leaves to us. Returns an answer to a question, else 0."""
        try:
            return self._on_event(event)
        except Exception:
            self._fault()
            return 0

    def _on_event(self, event: Any) -> int:
        kind = event.kind
        if kind == _FORMAT:
            self._format = self._parameter_sets()
            return int(self._format is not None)
        if kind == _LOST:
            self._lose_picture(event.arrival_ns)
        elif kind == _ASK_KEY:
            self._ask_key(event.arrival_ns)
        else:
            data = bytes(self._core.ffi.buffer(event.data, event.length)) if event.length else b""
            if kind == _SOUND:
                self._audio(event.timestamp, data)
            elif kind == _PICTURE:
                is_key = bool(event.is_key)
                self._video(Frame(event.timestamp, data, is_key, self._format_of(data) if is_key else None))
            elif kind == _PACKET:
                if not self._reorder.held:
                    self._reorder.following = self.compiled.following
                packet = Packet(event.sequence, event.timestamp, bool(event.is_marker), data, event.arrival_ns)
                self._take_all(self._reorder.push(packet))
        return 0

    def _take_all(self, items: Sequence[Packet | Hole]) -> None:
        if items or self._reorder.held:
            self.compiled.following, self.compiled.held = self._reorder.following, self._reorder.held
        super()._take_all(items)

    def _take(self, item: Packet | Hole) -> None:
        lib = self._core.lib
        if isinstance(item, Hole):
            self.state.has_hole = True
            if not self._is_audio:
                lib.dr_assembler_hole(self.compiled)
            return
        lib.dr_stream_take(self.compiled, item.timestamp, item.is_marker, item.payload, len(item.payload), item.arrival_ns)

    def _format_of(self, data: bytes) -> VideoFormat | None:
        if self.codec is Codec.H264:
            return self._format
        width, height = int.from_bytes(data[6:8], "little") & 0x3FFF, int.from_bytes(data[8:10], "little") & 0x3FFF
        return VideoFormat("vp8", width, height)

    def _parameter_sets(self) -> VideoFormat | None:
        ffi, assembler = self._core.ffi, self.compiled.assembler
        sps = bytes(ffi.buffer(assembler.sps.bytes, assembler.sps.used))
        size = h264.picture_size(sps)
        if size is None:
            return None
        return VideoFormat("h264", *size, h264.avcc(sps, bytes(ffi.buffer(assembler.pps.bytes, assembler.pps.used))))
