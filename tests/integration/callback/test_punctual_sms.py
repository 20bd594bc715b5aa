"""«Within ten minutes of the task»: such a message has a time to leave by, goes before others, and is an alarm if it has not."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from server.ops.health import HealthRegistry
from server.ops.standard_probes import add_standard_probes
from server.outbox.delivery import send_due
from server.outbox.provider import Sms, SmsError
from server.outbox.service import enqueue
from server.outbox.tables import outbox_messages
from tests.support.callbacks import whole_policy
from tests.support.core import Service


class Provider:
    """Accepts everything, or nothing, and remembers the order."""

    name = "test"

    def __init__(self, *, is_away: bool = False) -> None:
        self.is_away = is_away
        self.sent: list[str] = []

    async def send(self, sms: Sms) -> str:
        if self.is_away:
            raise SmsError("SMS_PROVIDER_AWAY", retryable=True)
        self.sent.append(sms.template)
        return "x"


async def punctuality(service: Service) -> dict[str, Any]:
    registry = HealthRegistry()
    add_standard_probes(registry, service.context)
    [item] = [item for item in await registry.check() if item.name == "短信时限"]
    return {"status": item.status, **item.data}


async def callback(service: Service) -> None:
    core = await service.core()
    await core.ask("POST", "/api/v1/policies", json=whole_policy(service), status=201)


async def test_a_message_that_has_not_left_in_time_is_an_alarm(service: Service) -> None:
    began = service.clock()
    await callback(service)
    async with service.context.db.read() as tx:
        [due_at] = (await tx.execute(sa.select(outbox_messages.c.due_at))).scalars().all()
    assert due_at == began + timedelta(minutes=10), "the rulebook's number"
    assert await punctuality(service) == {"status": "up", "overdue": 0, "sent_late": 0}
    service.clock.forward(minutes=9)
    await send_due(service.context, Provider(is_away=True))
    assert (await punctuality(service))["status"] == "up"
    service.clock.forward(minutes=1, seconds=1)
    assert await punctuality(service) == {"status": "down", "overdue": 1, "sent_late": 0}
    admin = await service.sign_in("admin")
    [row] = (await admin.ask("GET", "/api/v1/admin/outbox"))["items"]
    assert (row["is_late"], row["sent_at"]) == (True, None)
    assert await send_due(service.context, Provider()) == 1
    assert await punctuality(service) == {"status": "degraded", "overdue": 0, "sent_late": 1}
    [row] = (await admin.ask("GET", "/api/v1/admin/outbox"))["items"]
    assert (row["is_late"], row["status"]) == (True, "sent")


async def test_a_punctual_message_is_none_and_goes_before_a_batch(service: Service) -> None:
    context = service.context
    async with context.db.begin() as tx:
        for number in range(25):
            params = {"sender": "长生人寿", "policy_no": f"P{number}", "deadline": "5月11日24时", "link": "https://x"}
            await enqueue(tx, context, "13900000000", "callback_invitation", params, f"batch:{number}", expires_s=86400)
    service.clock.forward(minutes=1)
    await callback(service)
    service.clock.forward(minutes=1)
    async with context.db.begin() as tx:
        params = {"code": "123456", "minutes": "5"}
        await enqueue(tx, context, "13900000000", "verification_code", params, "code:1", expires_s=300)
    provider = Provider()
    await send_due(context, provider)
    assert provider.sent[0] == "verification_code", "a code is of use for five minutes"
    async with context.db.read() as tx:
        query = sa.select(outbox_messages.c.status).where(outbox_messages.c.due_at.is_not(None))
        assert (await tx.scalar(query)) == "sent"
    assert await punctuality(service) == {"status": "up", "overdue": 0, "sent_late": 0}
