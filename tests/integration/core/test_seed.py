"""Demo data: everything that is promised, real papers, nothing twice, nothing outside development."""

from datetime import date

import pypdfium2
import pytest
import sqlalchemy as sa

from server.cases.documents import content, of_proposal
from server.cases.people import of_proposals
from server.cases.tables import products, proposals
from server.context import Context
from server.domain.rulebook import age_on
from server.ops.demo.papers import TITLES
from server.ops.demo.proposals import demo_proposals
from server.ops.seed import demo_sign_ins, seed
from server.talkscripts.service import current
from server.users.tables import staff_accounts


async def count(context: Context, table: sa.Table) -> int:
    async with context.db.read() as tx:
        return int(await tx.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


async def test_demo_data_is_whole_and_made_once(context: Context) -> None:
    await seed(context)
    before = [await count(context, table) for table in (staff_accounts, products, proposals)]
    await seed(context)
    assert [await count(context, table) for table in (staff_accounts, products, proposals)] == before == [8, 4, 5]
    assert len(demo_sign_ins()) == 8
    async with context.db.read() as tx:
        assert (await current(tx, "standard-life", context.now())).version == 1
        people = await of_proposals(tx, context, [f"P202601000{n}" for n in range(1, 6)])
        elder = people["P2026010003"][0].person
        assert age_on(elder.birth_on, context.now().date()) == 66
        for number in people:
            for paper in await of_proposal(tx, number):
                assert paper.pages >= 2
                assert paper.title_area is not None
                assert paper.number_area is not None
                document = pypdfium2.PdfDocument(await content(context, paper.id))
                text = document[0].get_textpage().get_text_range()
                assert TITLES[paper.kind] in text
                assert number in text
                document.close()


async def test_production_gets_the_talk_script_alone(context: Context) -> None:
    context.settings.mode = "production"
    await seed(context)
    assert [await count(context, table) for table in (staff_accounts, products, proposals)] == [0, 0, 0]


@pytest.mark.parametrize("day", [date(2026, 11, 22), date(2028, 2, 29), date(2027, 1, 1), date(2026, 12, 31)])
def test_demo_people_keep_their_ages_on_any_day(day: date) -> None:
    ages = {p.name: age_on(p.birth_on, day) for proposal in demo_proposals(day) for p in proposal.persons}
    assert (ages["赵德明"], ages["陈小宝"], ages["王建国"]) == (66, 8, 45)
