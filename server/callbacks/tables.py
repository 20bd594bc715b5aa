"""Policies, callbacks with their append-only history, staff tasks, identity sessions, pages, files, service calls, samples."""

import sqlalchemy as sa

from storage.db.metadata import Json, UtcDateTime, id_column, metadata

callback_rulebooks = sa.Table(
    "callback_rulebooks",
    metadata,
    sa.Column("rulebook_id", sa.String(20), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("effective_from", sa.Date, nullable=False),
    sa.Column("data", Json, nullable=False),
    sa.Column("published_at", UtcDateTime, nullable=False),
    sa.Column("published_by", sa.String(80), nullable=False),
)

callback_questionnaires = sa.Table(
    "callback_questionnaires",
    metadata,
    sa.Column("questionnaire_id", sa.String(20), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", Json, nullable=False),
    sa.Column("published_at", UtcDateTime, nullable=False),
    sa.Column("published_by", sa.String(80), nullable=False),
)

workday_years = sa.Table(
    "workday_years",
    metadata,
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", Json, nullable=False),  # holidays [[first, last]], workdays [day]; ISO dates
    sa.Column("note", sa.String(200), nullable=False),
    sa.Column("published_at", UtcDateTime, nullable=False),
    sa.Column("published_by", sa.String(80), nullable=False),
)

policies = sa.Table(
    "policies",
    metadata,
    sa.Column("policy_no", sa.String(40), primary_key=True),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("proposal_no", sa.String(32), index=True),
    sa.Column("case_id", sa.String(40), index=True),
    sa.Column("recording_id", sa.String(40)),
    sa.Column("rulebook_id", sa.String(20), nullable=False),
    sa.Column("product_type", sa.String(20), nullable=False),
    sa.Column("channel", sa.String(20), nullable=False),
    sa.Column("org_code", sa.String(40), nullable=False, index=True),
    sa.Column("agent_id", sa.String(40)),
    sa.Column("data_enc", sa.Text, nullable=False),  # facts with names, phone, certificate number
    sa.Column("customer_hash", sa.String(64), nullable=False, index=True),  # certificate type and number
    sa.Column("cert_hash", sa.String(64), nullable=False, index=True),  # the number alone, for searching
    sa.Column("name_hash", sa.String(64), nullable=False, index=True),
    sa.Column("phone_hash", sa.String(64), nullable=False, index=True),
    sa.Column("status", sa.String(20), nullable=False),  # in_force surrendered cancelled lapsed ended
    sa.Column("status_changed_at", UtcDateTime),  # when it happened: what is older does not take its place
    sa.Column("phone_changed_at", UtcDateTime),  # when the phone changed, likewise (S0 E18: it binds the next day)
    sa.Column("issued_at", UtcDateTime, nullable=False),
    sa.Column("received_at", UtcDateTime, nullable=False, index=True),
)

callbacks = sa.Table(
    "callbacks",
    metadata,
    id_column(),
    sa.Column("policy_no", sa.String(40), sa.ForeignKey("policies.policy_no"), nullable=False, unique=True),
    sa.Column("customer_hash", sa.String(64), nullable=False, index=True),
    sa.Column("org_code", sa.String(40), nullable=False, index=True),
    sa.Column("rulebook_id", sa.String(20), nullable=False),
    sa.Column("rulebook_version", sa.Integer, nullable=False),
    sa.Column("frozen", Json, nullable=False),  # rulebook and questionnaire data, covered subjects
    sa.Column("facts_enc", sa.Text, nullable=False),  # PolicyFacts at creation
    sa.Column("state", sa.String(20), nullable=False, index=True),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("result", sa.String(20), nullable=False),
    sa.Column("channel", sa.String(20)),  # by which channel it succeeded
    sa.Column("problem_category", sa.String(30), nullable=False, server_default=""),
    sa.Column("next_due_at", UtcDateTime, index=True),  # when time itself changes it next; null when finished
    sa.Column("next_call_at", UtcDateTime, index=True),
    sa.Column("assigned_to", sa.String(40), index=True),
    sa.Column("created_at", UtcDateTime, nullable=False, index=True),
    sa.Column("finished_at", UtcDateTime),
)

callback_events = sa.Table(
    "callback_events",
    metadata,
    sa.Column("callback_id", sa.String(40), sa.ForeignKey("callbacks.id"), primary_key=True),
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("recorded_at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(40), nullable=False),
    sa.Column("rule", sa.String(30), nullable=False),
    sa.Column("state", sa.String(20), nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("data_enc", sa.Text, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),  # chain over the callback's own history
)

callback_tasks = sa.Table(
    "callback_tasks",
    metadata,
    id_column(),
    sa.Column("callback_id", sa.String(40), sa.ForeignKey("callbacks.id"), index=True),
    sa.Column("policy_no", sa.String(40), nullable=False, index=True),
    sa.Column("org_code", sa.String(40), nullable=False, index=True),
    sa.Column("kind", sa.String(30), nullable=False, index=True),
    sa.Column("detail", sa.String(200), nullable=False, server_default=""),
    sa.Column("rule", sa.String(30), nullable=False),
    sa.Column("priority", sa.Integer, nullable=False, server_default="50"),  # smaller goes first
    sa.Column("not_before", UtcDateTime),
    sa.Column("due_at", UtcDateTime, nullable=False, index=True),
    sa.Column("status", sa.String(12), nullable=False, index=True),  # open done cancelled
    sa.Column("assigned_to", sa.String(40)),
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("done_at", UtcDateTime),
    sa.Column("done_by", sa.String(40)),
    sa.Column("outcome", Json),
)

callback_identity_sessions = sa.Table(
    "callback_identity_sessions",
    metadata,
    id_column(),
    sa.Column("customer_hash", sa.String(64), nullable=False, index=True),
    sa.Column("callback_id", sa.String(40), nullable=False),
    sa.Column("entry", sa.String(8), nullable=False),  # link web
    sa.Column("method", sa.String(12), nullable=False),  # face sms_code
    sa.Column("proof", Json, nullable=False),  # similarity, liveness findings, or the code's id: never the picture
    sa.Column("passed_at", UtcDateTime, nullable=False),
    sa.Column("last_at", UtcDateTime, nullable=False),
    sa.Column("ended_at", UtcDateTime),
)

callback_pages = sa.Table(
    "callback_pages",
    metadata,
    id_column(),
    sa.Column("callback_id", sa.String(40), sa.ForeignKey("callbacks.id"), nullable=False, index=True),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),  # identity notice questionnaire confirm signature result
    sa.Column("content_enc", sa.Text, nullable=False),  # what was shown, exactly
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("device", sa.String(200), nullable=False),
)

callback_files = sa.Table(
    "callback_files",
    metadata,
    id_column(),
    sa.Column("callback_id", sa.String(40), sa.ForeignKey("callbacks.id"), index=True),
    sa.Column("service_call_id", sa.String(40), index=True),
    sa.Column("kind", sa.String(30), nullable=False),  # call_recording, form, scan
    sa.Column("purpose", sa.String(30), nullable=False),  # of a form or scan: letter visit explanation re_signature
    sa.Column("content_type", sa.String(60), nullable=False),
    sa.Column("size_bytes", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),  # of the plain content
    sa.Column("object_key", sa.String(120), nullable=False),
    sa.Column("facts", Json, nullable=False),  # duration and codec of a recording, pages of a paper
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("made_by", sa.String(80), nullable=False),
    sa.Column("custody_version", sa.Integer, nullable=False, server_default="0"),  # of the contract, as applied on the store
    sa.Column("custody_attempt", sa.Integer, nullable=False, server_default="0"),
    sa.Column("disposed_at", UtcDateTime),
)

service_events = sa.Table(
    "service_events",
    metadata,
    sa.Column("event_no", sa.String(40), primary_key=True),
    sa.Column("content_hash", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),  # change grace premium surrender claim
    sa.Column("policy_no", sa.String(40), nullable=False, index=True),
    sa.Column("subject", sa.String(60), nullable=False, server_default=""),  # the premium a grace or premium event is about
    sa.Column("answer", Json, nullable=False),  # what was answered, given again for the same event
    sa.Column("received_at", UtcDateTime, nullable=False),
)

service_calls = sa.Table(
    "service_calls",
    metadata,
    id_column(),
    sa.Column("event_no", sa.String(40), sa.ForeignKey("service_events.event_no"), nullable=False, index=True),
    sa.Column("policy_no", sa.String(40), nullable=False, index=True),
    sa.Column("org_code", sa.String(40), nullable=False, index=True),
    sa.Column("kind", sa.String(20), nullable=False, index=True),  # grace_reminder lapse_followup surrender claim
    sa.Column("rule", sa.String(30), nullable=False),
    sa.Column("not_before", UtcDateTime, nullable=False),
    sa.Column("due_at", UtcDateTime, nullable=False, index=True),
    sa.Column("next_call_at", UtcDateTime),
    sa.Column("status", sa.String(16), nullable=False, index=True),  # open number_failed done problem cancelled closed
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("result", sa.String(20), nullable=False),
    sa.Column("findings", Json, nullable=False),  # what the answers brought to light, by name
    sa.Column("data_enc", sa.Text, nullable=False),  # person, phone, amounts, answers, notes
    sa.Column("created_at", UtcDateTime, nullable=False),
    sa.Column("done_at", UtcDateTime),
    sa.Column("done_by", sa.String(80), nullable=False),
    sa.UniqueConstraint("event_no", "kind"),
)

phone_checks = sa.Table(
    "phone_checks",
    metadata,
    sa.Column("number", sa.String(40), primary_key=True),  # of a proposal or a policy
    sa.Column("phone_hash", sa.String(64), nullable=False),
    sa.Column("checked_at", UtcDateTime, nullable=False),
)

phone_warnings = sa.Table(
    "phone_warnings",
    metadata,
    id_column(),
    sa.Column("kind", sa.String(30), nullable=False),  # shared_by_policyholders belongs_to_agent
    sa.Column("number", sa.String(40), nullable=False, index=True),  # the proposal or policy that brought it up
    sa.Column("phone_hash", sa.String(64), nullable=False, index=True),
    sa.Column("phone_masked", sa.String(20), nullable=False),
    sa.Column("others", Json, nullable=False),  # numbers with the same phone
    sa.Column("agent_id", sa.String(40)),
    sa.Column("org_code", sa.String(40), nullable=False),
    sa.Column("rule", sa.String(30), nullable=False),
    sa.Column("status", sa.String(12), nullable=False, index=True),  # open cleared confirmed
    sa.Column("outcome", sa.String(30), nullable=False),
    sa.Column("note", sa.String(1000), nullable=False),
    sa.Column("found_at", UtcDateTime, nullable=False, index=True),
    sa.Column("done_at", UtcDateTime),
    sa.Column("done_by", sa.String(80), nullable=False),
    sa.UniqueConstraint("kind", "number", "phone_hash"),
)

callback_samples = sa.Table(
    "callback_samples",
    metadata,
    id_column(),
    sa.Column("callback_id", sa.String(40), sa.ForeignKey("callbacks.id"), nullable=False, unique=True),
    sa.Column("org_code", sa.String(40), nullable=False),
    sa.Column("rule", sa.String(30), nullable=False),  # the sampling rule that chose it; empty: not chosen
    sa.Column("status", sa.String(12), nullable=False, index=True),  # not_chosen open passed failed
    sa.Column("operator", sa.String(80), nullable=False),  # who held the call: never the one who checks it
    sa.Column("checks", Json, nullable=False),
    sa.Column("note", sa.String(1000), nullable=False),
    sa.Column("finished_at", UtcDateTime, nullable=False, index=True),
    sa.Column("due_at", UtcDateTime),
    sa.Column("reviewed_at", UtcDateTime),
    sa.Column("reviewed_by", sa.String(80), nullable=False),
)
