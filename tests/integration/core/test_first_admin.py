"""The first administrator of an installation: made on the console, once, with a password that is never on the command line."""

import io
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from server.audits.tables import audit_entries
from server.context import Context
from server.ops.first_admin import Refused, create_admin, main
from server.ops.migrations import upgrade
from server.settings import Settings
from server.users.repository import by_login
from server.users.tables import staff_accounts
from tests.support.core import Service

GOOD = "Harbour-9-lamp"


async def make(context: Context, login: str = "root1", password: str = GOOD, *, is_forced: bool = False) -> str:
    return await create_admin(context, login, "王敏", password, is_forced=is_forced, by="console:ops@host")


async def test_made_once_then_only_by_force_and_always_audited(context: Context) -> None:
    made = await make(context)
    async with context.db.read() as tx:
        row = await by_login(tx, context, "root1")
        logged = (await tx.execute(sa.select(audit_entries.c.action, audit_entries.c.actor, audit_entries.c.subject))).all()
    assert row is not None
    assert (row["id"], row["roles"], row["status"], row["must_change_password"]) == (made, ["administrator"], "active", True)
    assert {("user.created", "console:ops@host", made), ("user.administrator_from_console", "console:ops@host", made)} <= set(
        logged
    )
    with pytest.raises(Refused, match="已有管理员（root1）"):
        await make(context, "root2")
    with pytest.raises(Refused, match="登录名已有人使用"):
        await make(context, "ROOT1", is_forced=True)
    assert await make(context, "root2", is_forced=True)


@pytest.mark.parametrize(
    ("login", "password", "why"),
    [
        ("root1", "short1", "密码须为"),
        ("root1", "password-2026", "太容易猜"),
        ("root1", "my-root1-door-9", "太容易猜"),
        ("管理", GOOD, "登录名须为"),
    ],
)
async def test_what_is_refused_leaves_nothing(context: Context, login: str, password: str, why: str) -> None:
    with pytest.raises(Refused, match=why):
        await make(context, login, password)
    async with context.db.read() as tx:
        assert await tx.scalar(sa.select(sa.func.count()).select_from(staff_accounts)) == 0


async def test_a_disabled_administrator_locks_nobody_out_for_good(context: Context) -> None:
    made = await make(context)
    async with context.db.begin() as tx:
        await tx.execute(sa.update(staff_accounts).where(staff_accounts.c.id == made).values(status="disabled"))
    assert await make(context, "root2")


async def test_signs_in_and_must_change_the_password(service: Service) -> None:
    await make(service.context, is_forced=True)
    admin = await service.sign_in("root1", GOOD)
    assert (await admin.ask("GET", "/api/v1/auth/me"))["must_change_password"] is True
    await admin.refused("GET", "/api/v1/admin/users", 403, "PASSWORD_CHANGE_REQUIRED")


def test_on_the_console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("DR_DATA_DIR", str(tmp_path / "data"))
    file = tmp_path / "password"
    file.write_text(f"{GOOD}\n")
    command = ["root1", "--name", "王敏", "--password-file", str(file)]
    assert main(command) == 1
    assert "server migrate" in capsys.readouterr().err
    upgrade(Settings().database_url)
    assert main(command) == 0
    assert "已新建管理员 root1" in capsys.readouterr().out
    assert main(["root2", *command[1:]]) == 1
    assert "已有管理员（root1）" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{GOOD}\n"))
    assert main(["root2", "--name", "李强", "--force"]) == 0
    assert GOOD not in capsys.readouterr().out
