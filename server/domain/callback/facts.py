"""Facts a callback is decided on: the policy, its people, and whether a sealed recording exists. Given by the core system."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class CertificateType(StrEnum):
    """Kind of the policyholder's certificate; decides the identity method (S1 E8)."""

    ID_CARD = "id_card"
    PASSPORT = "passport"
    HK_MACAU_PERMIT = "hk_macau_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    OTHER = "other"

    @classmethod
    def _missing_(cls, value: object) -> "CertificateType | None":
        """How callbacks and rulebooks of earlier versions spelled it."""
        return cls.HK_MACAU_PERMIT if value == "hk_macao_permit" else None


class PaymentMode(StrEnum):
    """How premiums are paid."""

    SINGLE_PAY = "single_pay"
    REGULAR_PAY = "regular_pay"


class Channel(StrEnum):
    """Where the policy was sold."""

    AGENT = "agent"
    BANK = "bank"
    INTERMEDIARY = "intermediary"
    ONLINE = "online"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """One policy as the rules see it. Amounts are fen; instants carry a zone; dates are local (Asia/Shanghai).

    `has_recording` is true exactly when a sealed recording exists (S1: the dual-recorded question). `product_type` is one of
    participating, universal, unit_linked, health, term, whole_life, annuity, other.
    """

    policy_no: str
    product_name: str
    product_type: str
    payment_mode: PaymentMode
    channel: Channel
    issued_at: datetime
    effective_on: date
    policyholder_name: str
    insured_name: str
    certificate: CertificateType = CertificateType.ID_CARD
    is_first_time: bool = True
    is_insured_policyholder: bool = False
    insured_age: int = 30
    policyholder_age: int = 40
    term_text: str = ""
    payment_years: int | None = None
    payment_frequency: str = ""
    premium_fen: int = 0
    next_due_on: date | None = None
    guaranteed_rate: str | None = None
    waiting_period_days: int = 0
    fees_text: str = ""
    net_amount_fen: int | None = None
    """What of the first premium goes into the account after its charges (S3 art. 11)."""
    has_recording: bool = False
    has_electronic_contract: bool = True
    notified_at: datetime | None = None
    cooling_off_days: int | None = None
    """None: what the rulebook says."""
    phone: str = ""
    has_phone: bool = True
    """False where the policyholder left no number: the responsible unit finds one first (A14)."""
    term_over_one_year: bool = True
    insurer: str = ""
    """As the rulebook names it."""
    insurer_phone: str = ""
    """The number customers call, as the rulebook has it."""
    desk_hours: str = ""
    """When somebody answers there, as the rulebook has it and people read it."""

    @property
    def is_new_type(self) -> bool:
        """新型产品: participating, universal or unit-linked."""
        return self.product_type in ("participating", "universal", "unit_linked")
