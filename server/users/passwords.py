"""Passwords: argon2id in a worker thread, and what a password must not be."""

import asyncio
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from server.http.problem import Problem

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = _HASHER.hash(secrets.token_urlsafe(16))
_COMMON = ("password", "12345678", "qwerty", "abcdefgh", "11111111", "88888888", "66666666")


async def hash_password(password: str) -> str:
    """The encoded argon2id hash (OWASP's 19 MiB, two passes)."""
    return await asyncio.to_thread(_HASHER.hash, password)


async def verify_password(encoded: str | None, password: str) -> bool:
    """Whether the password is right. Without an account the same work is done, so that time tells nothing."""

    def check() -> bool:
        try:
            return _HASHER.verify(encoded or _NOBODY, password) and encoded is not None
        except (VerificationError, InvalidHashError):
            return False

    return await asyncio.to_thread(check)


def require_strong(password: str, *names: str) -> None:
    """Raise 422 `PASSWORD_WEAK` for common passwords, one repeated character, and one's own name or phone in it."""
    lowered = password.lower()
    has_two_kinds = any(c.isalpha() for c in password) and any(not c.isalpha() for c in password)
    is_named = any(len(name) >= 4 and name.lower() in lowered for name in names)
    if len(set(password)) < 5 or is_named or any(word in lowered for word in _COMMON) or not has_two_kinds:
        raise Problem(422, "PASSWORD_WEAK")


def one_time_password() -> str:
    """A password for an administrator to hand over; readable, 62 bits."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(3)) + str(secrets.randbelow(90) + 10)
