"""Load process against Janus' VideoRoom: the same people, the same packets as load_worker.py, over Janus' own signalling.

Each participant has two peer connections, as Janus' clients have: one that publishes, one that subscribes to everybody else.
"""

import argparse
import asyncio
import contextlib
import json
import secrets
import sys
from typing import Any

import aiohttp
import uvloop
from aiortc import RTCCertificate

from scripts.bench.rtp_load import Clip, Link, Outlet, Person, audio_clip, replay, video_clip

_EXTENSIONS = [
    "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid",
    "a=extmap:2 http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time",
    "a=extmap:3 http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01",
]
_AUDIO_LEVEL = "a=extmap:4 urn:ietf:params:rtp-hdrext:ssrc-audio-level"


class Janus:
    """One HTTP session: requests, and a long poll that sorts events by handle."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url
        self._session = 0
        self._events: dict[int, asyncio.Queue[dict[str, Any]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        self._session = (await self._post("", {"janus": "create"}))["data"]["id"]
        self._task = asyncio.create_task(self._poll())

    async def attach(self) -> int:
        handle = int(
            (await self._post(f"/{self._session}", {"janus": "attach", "plugin": "janus.plugin.videoroom"}))["data"]["id"]
        )
        self._events[handle] = asyncio.Queue()
        return handle

    async def message(self, handle: int, body: dict[str, Any], jsep: dict[str, str] | None = None) -> dict[str, Any]:
        request: dict[str, Any] = {"janus": "message", "body": body}
        if jsep:
            request["jsep"] = jsep
        answer = await self._post(f"/{self._session}/{handle}", request)
        if answer["janus"] == "success":
            return dict(answer["plugindata"]["data"])
        while True:
            event = await asyncio.wait_for(self._events[handle].get(), 20)
            if event.get("janus") == "event":
                return {**event["plugindata"]["data"], "jsep": event.get("jsep")}

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        async with self._http.post(self._url + path, json={**body, "transaction": secrets.token_hex(6)}) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
        if answer["janus"] == "error":
            raise RuntimeError(answer)
        return answer

    async def _poll(self) -> None:
        while True:
            async with self._http.get(f"{self._url}/{self._session}?maxev=5") as response:
                events = await response.json(content_type=None)
            for event in events if isinstance(events, list) else [events]:
                queue = self._events.get(event.get("sender", 0))
                if queue is not None:
                    queue.put_nowait(event)


def transport(link: Link, mid: str) -> list[str]:
    return [
        "c=IN IP4 0.0.0.0",
        f"a=ice-ufrag:{link.user}",
        f"a=ice-pwd:{link.password}",
        f"a=fingerprint:sha-256 {link.fingerprint()}",
        "a=setup:active",
        f"a=mid:{mid}",
        "a=rtcp-mux",
        f"a=candidate:1 1 udp 2130706431 {link.host} {link.port} typ host",
        "a=end-of-candidates",
    ]


def head(count: int) -> list[str]:
    bundle = "a=group:BUNDLE " + " ".join(str(n) for n in range(count))
    return ["v=0", f"o=- {secrets.randbits(40)} 1 IN IP4 127.0.0.1", "s=-", "t=0 0", bundle]


def codec(is_video: bool) -> list[str]:
    if is_video:
        return ["a=rtpmap:96 VP8/90000", *(f"a=rtcp-fb:96 {item}" for item in ("nack", "nack pli", "ccm fir", "transport-cc"))]
    return ["a=rtpmap:111 opus/48000/2", "a=rtcp-fb:111 transport-cc"]


def publishing(link: Link, outlets: list[Outlet]) -> str:
    lines = head(len(outlets))
    for index, outlet in enumerate(outlets):
        is_video = outlet.clip.clock_rate == 90_000
        lines.append(f"m={'video 9 UDP/TLS/RTP/SAVPF 96' if is_video else 'audio 9 UDP/TLS/RTP/SAVPF 111'}")
        lines += transport(link, str(index)) + _EXTENSIONS + ([] if is_video else [_AUDIO_LEVEL]) + ["a=sendonly"]
        lines += [*codec(is_video), f"a=ssrc:{outlet.ssrc} cname:load", f"a=ssrc:{outlet.ssrc} msid:s t{index}"]
    return "\r\n".join(lines) + "\r\n"


def subscribing(link: Link, offer: str) -> str:
    sections = offer.split("m=")[1:]
    lines = head(0)
    lines[-1] = next(line for line in offer.splitlines() if line.startswith("a=group:BUNDLE"))
    for section in sections:
        first = section.splitlines()[0].split()
        mid = section.split("a=mid:")[1].splitlines()[0]
        if first[1] == "0":
            lines += [f"m={first[0]} 0 UDP/TLS/RTP/SAVPF 0", f"a=mid:{mid}", "a=inactive"]
            continue
        lines.append(f"m={section.splitlines()[0]}")
        lines += [*transport(link, mid), "a=recvonly"]
        lines += [line for line in section.splitlines() if line.startswith(("a=rtpmap:", "a=fmtp:", "a=rtcp-fb:"))]
    return "\r\n".join(lines) + "\r\n"


async def join_room(
    http: aiohttp.ClientSession, url: str, room: int, count: int, has_share: bool, clips: dict[str, Clip], host: str, record: str
) -> tuple[list[Person], list[Janus]]:
    certificate = RTCCertificate.generateCertificate()
    sessions: list[Janus] = []
    feeds: list[int] = []
    senders: list[tuple[Link, list[Outlet]]] = []
    for index in range(count):
        janus = Janus(http, url)
        await janus.open()
        sessions.append(janus)
        handle = await janus.attach()
        if index == 0:
            create = {"request": "create", "room": room, "publishers": 8, "bitrate": 0, "audiocodec": "opus", "videocodec": "vp8"}
            if record:
                create |= {"record": True, "rec_dir": f"{record}/{room}"}
            await janus.message(handle, create)
        joined = await janus.message(handle, {"request": "join", "room": room, "ptype": "publisher"})
        feeds.append(joined["id"])
        outlets = [Outlet(clips["mic"], b"0"), Outlet(clips["camera"], b"1")]
        if has_share and index == 0:
            outlets.append(Outlet(clips["screen"], b"2"))
        link = Link(host, certificate)
        event = await janus.message(handle, {"request": "publish"}, {"type": "offer", "sdp": publishing(link, outlets)})
        link.read_remote(event["jsep"]["sdp"])
        await link.connect()
        senders.append((link, outlets))
    people: list[Person] = []
    for index, janus in enumerate(sessions):
        handle = await janus.attach()
        streams = [{"feed": feed} for other, feed in enumerate(feeds) if other != index]
        event = await janus.message(handle, {"request": "join", "room": room, "ptype": "subscriber", "streams": streams})
        link = Link(host, certificate)
        link.read_remote(event["jsep"]["sdp"])
        await janus.message(handle, {"request": "start"}, {"type": "answer", "sdp": subscribing(link, event["jsep"]["sdp"])})
        await link.connect()
        people.append(Person(senders[index][0], link, senders[index][1]))
    return people, sessions


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--rooms", type=int, default=1)
    parser.add_argument("--people", type=int, default=2)
    parser.add_argument("--share", action="store_true")
    parser.add_argument("--record", default="")
    options = parser.parse_args()
    clips = {"mic": audio_clip(), "camera": video_clip(640, 480, 15, 600_000)}
    if options.share:
        clips["screen"] = video_clip(1280, 720, 10, 900_000, seed=2)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        people: list[Person] = []
        sessions: list[Janus] = []
        for number in range(options.rooms):
            joined, opened = await join_room(
                http, options.url, 1000 + number, options.people, options.share, clips, options.host, options.record
            )
            people += joined
            sessions += opened
        print(json.dumps({"ready": True, "people": len(people)}), flush=True)
        stop = asyncio.Event()
        task = asyncio.create_task(replay(people, 3600, stop))
        reader = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while (line := (await reader.readline()).strip()) not in (b"quit", b""):
            if line == b"count":
                sent = sum(person.sending.sent for person in people)
                received = sum(person.receiving.received for person in people)
                print(json.dumps({"sent": sent, "received": received}), flush=True)
        stop.set()
        print(json.dumps(await task), flush=True)
        for janus in sessions:
            await janus.close()


if __name__ == "__main__":
    uvloop.run(main())
