"""Products, proposals with their people and documents, cases with their participants and history."""

import sqlalchemy as sa

from storage.db.metadata import Json, UtcDateTime, id_column, metadata

products = sa.Table(
    "products",
    metadata,
    sa.Column("code", sa.String(40), primary_key=True),
    sa.Column("name", sa.String(60), nullable=False),
    sa.Column("product_type", sa.String(20), nullable=False),
    sa.Column("waiting_period_days", sa.Integer, nullable=False),
    sa.Column("cooling_off_days", sa.Integer, nullable=False),
    sa.Column("grade", sa.Integer, nullable=False),
    sa.Column("is_over_one_year", sa.Boolean, nullable=False),
    sa.Column("guaranteed_rate", sa.String(10)),
    sa.Column("summary", sa.String(400), nullable=False, default=""),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
)

proposals = sa.Table(
    "proposals",
    metadata,
    sa.Column("proposal_no", sa.String(32), primary_key=True),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("product_code", sa.String(40), sa.ForeignKey("products.code"), nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("org_code", sa.String(40), nullable=False),
    sa.Column("region_code", sa.String(6), nullable=False),
    sa.Column("agent_id", sa.String(40), sa.ForeignKey("staff_accounts.id"), nullable=False, index=True),
    sa.Column("premium", Json, nullable=False),
    sa.Column("sum_insured_fen", sa.BigInteger, nullable=False),
    sa.Column("coverage", sa.String(60), nullable=False),
    sa.Column("is_over_one_year", sa.Boolean, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False, index=True),
)

proposal_persons = sa.Table(
    "proposal_persons",
    metadata,
    id_column(),
    sa.Column("proposal_no", sa.String(32), sa.ForeignKey("proposals.proposal_no"), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("roles", Json, nullable=False),
    sa.Column("cert_type", sa.String(24), nullable=False),
    sa.Column("data_enc", sa.Text, nullable=False),
    sa.Column("name_hash", sa.String(64), nullable=False, index=True),
    sa.Column("phone_hash", sa.String(64), index=True),
    sa.Column("cert_hash", sa.String(64), nullable=False, index=True),
)

proposal_documents = sa.Table(
    "proposal_documents",
    metadata,
    id_column(),
    sa.Column("proposal_no", sa.String(32), sa.ForeignKey("proposals.proposal_no"), nullable=False, index=True),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(24), nullable=False),
    sa.Column("title", sa.String(60), nullable=False),
    sa.Column("requires_signature", sa.Boolean, nullable=False),
    sa.Column("pages", sa.Integer, nullable=False),
    sa.Column("size_bytes", sa.Integer, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("areas", Json, nullable=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("disposed_at", UtcDateTime),
    sa.UniqueConstraint("proposal_no", "kind", "sha256"),
)

cases = sa.Table(
    "cases",
    metadata,
    id_column(),
    sa.Column("proposal_no", sa.String(32), sa.ForeignKey("proposals.proposal_no"), nullable=False, index=True),
    sa.Column("state", sa.String(24), nullable=False),
    sa.Column("agent_id", sa.String(40), sa.ForeignKey("staff_accounts.id"), nullable=False),
    sa.Column("product_type", sa.String(20), nullable=False),
    sa.Column("is_elderly", sa.Boolean, nullable=False),
    sa.Column("has_minor", sa.Boolean, nullable=False),
    sa.Column("is_supplementary", sa.Boolean, nullable=False, default=False),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("updated_at", UtcDateTime, nullable=False),
    # Lists are read newest first, whole, by state or by agent.
    sa.Index("ix_cases_created", "created_at", "id"),
    sa.Index("ix_cases_updated", "updated_at", "id"),
    sa.Index("ix_cases_agent_created", "agent_id", "created_at", "id"),
    sa.Index("ix_cases_state_updated", "state", "updated_at", "id"),
)

case_participants = sa.Table(
    "case_participants",
    metadata,
    id_column(),
    sa.Column("case_id", sa.String(40), sa.ForeignKey("cases.id"), nullable=False, index=True),
    sa.Column("person_id", sa.String(40), sa.ForeignKey("proposal_persons.id"), nullable=False),
    sa.Column("position", sa.Integer, nullable=False),
    sa.Column("roles", Json, nullable=False),
    sa.Column("attends", sa.Boolean, nullable=False),
    sa.Column("represented_by", sa.String(40)),
    sa.Column("location", sa.String(12), nullable=False),
)

case_events = sa.Table(
    "case_events",
    metadata,
    sa.Column("case_id", sa.String(40), sa.ForeignKey("cases.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("event", sa.String(30), nullable=False),
    sa.Column("from_state", sa.String(24)),
    sa.Column("to_state", sa.String(24), nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("actor_name", sa.String(60), nullable=False),
    sa.Column("note", sa.String(400), nullable=False),
)
