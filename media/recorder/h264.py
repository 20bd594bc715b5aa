"""H264 parameter sets: picture size from an SPS, avcC for Matroska. ITU-T H.264 §7.3.2.1.1, ISO/IEC 14496-15 §5.3.3."""

_HIGH_PROFILES = frozenset({100, 110, 122, 244, 44, 83, 86, 118, 128})


class _Bits:
    """Reads bits and Exp-Golomb codes; raises `IndexError` behind the end."""

    def __init__(self, data: bytes) -> None:
        self._value = int.from_bytes(data, "big")
        self._left = len(data) * 8

    def bits(self, count: int) -> int:
        if count > self._left:
            raise IndexError("parameter set ends early")
        self._left -= count
        return (self._value >> self._left) & ((1 << count) - 1)

    def ue(self) -> int:
        zeros = 0
        while not self.bits(1):
            zeros += 1
            if zeros > 32:
                raise IndexError("bad Exp-Golomb code")
        return (1 << zeros) - 1 + self.bits(zeros)

    def se(self) -> int:
        value = self.ue()
        return (value + 1) // 2 if value & 1 else -(value // 2)


def picture_size(sps: bytes) -> tuple[int, int] | None:
    """Width and height of a sequence parameter set (with its NAL header), or None when it cannot be read."""
    try:
        return _picture_size(sps)
    except IndexError:
        return None


def _picture_size(sps: bytes) -> tuple[int, int] | None:
    bits = _Bits(sps[1:].replace(b"\x00\x00\x03", b"\x00\x00"))
    profile = bits.bits(8)
    bits.bits(16)
    bits.ue()
    chroma = 1
    if profile in _HIGH_PROFILES:
        chroma = bits.ue()
        if chroma == 3:
            bits.bits(1)
        bits.ue()
        bits.ue()
        bits.bits(1)
        if bits.bits(1):
            for index in range(8 if chroma != 3 else 12):
                if bits.bits(1):
                    _skip_scaling_list(bits, 16 if index < 6 else 64)
    bits.ue()
    order = bits.ue()
    if order == 0:
        bits.ue()
    elif order == 1:
        bits.bits(1)
        bits.se()
        bits.se()
        for _ in range(min(bits.ue(), 255)):
            bits.se()
    bits.ue()
    bits.bits(1)
    width = (bits.ue() + 1) * 16
    map_units = bits.ue() + 1
    frame_only = bits.bits(1)
    height = map_units * 16 * (2 - frame_only)
    if not frame_only:
        bits.bits(1)
    bits.bits(1)
    if bits.bits(1):
        left, right, top, bottom = bits.ue(), bits.ue(), bits.ue(), bits.ue()
        step_x = 2 if chroma in (1, 2) else 1
        step_y = (2 if chroma == 1 else 1) * (2 - frame_only)
        width -= (left + right) * step_x
        height -= (top + bottom) * step_y
    return (width, height) if 0 < width <= 16_384 and 0 < height <= 16_384 else None


def _skip_scaling_list(bits: _Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.se() + 256) % 256
        last = following or last


def avcc(sps: bytes, pps: bytes) -> bytes:
    """The AVCDecoderConfigurationRecord with 4-byte NAL lengths."""
    head = bytes((1, sps[1], sps[2], sps[3], 0xFF, 0xE1))
    return head + len(sps).to_bytes(2, "big") + sps + b"\x01" + len(pps).to_bytes(2, "big") + pps
