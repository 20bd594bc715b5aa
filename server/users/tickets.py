"""Customer tickets: short-lived signed tokens (JWT, HS256) that say who may do what in which case or session.

A ticket is a bearer credential for customers, who have no account. It is bound to a scope (`session`, `identity`,
`callback`, …); an endpoint that serves customers checks the scope it needs.
"""

from datetime import UTC, timedelta
from typing import Any

import jwt

from server.context import Context
from server.http.endpoint import Principal
from server.http.problem import Problem
from storage.db.ids import new_id

_ALGORITHM = "HS256"
_AUDIENCE = "customer"


def issue_ticket(context: Context, *, subject: str, scope: str, expires_s: int, **claims: Any) -> str:
    """Make a ticket.

    Args:
        context: shared services (key and clock).
        subject: who it stands for, such as a participant id.
        scope: what it opens.
        expires_s: lifetime in seconds.
        claims: further plain values: case_id, session_id, participant_id….
    """
    now = context.now().astimezone(UTC)
    payload = {
        **claims,
        "sub": subject,
        "scope": scope,
        "aud": _AUDIENCE,
        "jti": new_id("tkt"),
        "iat": now,
        "exp": now + timedelta(seconds=expires_s),
    }
    return jwt.encode(payload, context.settings.ticket_key.get_secret_value(), algorithm=_ALGORITHM)


def verify_ticket(context: Context, token: str, *, scope: str | None = None) -> dict[str, Any]:
    """Return the claims. Raises 401 `TICKET_INVALID` or `TICKET_EXPIRED`, and 403 `TICKET_SCOPE` for another scope."""
    try:
        claims: dict[str, Any] = jwt.decode(
            token,
            context.settings.ticket_key.get_secret_value(),
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            options={"require": ["sub", "exp", "iat", "aud", "jti"], "verify_exp": False, "verify_iat": False},
        )
        expires = int(claims["exp"])
    except (jwt.InvalidTokenError, ValueError, TypeError) as error:
        raise Problem(401, "TICKET_INVALID") from error
    if expires <= context.now().timestamp():
        raise Problem(401, "TICKET_EXPIRED")
    if scope is not None and claims.get("scope") != scope:
        raise Problem(403, "TICKET_SCOPE")
    return claims


def customer(claims: dict[str, Any]) -> Principal:
    """The principal a ticket stands for."""
    return Principal("customer", id=str(claims["sub"]), claims=claims)


def require_scope(who: Principal, *scopes: str) -> None:
    """Raise 403 `TICKET_SCOPE` unless the customer's ticket has one of the scopes."""
    if who.claims.get("scope") not in scopes:
        raise Problem(403, "TICKET_SCOPE")
