"""The server's offer with its sixteen fixed media sections, and the parts of a client's answer that matter.

mids (docs/protocols.md): 0, 1, 2 = the client's mic, camera, screen; 3 = prompt voice; 4…15 = four remote seats × (mic, camera,
screen). Header extension ids and payload types are the same in every offer, so that packets can be forwarded almost untouched.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from media.ports import Codec, MediaKind
from media.rtp import EXT_ABS_SEND_TIME, EXT_AUDIO_LEVEL, EXT_MID, EXT_TRANSPORT_CC
from media.transport.ice import Credentials

REMOTE_SEATS = 4
MAX_SDP = 128 << 10
_MAX_SECTIONS = 32
_KINDS = (MediaKind.MIC, MediaKind.CAMERA, MediaKind.SCREEN)
PAYLOAD_TYPES = {Codec.OPUS: 111, Codec.VP8: 96, Codec.H264: 102}
RTX_TYPES = {Codec.VP8: 97, Codec.H264: 103}
_H264 = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
_RMCAT = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
_EXTENSIONS = {
    EXT_MID: "urn:ietf:params:rtp-hdrext:sdes:mid",
    EXT_ABS_SEND_TIME: "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    EXT_TRANSPORT_CC: _RMCAT,
    EXT_AUDIO_LEVEL: "urn:ietf:params:rtp-hdrext:ssrc-audio-level",
}


@dataclass(frozen=True, slots=True)
class Section:
    """One of the sixteen media sections. `seat`: index of the remote seat (0…3), None for the client's own and the prompt."""

    mid: str
    kind: MediaKind
    is_client_sending: bool
    seat: int | None

    @property
    def is_video(self) -> bool:
        """Camera and screen."""
        return self.kind in (MediaKind.CAMERA, MediaKind.SCREEN)


def _sections() -> tuple[Section, ...]:
    own = [Section(str(index), kind, True, None) for index, kind in enumerate(_KINDS)]
    prompt = [Section("3", MediaKind.PROMPT, False, None)]
    remote = [
        Section(str(4 + seat * 3 + index), kind, False, seat) for seat in range(REMOTE_SEATS) for index, kind in enumerate(_KINDS)
    ]
    return tuple(own + prompt + remote)


SECTIONS = _sections()


@dataclass(frozen=True, slots=True)
class SendStream:
    """SSRCs of one section that the server sends."""

    ssrc: int
    rtx_ssrc: int | None


@dataclass(frozen=True, slots=True)
class OfferParameters:
    """Everything an offer depends on; the same parameters give the same text."""

    session_id: int
    version: int
    credentials: Credentials
    fingerprints: Sequence[tuple[str, str]]
    addresses: Sequence[tuple[str, int]]
    streams: Mapping[str, SendStream]
    cname: str
    video: Sequence[Codec] = (Codec.VP8, Codec.H264)


def offer(parameters: OfferParameters) -> str:
    """The text of the server's offer."""
    lines = [
        "v=0",
        f"o=- {parameters.session_id} {parameters.version} IN IP4 127.0.0.1",
        "s=-",
        "t=0 0",
        "a=group:BUNDLE " + " ".join(section.mid for section in SECTIONS),
        "a=ice-lite",
        "a=msid-semantic: WMS *",
    ]
    for section in SECTIONS:
        lines += _section_lines(section, parameters)
    return "\r\n".join(lines) + "\r\n"


