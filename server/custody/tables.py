"""Tables of custody: what the core system says of a contract, what was applied to a recording, lists of what is disposed of."""

import sqlalchemy as sa

from storage.db.metadata import Json, UtcDateTime, id_column, metadata

contracts = sa.Table(
    "contracts",
    metadata,
    sa.Column("proposal_no", sa.String(32), sa.ForeignKey("proposals.proposal_no"), primary_key=True),
    sa.Column("policy_no", sa.String(40), index=True),
    sa.Column("is_over_one_year", sa.Boolean, nullable=False),
    sa.Column("ended_on", sa.Date),
    sa.Column("end_reason", sa.String(20)),
    sa.Column("disputes", Json, nullable=False),  # [{dispute_no, opened_on, ended_on}]
    sa.Column("retain_until", sa.Date),  # the last day; it never moves back
    sa.Column("is_held", sa.Boolean, nullable=False),  # in force, or in dispute: nobody knows the end yet
    sa.Column("version", sa.Integer, nullable=False),  # grows with each report that changes something
    sa.Column("reported_at", UtcDateTime, nullable=False),
)

recording_custody = sa.Table(
    "recording_custody",
    metadata,
    sa.Column("recording_id", sa.String(40), sa.ForeignKey("recordings.id"), primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),  # of the contract, as applied on the store
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("retain_until", sa.Date, index=True),
    sa.Column("is_held", sa.Boolean, nullable=False),
    sa.Column("applied_at", UtcDateTime),
    sa.Column("disposal_id", sa.String(40), index=True),  # the open list it is on, or the list it went with
    sa.Column("disposed_at", UtcDateTime),
)

disposals = sa.Table(
    "disposals",
    metadata,
    id_column(),
    sa.Column("state", sa.String(20), nullable=False, index=True),  # proposed approved done failed withdrawn
    sa.Column("reason", sa.String(500), nullable=False),
    sa.Column("created_by", sa.String(40), nullable=False),
    sa.Column("created_by_name", sa.String(80), nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
    sa.Column("attempt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("ended_at", UtcDateTime),
)

disposal_approvals = sa.Table(
    "disposal_approvals",
    metadata,
    sa.Column("disposal_id", sa.String(40), sa.ForeignKey("disposals.id"), primary_key=True),
    sa.Column("user_id", sa.String(40), primary_key=True),
    sa.Column("user_name", sa.String(80), nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
)

disposal_items = sa.Table(
    "disposal_items",
    metadata,
    sa.Column("disposal_id", sa.String(40), sa.ForeignKey("disposals.id"), primary_key=True),
    sa.Column("recording_id", sa.String(40), sa.ForeignKey("recordings.id"), primary_key=True),
    sa.Column("case_id", sa.String(40), nullable=False),
    sa.Column("proposal_no", sa.String(32), nullable=False),
    sa.Column("retain_until", sa.Date, nullable=False),
    sa.Column("objects", sa.Integer, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("manifest_sha256", sa.String(64)),
    sa.Column("state", sa.String(20), nullable=False),  # planned deleted refused
    sa.Column("code", sa.String(60)),  # why refused
    sa.Column("ended_at", UtcDateTime),
)
