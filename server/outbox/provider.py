"""The SMS provider port and its adapters.

A provider's adapter (Aliyun, Tencent) is a class with `send`; it gets the template name and parameters, since those
providers send registered templates, and the finished text for those that do not.
"""

from dataclasses import dataclass
from typing import Protocol

from server.settings import Settings


class SmsError(Exception):
    """A provider's refusal or fault; `retryable` says whether the same message may go through later."""

    def __init__(self, code: str, *, retryable: bool) -> None:
        super().__init__(code)
        self.code = code
        self.retryable = retryable


@dataclass(frozen=True, slots=True)
class Sms:
    """A message ready to go."""

    message_id: str
    phone: str
    template: str
    params: dict[str, str]
    text: str


class SmsProvider(Protocol):
    """Sends one message. Must be idempotent by `message_id` where the provider allows."""

    name: str

    async def send(self, sms: Sms) -> str:
        """Return the provider's reference. Raises `SmsError`."""
        ...


class DevelopmentProvider:
    """Development: nothing leaves the machine; the outbox page is where messages are read."""

    name = "development"

    async def send(self, sms: Sms) -> str:
        """Accept the message."""
        return f"development:{sms.message_id}"


class MissingProvider:
    """Production without a configured provider: every message fails visibly."""

    name = "none"

    async def send(self, sms: Sms) -> str:
        """Refuse."""
        raise SmsError("SMS_PROVIDER_MISSING", retryable=True)


def provider_of(settings: Settings) -> SmsProvider:
    """The provider this installation uses."""
    return DevelopmentProvider() if settings.mode == "development" else MissingProvider()
