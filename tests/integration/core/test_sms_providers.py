"""Messages leave through a provider that settings name: a class of the installation's own, or its gateway over HTTP."""

import time
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from pydantic import SecretStr, ValidationError

from server.outbox.delivery import send_due
from server.outbox.provider import Sms, SmsError, WebhookProvider, provider_of
from server.outbox.service import enqueue
from server.settings import Settings
from server.webhooks.signing import is_valid
from tests.support.core import Service

SECRET = "gateway-secret-0001"
SMS = Sms("msg_1", "13700000001", "verification_code", {"code": "123456", "minutes": "5"}, "验证码 123456")


class OwnProvider:
    """What an installation would write. A number ending in 9 is a fault of its own."""

    name = "own"

    def __init__(self, settings: Settings) -> None:
        self.sender = settings.public_url

    async def send(self, sms: Sms) -> str:
        if sms.phone.endswith("9"):
            raise ZeroDivisionError
        return f"own:{sms.phone}"


async def test_a_class_named_in_the_settings_sends(service: Service) -> None:
    settings = Settings(data_dir=service.context.settings.data_dir, sms_provider=f"{__name__}:OwnProvider")
    async with service.context.db.begin() as tx:
        for phone in ("13700000009", "13700000001"):
            await enqueue(tx, service.context, phone, "verification_code", dict(SMS.params), f"key:{phone}")
    assert await send_due(service.context, provider_of(settings)) == 1, "a fault with one holds up no other"
    admin = await service.sign_in("admin")
    rows = (await admin.ask("GET", "/api/v1/admin/outbox"))["items"]
    assert not any(row["is_kept_here"] for row in rows)
    assert sorted((row["status"], row["error"], row["provider"]) for row in rows) == [
        ("queued", "SMS_PROVIDER_FAULT", "own"),
        ("sent", "", "own"),
    ]


async def test_the_health_page_says_how_the_newest_message_was_taken(service: Service) -> None:
    admin, settings = await service.sign_in("admin"), service.context.settings

    async def line() -> tuple[str, str]:
        items = (await admin.ask("GET", "/api/v1/admin/health"))["items"]
        return next((item["status"], item["detail"]) for item in items if item["name"] == "短信")

    async def one_more(phone: str) -> None:
        service.clock.forward(seconds=1)
        async with service.context.db.begin() as tx:
            await enqueue(tx, service.context, phone, "verification_code", dict(SMS.params), f"key:{phone}")
        await send_due(service.context)

    assert (await line())[0] == "off", "development keeps its messages"
    await one_more("13700000002")
    settings.sms_provider = f"{__name__}:OwnProvider"
    assert (await line())[0] == "not_measured", "nothing was handed to it yet"
    await one_more("13700000009")
    status, detail = await line()
    assert status == "degraded"
    assert "SMS_PROVIDER_FAULT" in detail
    await one_more("13700000001")
    assert (await line())[0] == "up"


async def test_what_only_this_machine_keeps_was_sent_to_nobody(service: Service) -> None:
    async with service.context.db.begin() as tx:
        await enqueue(tx, service.context, SMS.phone, "verification_code", dict(SMS.params), "key")
    assert await send_due(service.context) == 1
    admin = await service.sign_in("admin")
    page = await admin.ask("GET", "/api/v1/admin/outbox")
    assert (page["sends_out"], page["items"][0]["status"], page["items"][0]["is_kept_here"]) == (False, "sent", True)


@pytest.mark.parametrize("name", ["no.such.module:Class", f"{__name__}:Missing", f"{__name__}:SECRET", "tests", "::"])
def test_what_cannot_be_loaded_stops_the_start(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="DR_SMS_PROVIDER"):
        Settings(data_dir=tmp_path, sms_provider=name)


def test_a_gateway_needs_an_address_and_a_secret(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="DR_SMS_WEBHOOK_SECRET"):
        Settings(data_dir=tmp_path, sms_webhook_url="https://sms.example")
    with pytest.raises(ValidationError, match="DR_SMS_WEBHOOK_URL"):
        Settings(data_dir=tmp_path, sms_webhook_url="ftp://sms.example", sms_webhook_secret=SecretStr(SECRET))
    made = provider_of(Settings(data_dir=tmp_path, sms_webhook_url="https://sms.example", sms_webhook_secret=SecretStr(SECRET)))
    assert isinstance(made, WebhookProvider)


async def test_the_gateway_gets_signed_messages_and_its_answers_count() -> None:
    answers = [
        web.json_response({"reference": "g-7"}),
        web.Response(text="ok"),
        web.Response(status=503),
        web.Response(status=400),
    ]
    bodies: list[dict[str, Any]] = []

    async def receive(request: web.Request) -> web.Response:
        body = await request.read()
        said = request.headers
        assert is_valid(
            SECRET, said["X-Signature"], timestamp=int(said["X-Timestamp"]), delivery_id=said["X-Delivery-Id"], body=body,
            now=int(time.time()),
        )  # fmt: skip
        bodies.append(await request.json())
        return answers[len(bodies) - 1]

    app = web.Application()
    app.router.add_post("/sms", receive)
    async with TestServer(app) as server:
        provider = WebhookProvider(str(server.make_url("/sms")), SECRET)
        assert await provider.send(SMS) == "g-7"
        assert await provider.send(SMS) == "msg_1"
        for status, retryable in ((503, True), (400, False)):
            with pytest.raises(SmsError, match=f"SMS_PROVIDER_ANSWERED_{status}") as refused:
                await provider.send(SMS)
            assert refused.value.retryable is retryable
    with pytest.raises(SmsError, match="SMS_PROVIDER_AWAY"):
        await provider.send(SMS)
    assert bodies[0] == {
        "message_id": "msg_1", "phone": "13700000001", "template": "verification_code", "params": SMS.params, "text": SMS.text
    }  # fmt: skip
