"""`make bench-media [ONLY=GROUP] [SKIP=soak]`: runs the media benches; the last line is one `RESULT {json}` with all of `KEYS`.

Groups, and what each takes on two cores. All but the soak take about 25 minutes; the soak is half an hour alone.
"""

import sys

from scripts.bench.groups import Groups, Part, main

GROUPS: Groups = {
    "cpu": [Part("cpu", ["scripts.bench.media_cpu", "cpu"], 6)],
    "capacity": [
        Part("capacity", ["scripts.bench.media_cpu", "capacity"], 2),
        Part("forward", ["scripts.bench.media_forward"], 1.5),
    ],
    "sync": [Part("sync", ["scripts.bench.media_sync"], 0.75)],
    "loss": [Part("loss", ["scripts.bench.media_loss"], 3)],
    "recovery": [
        Part("start", ["scripts.bench.media_start"], 1),
        Part("recovery", ["scripts.bench.media_recovery"], 3.75),
    ],
    "crash": [Part("crash", ["scripts.bench.media_crash"], 3.75)],
    "compose": [Part("compose", ["scripts.bench.media_compose"], 3)],
    "soak": [Part("soak", ["scripts.bench.media_soak"], 31)],
}
KEYS = (
    "cpu_ratio_2p",
    "cpu_ratio_3p_share",
    "rooms_per_core",
    "loop_lag_p99_ms",
    "forward_p99_ms",
    "mb_per_room",
    "mb_per_hour",
    "av_sync_p99_ms",
    "drift_ms_per_h",
    "events_present_random_pct",
    "events_present_burst_pct",
    "start_audio_s",
    "start_video_s",
    "kills",
    "kills_playable",
    "tail_frames_max",
    "close_30min_s",
    "ice_restart_s",
    "gap_error_ms_max",
    "compose_x",
)
"""What the benchmark reports, measured or null; groups may add more."""

if __name__ == "__main__":
    sys.exit(main("Benchmarks of the media plane", GROUPS, KEYS))
