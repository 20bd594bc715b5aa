"""Wire models of the web entry. Until a password or a code is right, no answer tells whether somebody is a customer."""

from datetime import datetime
from typing import Annotated

from pydantic import StringConstraints

from server.callbacks.customer_schemas import WaitingPolicy
from server.http.endpoint import Schema
from server.http.typed import CertNo, Phone, SixDigits

Password = Annotated[str, StringConstraints(min_length=1, max_length=128)]


class EntryState(Schema):
    """What the entry page opens on. `is_known`: this browser is bound, the password alone is asked."""

    is_known: bool
    name_masked: str
    insurer: str
    desk_phone: str
    desk_hours: str
    password_min_length: int
    is_offered: bool
    """Whether this insurer has electronic callbacks at all."""


class BindRequest(Schema, strict=True):
    """Who wants to bind: certificate number and the phone registered with the insurer."""

    cert_no: CertNo
    phone: Phone


class BindCodeSent(Schema):
    """The same for everybody: a code was sent if the two belong together."""

    expires_s: int
    resend_after_s: int


class BindCheck(Schema, strict=True):
    """The code from the SMS, with what it was asked for."""

    cert_no: CertNo
    phone: Phone
    code: SixDigits


class BindTicket(Schema):
    """Opens setting the password, for ten minutes."""

    ticket: str
    expires_at: datetime
    is_bound: bool
    """There is an account already: the password is replaced."""


class NewEntryPassword(Schema, strict=True):
    """The password for later."""

    password: Password


class EntrySignIn(Schema, strict=True):
    """The password; the certificate number only where the browser is not known."""

    password: Password
    cert_no: CertNo | None = None


class EntryTicket(Schema):
    """Opens the list of policies. The identity check follows for each visit."""

    ticket: str
    expires_at: datetime


class EntryPolicies(Schema):
    """The customer's policies that wait for a callback; policy numbers are masked until identity is proven."""

    name_masked: str
    insurer: str
    desk_phone: str
    items: list[WaitingPolicy]


class PolicyTicket(Schema):
    """Opens the identity check of one policy."""

    ticket: str
    expires_at: datetime