def _section_lines(section: Section, parameters: OfferParameters) -> list[str]:
    codecs = list(parameters.video) if section.is_video else [Codec.OPUS]
    numbers: list[int] = []
    for codec in codecs:
        numbers.append(PAYLOAD_TYPES[codec])
        if codec in RTX_TYPES:
            numbers.append(RTX_TYPES[codec])
    lines = [
        f"m={'video' if section.is_video else 'audio'} 9 UDP/TLS/RTP/SAVPF {' '.join(map(str, numbers))}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        f"a=ice-ufrag:{parameters.credentials.ufrag}",
        f"a=ice-pwd:{parameters.credentials.password}",
        *(f"a=fingerprint:{name} {value}" for name, value in parameters.fingerprints),
        "a=setup:actpass",
        f"a=mid:{section.mid}",
    ]
    for number, uri in _EXTENSIONS.items():
        if number != EXT_AUDIO_LEVEL or not section.is_video:
            lines.append(f"a=extmap:{number} {uri}")
    lines += ["a=recvonly" if section.is_client_sending else "a=sendonly", "a=rtcp-mux", "a=rtcp-rsize"]
    for codec in codecs:
        lines += _codec_lines(codec)
    stream = parameters.streams.get(section.mid)
    if stream is not None and not section.is_client_sending:
        lines += _stream_lines(section, stream, parameters.cname)
    for priority, (host, port) in enumerate(parameters.addresses):
        lines.append(f"a=candidate:{priority + 1} 1 udp {2130706431 - priority * 256} {host} {port} typ host")
    lines.append("a=end-of-candidates")
    return lines


def _codec_lines(codec: Codec) -> list[str]:
    number = PAYLOAD_TYPES[codec]
    if codec is Codec.OPUS:
        return [
            f"a=rtpmap:{number} opus/48000/2",
            f"a=rtcp-fb:{number} transport-cc",
            f"a=rtcp-fb:{number} nack",
            f"a=fmtp:{number} minptime=10;useinbandfec=1;usedtx=0",
        ]
    lines = [f"a=rtpmap:{number} {codec.value.upper()}/90000"]
    lines += [f"a=rtcp-fb:{number} {feedback}" for feedback in ("transport-cc", "ccm fir", "nack", "nack pli")]
    if codec is Codec.H264:
        lines.append(f"a=fmtp:{number} {_H264}")
    return [*lines, f"a=rtpmap:{RTX_TYPES[codec]} rtx/90000", f"a=fmtp:{RTX_TYPES[codec]} apt={number}"]


def _stream_lines(section: Section, stream: SendStream, cname: str) -> list[str]:
    # Mic and camera of a seat share a stream id, which makes the browser keep their lips in sync; the others stand alone.
    if section.seat is None:
        group = section.kind.value
    elif section.kind is MediaKind.SCREEN:
        group = f"seat{section.seat}-screen"
    else:
        group = f"seat{section.seat}"
    msid = f"{group} {group}-{section.kind.value}"
    lines = [f"a=msid:{msid}"]
    ssrcs = [stream.ssrc]
    if stream.rtx_ssrc is not None:
        ssrcs.append(stream.rtx_ssrc)
        lines.append(f"a=ssrc-group:FID {stream.ssrc} {stream.rtx_ssrc}")
    for ssrc in ssrcs:
        lines += [f"a=ssrc:{ssrc} cname:{cname}-{group}", f"a=ssrc:{ssrc} msid:{msid}"]
    return lines


@dataclass(slots=True)
class AnswerSection:
    """One media section of the answer: `codecs` maps payload types, `rtx` maps RTX types to the type they repair."""

    mid: str = ""
    is_rejected: bool = False
    direction: str = "sendrecv"
    codecs: dict[int, Codec] = field(default_factory=dict)
    rtx: dict[int, int] = field(default_factory=dict)
    has_nack: bool = False
    ssrc: int | None = None
    rtx_ssrc: int | None = None
    extensions: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """What the client accepted."""

    credentials: Credentials
    fingerprints: tuple[tuple[str, str], ...]
    is_active: bool
    sections: dict[str, AnswerSection]


class SdpError(ValueError):
    """The text is no answer to our offer."""


# What an SDP and a packet have room for: a payload type is seven bits (RFC 3550 §5.1), credentials 256 signs (RFC 8839 §5.4).
_RTPMAP = re.compile(r"(\d{1,3}) ([\w-]{1,32})/\d", re.ASCII)
_FMTP_APT = re.compile(r"(\d{1,3}) .*?\bapt=(\d{1,3})", re.ASCII)
_NUMBER = re.compile(r"\d{1,10}", re.ASCII)
_TYPES = 128
_MAX_CREDENTIAL = 256
_NAMES = {"opus": Codec.OPUS, "vp8": Codec.VP8, "h264": Codec.H264}


