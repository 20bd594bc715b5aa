"""The first administrator of an installation (`python -m server create-admin`): production has no demo accounts, and every other
account is made by an administrator.

The password comes from the terminal, from standard input or from a file, never from the command line, where others could read it;
it must be changed at the first sign-in. Refused where an administrator exists, unless forced (a lock-out); audited either way.
"""

import argparse
import asyncio
import getpass
import os
import sys
from pathlib import Path

import sqlalchemy as sa
from pydantic import ValidationError

from server.audits.service import record
from server.bootstrap import build_context
from server.context import Context
from server.http.problem import Problem
from server.settings import Settings
from server.users import service as users
from server.users.passwords import hash_password, require_strong
from server.users.schemas import NewUser, Role
from server.users.tables import staff_accounts
from storage.db.engine import Tx

_WHY = {
    "USER_LOGIN_TAKEN": "这个登录名已有人使用，请换一个。",
    "PASSWORD_WEAK": "密码太容易猜：至少 10 个字符，含字母和数字或符号，不要用登录名、姓名或常见词。",
}
_EXISTS = "已有管理员（{known}），没有新建。忘记密码时可由另一位管理员重置；确实无人能登录时，加 --force 再试。"


class Refused(Exception):
    """The account is not made; the text says why and what to do."""


async def create_admin(context: Context, login: str, name: str, password: str, *, is_forced: bool, by: str) -> str:
    """Write the account. Returns its id. Raises `Refused`.

    Args:
        by: who runs the command, for the audit log.
        is_forced: another administrator may exist.
    """
    try:
        user = NewUser(login=login, display_name=name, roles=[Role.ADMINISTRATOR], password=password)
        require_strong(password, login, name)
    except ValidationError as error:
        field = error.errors(include_input=False)[0]["loc"][0]
        rule = {"login": "登录名须为 3–64 个字母、数字或 . _ -", "password": "密码须为 10–128 个字符"}
        raise Refused(rule.get(str(field), "姓名须为 1–60 个字") + "。") from None
    except Problem as problem:
        raise Refused(_WHY[problem.code]) from None
    hashed = await hash_password(password)
    async with context.db.begin() as tx:
        known = await administrators(tx)
        if known and not is_forced:
            raise Refused(_EXISTS.format(known="、".join(known)))
        try:
            made = await users.create(tx, context, by, user, hashed, must_change=True)
        except Problem as problem:
            raise Refused(_WHY.get(problem.code, problem.code)) from None
        data = {"login": made.login, "is_forced": is_forced, "administrators_before": known}
        await record(tx, context, actor=by, action="user.administrator_from_console", subject=made.id, data=data)
    return made.id


async def administrators(tx: Tx) -> list[str]:
    """Logins of the administrators who may sign in."""
    rows = await tx.execute(sa.select(staff_accounts.c.login, staff_accounts.c.roles).where(staff_accounts.c.status == "active"))
    return sorted(login for login, roles in rows if Role.ADMINISTRATOR.value in roles)


def _password(options: argparse.Namespace) -> str:
    if options.password_file is not None:
        try:
            return str(options.password_file.read_text("utf-8")).rstrip("\r\n")
        except OSError as error:
            raise Refused(f"读不到密码文件 {options.password_file}：{error.strerror}。") from None
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    first = getpass.getpass("密码：")
    if getpass.getpass("再输入一次：") != first:
        raise Refused("两次输入不一致，没有新建。")
    return first


def _operator() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return f"uid-{os.getuid()}"


async def _run(options: argparse.Namespace) -> None:
    context = build_context(Settings())
    try:
        by = f"console:{_operator()}@{os.uname().nodename}"[:80]
        password = await asyncio.to_thread(_password, options)
        await create_admin(context, options.login, options.name, password, is_forced=options.force, by=by)
    except (sa.exc.OperationalError, sa.exc.ProgrammingError):
        raise Refused("数据库连不上，或者还没有表：请检查 DR_DATABASE_URL，并先运行 python -m server migrate。") from None
    finally:
        await context.db.aclose()


def main(rest: list[str]) -> int:
    """Command line; 1 where nothing was made."""
    parser = argparse.ArgumentParser(
        prog="python -m server create-admin", description="新建第一位管理员；密码从终端、标准输入或文件读取"
    )
    parser.add_argument("login", help="登录名")
    parser.add_argument("--name", required=True, help="姓名")
    parser.add_argument("--password-file", type=Path, help="密码文件，用后请删除；不给时从终端或标准输入读取")
    parser.add_argument("--force", action="store_true", help="已有管理员时也新建（无人能登录时用），会记入审计")
    options = parser.parse_args(rest)
    try:
        asyncio.run(_run(options))
    except Refused as refused:
        print(f"✗ {refused}", file=sys.stderr)  # noqa: T201 - the console is this command's interface
        return 1
    done = f"✓ 已新建管理员 {options.login}。第一次登录时须修改密码；建议随后在“我的账号”打开动态验证码。"
    print(done)  # noqa: T201 - the console is this command's interface
    return 0
