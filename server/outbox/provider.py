"""The SMS provider port and its adapters.

A provider's adapter (Aliyun, Tencent) is a class with `name` and `send`, made with the settings and named by `DR_SMS_PROVIDER`.
It gets the template name and parameters, since those providers send registered templates, and the finished text for those that
do not.
"""

import pkgutil
import time
from dataclasses import dataclass
from typing import Protocol

import aiohttp
import orjson

from server.settings import Settings
from server.webhooks.signing import sign

TIMEOUT_S = 10.0
MAX_ANSWER_BYTES = 1 << 16


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


class WebhookProvider:
    """Posts each message as JSON to a gateway of the insurer's, signed like every webhook (`server/webhooks/signing.py`).

    The message id is the delivery id: the gateway sees it again when its answer was lost, and sends once.
    """

    name = "webhook"

    def __init__(self, url: str, secret: str) -> None:
        self._url, self._secret = url, secret

    async def send(self, sms: Sms) -> str:
        """Post it. 429 and 5xx may go through later; any other refusal is final."""
        fields = ("message_id", "phone", "template", "params", "text")
        body = orjson.dumps({name: getattr(sms, name) for name in fields})
        now = int(time.time())
        headers = {
            "Content-Type": "application/json",
            "X-Delivery-Id": sms.message_id,
            "X-Timestamp": str(now),
            "X-Signature": sign(self._secret, timestamp=now, delivery_id=sms.message_id, body=body),
        }
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_S)) as http,
                http.post(self._url, data=body, headers=headers, allow_redirects=False) as answer,
            ):
                text = await answer.content.read(MAX_ANSWER_BYTES)
        except aiohttp.ClientError as error:
            raise SmsError("SMS_PROVIDER_AWAY", retryable=True) from error
        if answer.status == 429 or answer.status >= 500:
            raise SmsError(f"SMS_PROVIDER_ANSWERED_{answer.status}", retryable=True)
        if not 200 <= answer.status < 300:
            raise SmsError(f"SMS_PROVIDER_ANSWERED_{answer.status}", retryable=False)
        return _reference(text) or sms.message_id


def _reference(text: bytes) -> str:
    """What the gateway calls the message (`{"reference": "…"}`), where it says so."""
    try:
        said = orjson.loads(text)
    except orjson.JSONDecodeError:
        return ""
    return str(said.get("reference") or "")[:80] if isinstance(said, dict) else ""


def sends_out(settings: Settings) -> bool:
    """Whether messages leave this machine; else they are kept in the outbox, to be read there."""
    return bool(settings.sms_provider or settings.sms_webhook_url)


def provider_of(settings: Settings) -> SmsProvider:
    """The provider this installation uses."""
    if settings.sms_provider:
        found: SmsProvider = pkgutil.resolve_name(settings.sms_provider)(settings)
        return found
    if settings.sms_webhook_url:
        return WebhookProvider(settings.sms_webhook_url, settings.sms_webhook_secret.get_secret_value())
    return DevelopmentProvider() if settings.mode == "development" else MissingProvider()