def parse_answer(text: str) -> Answer:
    """Read a client's answer. Raises `SdpError`."""
    if len(text) > MAX_SDP:
        raise SdpError("too long")
    lines = [line.strip() for line in text.splitlines() if len(line) > 2 and line[1] == "="]
    common: list[str] = []
    groups: list[list[str]] = []
    for line in lines:
        if line.startswith("m="):
            groups.append([])
        (groups[-1] if groups else common).append(line)
    if not groups or len(groups) > _MAX_SECTIONS:
        raise SdpError("no media" if not groups else "too many sections")
    sections: dict[str, AnswerSection] = {}
    first: list[str] | None = None
    for group in groups:
        section = _parse_section(group)
        if not section.mid:
            raise SdpError("section without mid")
        sections[section.mid] = section
        if first is None and not section.is_rejected:
            first = group
    transport = common + (first or [])
    ufrag, password = _value(transport, "ice-ufrag"), _value(transport, "ice-pwd")
    fingerprints = tuple(
        (parts[0].lower(), parts[1])
        for line in transport
        if line.startswith("a=fingerprint:") and len(parts := line[14:].split()) == 2
    )
    if not ufrag or not password or not fingerprints:
        raise SdpError("no transport parameters")
    if max(len(ufrag), len(password)) > _MAX_CREDENTIAL:
        raise SdpError("credentials too long")
    return Answer(Credentials(ufrag, password), fingerprints, _value(transport, "setup") != "passive", sections)


def _value(lines: Sequence[str], name: str) -> str:
    prefix = f"a={name}:"
    return next((line[len(prefix) :].strip() for line in lines if line.startswith(prefix)), "")


def _parse_section(lines: Sequence[str]) -> AnswerSection:
    section = AnswerSection()
    parts = lines[0][2:].split()
    section.is_rejected = len(parts) > 1 and parts[1] == "0"
    groups: dict[int, int] = {}
    ssrcs: list[int] = []
    repairs: dict[int, int] = {}
    rtx_types: set[int] = set()
    for line in lines[1:]:
        name, _, value = line[2:].partition(":")
        if name == "mid":
            section.mid = value.strip()[:16]
        elif name in ("sendrecv", "sendonly", "recvonly", "inactive"):
            section.direction = name
        elif name == "rtpmap" and (match := _RTPMAP.match(value)) and int(match[1]) < _TYPES:
            codec = _NAMES.get(match[2].lower())
            if codec is not None:
                section.codecs[int(match[1])] = codec
            elif match[2].lower() == "rtx":
                rtx_types.add(int(match[1]))
        elif name == "fmtp" and (match := _FMTP_APT.match(value)):
            repairs[int(match[1])] = int(match[2])
        elif name == "rtcp-fb" and value.split()[1:2] == ["nack"]:
            section.has_nack = True
        elif name == "ssrc-group" and value.startswith("FID"):
            numbers = _numbers(value[3:])
            if len(numbers) == 2:
                groups[numbers[0]] = numbers[1]
        elif name == "ssrc" and (numbers := _numbers(value.split(" ")[0])):
            ssrcs.append(numbers[0])
        elif name == "extmap":
            number, _, uri = value.partition(" ")
            if _NUMBER.fullmatch(number):
                section.extensions[int(number)] = uri.split(" ")[0]
    section.rtx = {number: repairs[number] for number in rtx_types if number in repairs}
    for ssrc in ssrcs:
        if ssrc not in groups.values():
            section.ssrc = ssrc
            section.rtx_ssrc = groups.get(ssrc)
            break
    return section


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split() if _NUMBER.fullmatch(part) and int(part) < 1 << 32]
