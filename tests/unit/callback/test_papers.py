"""Every form as it is printed: nothing stands over the edge of its page."""

from datetime import UTC, date, datetime
from typing import get_args

import pypdfium2

from server.callbacks.forms import Purpose, form_of
from server.callbacks.library import shipped_questionnaire, shipped_rulebook
from server.callbacks.papers import draw
from server.domain.callback.engine import start
from server.domain.callback.facts import Channel, PaymentMode, PolicyFacts

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
POLICY = PolicyFacts(
    policy_no="00001354407808088",
    product_name="福享年年两全保险（分红型）",
    product_type="participating",
    payment_mode=PaymentMode.REGULAR_PAY,
    channel=Channel.BANK,
    issued_at=NOW,
    effective_on=date(2026, 3, 4),
    policyholder_name="周云峰",
    insured_name="赵一",
    term_text="终身",
    payment_years=5,
    payment_frequency="年",
    premium_fen=2_000_000,
    fees_text="初始费用 3%",
    net_amount_fen=1_940_000,
    phone="13700008888",
)


async def test_no_line_of_a_form_runs_over_the_edge() -> None:
    rulebook = shipped_rulebook("S3")
    case, _ = start(POLICY, rulebook, shipped_questionnaire("S3"), NOW)
    for purpose in get_args(Purpose):
        pdf = pypdfium2.PdfDocument(await draw(form_of(purpose, case, "A1B2C3D4", NOW, "Asia/Shanghai")))
        for page in pdf:
            text = page.get_textpage()
            right = max(text.get_charbox(index)[2] for index in range(text.count_chars()))
            assert right <= page.get_width() - 36, purpose
