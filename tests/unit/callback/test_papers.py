"""Every form as it is printed: nothing stands over the edge of its page."""

from datetime import UTC, datetime
from typing import get_args

import pypdfium2

from server.callbacks.forms import Purpose, form_of
from server.callbacks.library import shipped_questionnaire, shipped_rulebook
from server.callbacks.papers import draw
from server.domain.callback.engine import start
from server.domain.callback.facts import Channel
from tests.support.policies import plain_policy

NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
POLICY = plain_policy(
    NOW,
    product_name="福享年年两全保险（分红型）",
    product_type="participating",
    channel=Channel.BANK,
    fees_text="初始费用 3%",
    net_amount_fen=1_940_000,
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
