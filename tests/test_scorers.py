"""Whom a rule book names as scorer may score: that, there, and nothing else."""

from datetime import date
from uuid import uuid4

import factories
import pytest
import villages
from factories import VILLAGE

from foundation import clock
from households.errors import NotAllowed
from points import ledger
from points.errors import ScorerNotAllowed


@pytest.mark.usefixtures("opened")
async def test_the_panel_scores_what_the_rule_book_gives_it_and_nothing_else() -> None:
    await factories.divisions()
    home = await factories.household("罗桂英", "1")
    today = clock.today()
    items = [villages.item("ours", scorers=("panel_member",)), villages.item("theirs")]
    version = await villages.adopt(items, on=date(today.year, today.month, 1))
    by_code = {item.code: item.id for item in version.items}

    async def award(role: str, code: str) -> None:
        await ledger.award(
            home, id=uuid4(), item_id=by_code[code], points=3, on=today, reason="评议通过",
            by=factories.official(role),
        )  # fmt: skip

    await award("panel_member", "ours")
    for role, code in (("panel_member", "theirs"), ("grid_worker", "ours"), ("clerk", "ours")):
        with pytest.raises(ScorerNotAllowed):
            await award(role, code)
    with pytest.raises(NotAllowed):
        await ledger.grant_base(VILLAGE, on=today, by=factories.official("panel_member"))
