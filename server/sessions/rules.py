"""Loads the session rulebook: YAML beside the rules, or another file an installation gives."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from server.domain.session_setup import SessionRules

DATA = Path(__file__).resolve().parent.parent / "domain" / "data"


def load_rules(path: Path | None = None) -> SessionRules:
    """Read the rulebook. Raises `KeyError` or `ValueError` for a missing or impossible value."""
    data = yaml.safe_load((path or DATA / "session-rulebook.yaml").read_text(encoding="utf-8"))
    rules = rules_from(data)
    if not (0 < rules.bottom_at <= 1 and rules.attempts_max >= 1 and rules.min_zoom >= 1):
        raise ValueError("session rulebook: impossible value")
    return rules


@cache
def consents() -> dict[str, Any]:
    """The consents that customers are asked for, and their version. What is noted as given is what was shown."""
    data: dict[str, Any] = yaml.safe_load((DATA / "consents.yaml").read_text(encoding="utf-8"))
    return data


@cache
def death_benefit_types() -> frozenset[str]:
    """Types of products that pay on death."""
    data = yaml.safe_load((DATA / "session-rulebook.yaml").read_text(encoding="utf-8"))
    return frozenset(data["death_benefit_types"])


def rules_from(data: dict[str, Any]) -> SessionRules:
    """Build the rules from the rulebook's plain values."""
    code, otp, tickets, answers = data["join_code"], data["join_otp"], data["tickets"], data["answers"]
    care, presence, reading, signature = data["care_mode"], data["presence"], data["reading"], data["signature"]
    return SessionRules(
        version=str(data["version"]),
        code_lifetime_s=int(code["lifetime_minutes"] * 60),
        code_attempts=int(code["attempts_per_code"]),
        code_resend_after_s=int(code["resend_after_s"]),
        address_attempts=int(code["attempts_per_address"]),
        address_window_s=int(code["address_window_minutes"] * 60),
        otp_lifetime_s=int(otp["lifetime_minutes"] * 60),
        otp_resend_after_s=int(otp["resend_after_s"]),
        join_ticket_s=int(tickets["join_minutes"] * 60),
        seat_ticket_s=int(tickets["seat_hours"] * 3600),
        consents=tuple(data["consents"]),
        attempts_max=int(answers["attempts_max"]),
        guard_ms=int(answers["guard_ms"]),
        timeout_ms=int(answers["timeout_ms"]),
        care_timeout_ms=int(answers["care_timeout_ms"]),
        silence_ms=int(answers["silence_ms"]),
        lost_after_ms=int(answers["lost_after_ms"]),
        override_reason_min=int(answers["override_reason_min"]),
        care_age=int(care["age"]),
        care_rate=float(care["speech_rate"]),
        normal_rate=float(care["speech_rate_normal"]),
        left_after_s=int(presence["left_after_s"]),
        lobby_s=int(presence["lobby_minutes"] * 60),
        agent_absent_s=int(presence["agent_absent_s"]),
        min_zoom=float(reading["min_zoom"]),
        enlarged_min_ms=int(reading["enlarged_min_ms"]),
        bottom_at=float(reading["bottom_at"]),
        page_min_ms=int(reading["page_min_ms"]),
        view_gap_max_ms=int(reading["view_gap_max_ms"]),
        min_dwell_ms_per_page=int(reading["min_dwell_ms_per_page"]),
        signature_min_points=int(signature["min_points"]),
        signature_min_length=float(signature["min_length"]),
        soft_timer_s=int(data["soft_timer_s"]),
        heard_min_ms=int(data["agent_speech"]["heard_min_ms"]),
        share_silent_s=int(data["share"]["silent_s"]),
    )
