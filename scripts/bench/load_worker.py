"""Load process against our media worker: joins rooms through its RPC, replays, prints counters as JSON lines.

Commands on stdin: `count` prints the counters so far, `quit` ends. Started by scripts/bench/media_cpu.py.
"""

import argparse
import asyncio
import json
import sys

import uvloop
from aiortc import RTCCertificate

from media.rpc import RpcClient
from scripts.bench.rtp_load import Clip, Link, Outlet, Person, audio_clip, replay, video_clip


def answer(link: Link, offer: str, outlets: dict[str, Outlet]) -> str:
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"]
    for section in offer.split("m=")[1:]:
        mid = section.split("a=mid:")[1].splitlines()[0]
        is_video = section.startswith("video")
        lines.append(f"m={'video 9 UDP/TLS/RTP/SAVPF 96 97' if is_video else 'audio 9 UDP/TLS/RTP/SAVPF 111'}")
        lines += [f"a=ice-ufrag:{link.user}", f"a=ice-pwd:{link.password}", "a=setup:active", f"a=mid:{mid}"]
        lines += [f"a=fingerprint:sha-256 {link.fingerprint()}", "a=sendonly" if int(mid) < 3 else "a=recvonly"]
        if is_video:
            lines += ["a=rtpmap:96 VP8/90000", "a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96"]
        else:
            lines += ["a=rtpmap:111 opus/48000/2"]
        if mid in outlets:
            lines.append(f"a=ssrc:{outlets[mid].ssrc} cname:x")
    return "\r\n".join(lines) + "\r\n"


async def join_room(
    rpc: RpcClient,
    room: str,
    people: int,
    has_share: bool,
    clips: dict[str, Clip],
    certificate: RTCCertificate,
    host: str,
    record: str,
) -> list[Person]:
    seats = [f"s{n}" for n in range(people)]
    await rpc.call(
        "room.open",
        {"room_id": room, "seats": [{"seat_id": seat, "label": seat, "kind": "customer"} for seat in seats]},
        timeout=60,
    )
    out: list[Person] = []
    for index, seat in enumerate(seats):
        await rpc.call("room.consent", {"room_id": room, "seat_id": seat, "granted": True}, timeout=60)
        link = Link(host, certificate)
        outlets = {"0": Outlet(clips["mic"], b"0"), "1": Outlet(clips["camera"], b"1")}
        if has_share and index == 0:
            outlets["2"] = Outlet(clips["screen"], b"2")
        joined = await rpc.call("seat.join", {"room_id": room, "seat_id": seat}, timeout=60)
        link.read_remote(joined["sdp"])
        params = {"leg_id": joined["leg_id"], "sdp": answer(link, joined["sdp"], outlets)}
        await rpc.call("seat.answer", params, timeout=60)
        await link.connect()
        out.append(Person(link, link, list(outlets.values())))
    if record:
        await rpc.call("recording.start", {"room_id": room, "recording_id": room, "dir": f"{record}/{room}"}, timeout=60)
    return out


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rpc", required=True)
    parser.add_argument("--token", required=True)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--rooms", type=int, default=1)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--people", type=int, default=2)
    parser.add_argument("--share", action="store_true")
    parser.add_argument("--record", default="")
    options = parser.parse_args()
    clips = {"mic": audio_clip(), "camera": video_clip(640, 480, 15, 600_000)}
    if options.share:
        clips["screen"] = video_clip(1280, 720, 10, 900_000, seed=2)
    certificate = RTCCertificate.generateCertificate()
    rpc = RpcClient(options.rpc, options.token)
    rpc.start()
    await rpc.wait_connected()
    people: list[Person] = []
    for number in range(options.rooms):
        people += await join_room(
            rpc, f"room{options.first + number}", options.people, options.share, clips, certificate, options.host, options.record
        )
    print(json.dumps({"ready": True, "people": len(people)}), flush=True)
    stop = asyncio.Event()
    task = asyncio.create_task(replay(people, 3600, stop))
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    links = [person.sending for person in people]
    while (line := (await reader.readline()).strip()) not in (b"quit", b""):
        if line == b"count":
            counts = {"sent": sum(link.sent for link in links), "received": sum(link.received for link in links)}
            print(json.dumps(counts), flush=True)
        elif line == b"info":
            print(json.dumps(await rpc.call("worker.info", {}, timeout=30)), flush=True)
    stop.set()
    print(json.dumps(await task), flush=True)
    for link in links:
        link.close()
    await rpc.aclose()


if __name__ == "__main__":
    uvloop.run(main())
