"""Tables of inspection. Verdicts are kept per round; history is append-only."""

import sqlalchemy as sa

from storage.db.metadata import Json, UtcDateTime, id_column, metadata

inspections = sa.Table(
    "inspections",
    metadata,
    id_column(),
    sa.Column("recording_id", sa.String(40), nullable=False, unique=True),
    sa.Column("case_id", sa.String(40), nullable=False),
    sa.Column("round", sa.Integer, nullable=False, server_default="1"),
    sa.Column("state", sa.String(20), nullable=False),  # queued passed rejected appealed cancelled
    sa.Column("is_supplementary", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("sampled_because", Json, nullable=False),
    sa.Column("proposal_no", sa.String(60), nullable=False),
    sa.Column("product_name", sa.String(200), nullable=False),
    sa.Column("product_type", sa.String(40), nullable=False),
    sa.Column("organisation", sa.String(100), nullable=False),
    sa.Column("seller_id", sa.String(40), nullable=False),
    sa.Column("seller_name", sa.String(100), nullable=False),
    sa.Column("seller_team", sa.String(60), nullable=False),
    sa.Column("recorded_at", UtcDateTime, nullable=False),
    sa.Column("duration_ms", sa.BigInteger),
    sa.Column("failed_checks", sa.Integer, nullable=False),
    sa.Column("not_measured_checks", sa.Integer, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False),
    sa.Column("cooling_off_end_on", sa.Date),
    sa.Column("assigned_to", sa.String(40), index=True),
    sa.Column("lock_by", sa.String(40)),
    sa.Column("lock_by_name", sa.String(100)),
    sa.Column("lock_until", UtcDateTime),
    sa.Column("inspector_id", sa.String(40), index=True),
    sa.Column("inspector_name", sa.String(100)),
    sa.Column("reason_codes", Json),
    sa.Column("check_notes", Json),
    sa.Column("note", sa.Text, nullable=False, server_default=""),
    sa.Column("supplementary_due_at", UtcDateTime),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Index("ix_inspections_queue", "state", "due_at", "id"),
    sa.Index("ix_inspections_proposal", "proposal_no"),
    sa.Index("ix_inspections_due", "due_at", "id"),
    sa.Index("ix_inspections_case_state", "case_id", "state"),
    sa.Index("ix_inspections_decided", "decided_at"),
)

inspection_nodes = sa.Table(
    "inspection_nodes",
    metadata,
    sa.Column("inspection_id", sa.String(40), sa.ForeignKey("inspections.id"), primary_key=True),
    sa.Column("round", sa.Integer, primary_key=True),
    sa.Column("node_id", sa.String(60), primary_key=True),
    sa.Column("verdict", sa.String(20), nullable=False),  # pass fail not_applicable
    sa.Column("reason_codes", Json, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at_ms", sa.BigInteger),
    sa.Column("by_id", sa.String(40), nullable=False),
    sa.Column("by_name", sa.String(100), nullable=False),
    sa.Column("decided_at", UtcDateTime, nullable=False),
)

inspection_watches = sa.Table(
    "inspection_watches",
    metadata,
    sa.Column("inspection_id", sa.String(40), sa.ForeignKey("inspections.id"), primary_key=True),
    sa.Column("round", sa.Integer, primary_key=True),
    sa.Column("actor_id", sa.String(40), primary_key=True),
    sa.Column("actor_name", sa.String(100), nullable=False),
    sa.Column("spans", Json, nullable=False),  # [[from, to], …] of the session clock, as the server credits them
    sa.Column("watched_ms", sa.BigInteger, nullable=False),
    sa.Column("allowed_ms", sa.Float, nullable=False),  # film that the clock still allows
    sa.Column("at", UtcDateTime, nullable=False),  # the last report, or when the review was taken
)

inspection_history = sa.Table(
    "inspection_history",
    metadata,
    id_column(),
    sa.Column("inspection_id", sa.String(40), sa.ForeignKey("inspections.id"), nullable=False, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("actor_id", sa.String(40), nullable=False),
    sa.Column("actor_name", sa.String(100), nullable=False),
    sa.Column("type", sa.String(40), nullable=False),
    sa.Column("data", Json, nullable=False),
)
