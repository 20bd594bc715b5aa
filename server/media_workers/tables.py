"""Tables of media workers. A worker row is written by its own machine (`agent`), read by everybody; the lease says until when."""

import sqlalchemy as sa

from storage.db.metadata import Json, UtcDateTime, id_column, metadata

media_workers = sa.Table(
    "media_workers",
    metadata,
    sa.Column("id", sa.String(80), primary_key=True),  # `<node>:<number>`, the same after a restart
    sa.Column("node", sa.String(70), nullable=False, index=True),
    sa.Column("url", sa.String(200), nullable=False),  # internal API
    sa.Column("speech_url", sa.String(200), nullable=False),  # the speech process that hears this worker's rooms
    sa.Column("vision_url", sa.String(200), nullable=False),
    sa.Column("public_ip", sa.String(200), nullable=False),
    sa.Column("udp_port", sa.Integer, nullable=False),
    sa.Column("generation", sa.String(40), nullable=False),  # another one = it started anew
    sa.Column("is_draining", sa.Boolean, nullable=False),
    sa.Column("is_drain_wanted", sa.Boolean, nullable=False, server_default=sa.false()),  # set by administrators
    sa.Column("refuses", sa.String(40)),  # why new rooms are refused now
    sa.Column("rooms", sa.Integer, nullable=False),
    sa.Column("legs", sa.Integer, nullable=False),
    sa.Column("cpu", sa.Float, nullable=False),  # share of one core
    sa.Column("loop_lag_p99_ms", sa.Float),
    sa.Column("rss_bytes", sa.BigInteger, nullable=False),
    sa.Column("disk_free_bytes", sa.BigInteger, nullable=False),
    sa.Column("disk_bytes_per_s", sa.BigInteger, nullable=False),
    sa.Column("disk_hours", sa.Float, nullable=False),
    sa.Column("queues", Json),  # what waits in it: rpc_events, writer_bytes, tap_bytes; null = told by an older worker
    sa.Column("uploads", Json),  # UploadState of the node: waiting, waiting_bytes, oldest_at, is_store_up
    sa.Column("started_at", UtcDateTime, nullable=False),
    sa.Column("seen_at", UtcDateTime, nullable=False),
    sa.Column("lease_until", UtcDateTime, nullable=False),
)

media_placements = sa.Table(
    "media_placements",
    metadata,
    sa.Column("room_id", sa.String(40), primary_key=True),  # the session's id
    sa.Column("worker_id", sa.String(80), index=True),  # null = never placed yet; stays when released: there it was recorded
    sa.Column("placed_at", UtcDateTime, nullable=False),
    sa.Column("released_at", UtcDateTime),  # not null = on no worker now
    sa.Column("claimed_by", sa.String(40)),  # the web process that is placing it
    sa.Column("claimed_until", UtcDateTime),  # then another one may
    sa.Column("asked_worker", sa.String(80)),  # whom it asked last: may have the room already
)

media_alarms = sa.Table(
    "media_alarms",
    metadata,
    id_column(),
    sa.Column("worker_id", sa.String(80), nullable=False, index=True),
    sa.Column("kind", sa.String(30), nullable=False),  # disk_low busy lagging lost uploads_late
    sa.Column("detail", Json, nullable=False),
    sa.Column("raised_at", UtcDateTime, nullable=False),
    sa.Column("cleared_at", UtcDateTime, index=True),
)

leg_qualities = sa.Table(
    "leg_qualities",
    metadata,
    sa.Column("session_id", sa.String(40), primary_key=True),
    sa.Column("leg_id", sa.String(40), primary_key=True),
    sa.Column("seat_id", sa.String(40), nullable=False),
    sa.Column("first_at", UtcDateTime, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
    sa.Column("counters", Json, nullable=False),  # the newest totals of `room.stats`
    sa.Column(
        "points", Json, nullable=False
    ),  # [[at_s, score, loss, rtt_ms, kbit/s, jitter_ms, gap_ms]] since first_at, 10 s apart
)

recording_cleanups = sa.Table(
    "recording_cleanups",
    metadata,
    sa.Column("recording_id", sa.String(40), primary_key=True),
    sa.Column("node", sa.String(70), primary_key=True),  # whose disk was freed
    sa.Column("cleaned_at", UtcDateTime),  # null = something is kept that the store did not confirm
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),  # grows when a person asks for another try
    sa.Column("freed_bytes", sa.BigInteger, nullable=False),
    sa.Column("kept", Json, nullable=False),  # files the store did not confirm, with the reason
)
