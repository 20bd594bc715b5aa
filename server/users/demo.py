"""Documented demo accounts. They exist in development alone: seeding and showing both check the mode."""

from dataclasses import dataclass

from server.settings import Settings
from server.users.schemas import AgentKind, DemoLogin, NewUser, Role, Sex

DEMO_PASSWORD = "Demo-2026-pass"  # noqa: S105 - development only, printed by `make run`


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account and the words it is introduced with."""

    user: NewUser
    title: str


def _user(login: str, name: str, role: Role, sex: Sex, phone: str, **more: object) -> NewUser:
    fields = {"login": login, "display_name": name, "roles": [role], "password": DEMO_PASSWORD, "sex": sex, "phone": phone}
    return NewUser.model_validate({**fields, **more})


DEMO_ACCOUNTS: tuple[DemoAccount, ...] = (
    DemoAccount(
        _user(
            "zhangsan", "张三", Role.AGENT, Sex.MALE, "13900000001",
            agent_kind=AgentKind.COMPANY, agent_code="A100001", org_code="110101", team="east-1",
            channel_code="individual", outlet_code="W0101", licence_no="02000111010080002026001001",
        ),
        "公司业务员",
    ),
    DemoAccount(
        _user(
            "lisi", "李思", Role.AGENT, Sex.FEMALE, "13900000002",
            agent_kind=AgentKind.BANK, agent_code="B200001", org_code="110102", team="bank-1",
            channel_code="bank", outlet_code="W0202", licence_no="02000111010080002026002001",
        ),
        "银行员工",
    ),
    DemoAccount(
        _user(
            "wangwu", "王武", Role.AGENT, Sex.MALE, "13900000003",
            agent_kind=AgentKind.INTERMEDIARY, company_code="Z300", work_no="0007", org_code="110103", team="broker-1",
            channel_code="intermediary", outlet_code="W0303", licence_no="02000111010080002026003001",
        ),
        "中介公司员工",
    ),
    DemoAccount(
        _user("zhaoliu", "赵柳", Role.INSPECTOR, Sex.FEMALE, "13900000004", org_code="110000", team="quality"), "质检员"
    ),
    DemoAccount(
        _user("wuyue", "吴悦", Role.INSPECTOR, Sex.FEMALE, "13900000008", org_code="110000", team="quality"), "质检员，复检"
    ),
    DemoAccount(
        _user("sunqi", "孙琪", Role.CALLBACK_OPERATOR, Sex.FEMALE, "13900000005", org_code="110000", team="service"), "回访坐席"
    ),
    DemoAccount(
        _user("admin", "周管理", Role.ADMINISTRATOR, Sex.MALE, "13900000006", org_code="110000", team="platform"), "管理员"
    ),
    DemoAccount(
        _user("hegui", "何规", Role.COMPLIANCE, Sex.FEMALE, "13900000007", org_code="110000", team="compliance"), "合规"
    ),
)  # fmt: skip


def demo_logins(settings: Settings) -> list[DemoLogin]:
    """What the sign-in page may show; nothing outside development."""
    if settings.mode != "development" or not settings.demo_data:
        return []
    return [
        DemoLogin(
            login=item.user.login,
            password=DEMO_PASSWORD,
            display_name=f"{item.user.display_name}（{item.title}）",
            roles=item.user.roles,
        )
        for item in DEMO_ACCOUNTS
    ]
