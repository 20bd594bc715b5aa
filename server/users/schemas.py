"""Wire models of staff accounts, sign-in and registration (S4 "怎么注册": the fields of the three kinds of agents)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from server.http.endpoint import Schema
from server.http.typed import Code, OneLine, Phone, Plain, SixDigits

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60), OneLine]
Password = Annotated[str, StringConstraints(min_length=10, max_length=128)]
Login = Annotated[str, Plain, StringConstraints(min_length=1, max_length=64)]


class Role(StrEnum):
    """What a member of staff may do; one person may hold several, within the separation of sales and inspection."""

    AGENT = "agent"
    INSPECTOR = "inspector"
    CALLBACK_OPERATOR = "callback_operator"
    ADMINISTRATOR = "administrator"
    COMPLIANCE = "compliance"


class AgentKind(StrEnum):
    """The three identities an agent registers with: 公司业务员, 银行员工, 中介公司员工."""

    COMPANY = "company"
    BANK = "bank"
    INTERMEDIARY = "intermediary"


class Sex(StrEnum):
    """As on the ID card."""

    MALE = "male"
    FEMALE = "female"


class StaffStatus(StrEnum):
    """`pending` waits for an administrator's approval."""

    PENDING = "pending"
    ACTIVE = "active"
    DISABLED = "disabled"


class SignIn(Schema, strict=True):
    """`login` is the account name, or the phone number. `totp` is asked for by the answer 401 `TOTP_REQUIRED`."""

    login: Login
    password: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    totp: SixDigits | None = None


class Me(Schema):
    """Who is signed in."""

    id: str
    login: str
    display_name: str
    roles: list[Role]
    agent_kind: AgentKind | None
    org_code: str
    team: str
    channel_code: str
    licence_no: str
    must_change_password: bool
    has_totp: bool
    session_expires_at: datetime


class ChangePassword(Schema, strict=True):
    """A signed-in person's own password."""

    current: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    new: Password


class TotpSetup(Schema):
    """A new secret; it counts once a code made from it is confirmed."""

    secret: str
    uri: str


class TotpConfirm(Schema, strict=True):
    """The first code."""

    code: SixDigits


class SmsCodeRequest(Schema, strict=True):
    """Asks for a code by SMS; the answer is the same whether or not the phone is known."""

    phone: Phone
    purpose: Literal["registration"] = "registration"


class _Registration(Schema, strict=True):
    agent_name: Name
    sex: Sex
    phone: Phone
    sms_code: SixDigits
    password: Password
    org_code: Code
    licence_no: Code
    """执业证编号; shown and spoken in the agent-introduction node."""


class CompanyRegistration(_Registration):
    """公司业务员."""

    agent_kind: Literal["company"]
    agent_code: Code
    channel_code: Literal["individual", "group", "telephone"]
    outlet_code: Code


class BankRegistration(_Registration):
    """银行员工: the channel is always the bank's."""

    agent_kind: Literal["bank"]
    agent_code: Code
    channel_code: Literal["bank"] = "bank"
    outlet_code: Code


class IntermediaryRegistration(_Registration):
    """中介公司员工: known by company code and work number."""

    agent_kind: Literal["intermediary"]
    company_code: Code
    work_no: Code
    channel_code: Literal["intermediary"] = "intermediary"
    outlet_code: Code | None = None


Registration = Annotated[CompanyRegistration | BankRegistration | IntermediaryRegistration, Field(discriminator="agent_kind")]


class RegistrationResult(Schema):
    """`login` is what the agent signs in with: the agent code, or `company_code-work_no`."""

    id: str
    login: str
    status: StaffStatus


class DemoLogin(Schema):
    """A documented demo account; development only."""

    login: str
    password: str
    display_name: str
    roles: list[Role]


class Organisation(Schema):
    """An organisation (机构) that accounts belong to."""

    code: str
    name: str


class SignInOptions(Schema):
    """What the sign-in and registration pages need before anybody is signed in. `demo_logins` is empty outside development."""

    mode: Literal["development", "production"]
    requires_approval: bool
    company_channels: list[str]
    organisations: list[Organisation]
    demo_logins: list[DemoLogin]


class UserQuery(Schema):
    """`q` searches login, name, codes; a whole phone number is found by its hash."""

    q: Annotated[str, StringConstraints(max_length=80)] = ""
    role: Role | None = None
    status: StaffStatus | None = None
    page: Annotated[int, Field(ge=1, le=10_000)] = 1
    page_size: Annotated[int, Field(ge=1, le=100)] = 20


class User(Schema):
    """An account as administrators see it; the phone is masked."""

    id: str
    login: str
    display_name: str
    roles: list[Role]
    status: StaffStatus
    agent_kind: AgentKind | None
    agent_code: str
    company_code: str
    work_no: str
    org_code: str
    team: str
    sex: Sex | None
    phone_masked: str
    channel_code: str
    outlet_code: str
    licence_no: str
    has_totp: bool
    must_change_password: bool
    last_sign_in_at: datetime | None
    created_at: datetime


class UserPage(Schema):
    """One page of accounts."""

    items: list[User]
    total: int
    page: int
    page_size: int


class NewUser(Schema, strict=True):
    """An account made by an administrator; the password must be changed at the first sign-in."""

    login: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.\-]{3,64}$")]
    display_name: Name
    roles: Annotated[list[Role], Field(min_length=1, max_length=5)]
    password: Password
    phone: Phone | None = None
    sex: Sex | None = None
    org_code: Code = "HQ"
    team: Code = "default"
    agent_kind: AgentKind | None = None
    agent_code: Code | None = None
    company_code: Code | None = None
    work_no: Code | None = None
    channel_code: Code | None = None
    outlet_code: Code | None = None
    licence_no: Code | None = None


class UserPatch(Schema, strict=True):
    """Changes to an account; what is not given stays. Disabling ends all its sessions; `active` also approves a registration."""

    display_name: Name | None = None
    roles: Annotated[list[Role], Field(min_length=1, max_length=5)] | None = None
    status: Literal["active", "disabled"] | None = None
    org_code: Code | None = None
    team: Code | None = None
    channel_code: Code | None = None
    outlet_code: Code | None = None
    licence_no: Code | None = None
    phone: Phone | None = None


class PasswordReset(Schema):
    """The new one-time password, shown once; it must be changed at the next sign-in. All sessions of the account end."""

    password: str


class LinkKey(Schema, strict=True):
    """The key of a link that came by SMS (`…/m/<page>#k=<key>`)."""

    key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_\-]{16,64}$")]


class CustomerTicket(Schema):
    """A bearer ticket for the customer's pages; `scope` says for which."""

    ticket: str
    scope: str
    expires_at: datetime
