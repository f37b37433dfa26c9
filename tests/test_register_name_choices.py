"""What households chose about their names on posted lists, and how it is written down."""

from datetime import timedelta
from uuid import uuid4

import factories
import pytest
from factories import OTHER_VILLAGE, VILLAGE, official

from foundation import clock
from foundation.models import AuditLine
from households import card, name_choices, register
from households.details import HouseholdDetails
from households.errors import DetailRefused, HouseholdNotFound, NotAllowed
from households.name_choices import NameChoice

CLERK = official("clerk")
DAY = clock.today() - timedelta(days=10)


@pytest.fixture(autouse=True)
async def _village(opened: str) -> None:
    await factories.divisions()


async def test_nothing_is_chosen_until_somebody_chose() -> None:
    key = await factories.household("张明", "7")
    (row,) = await name_choices.sheet(CLERK, village=VILLAGE)
    assert (row.household, row.wall, row.web, row.chosen_on) == (key, "", "", None)


async def test_wall_and_web_are_chosen_apart_and_kept_with_day_and_way() -> None:
    key = await factories.household("张明", "7")
    await name_choices.choose_name(key, wall="full", on=DAY, how="oral", by=CLERK)
    await name_choices.choose_name(key, web="unnamed", on=DAY, how="phone", by=CLERK)
    shown = await card.card(key, actor=CLERK)
    assert (shown.name_wall, shown.name_web) == ("full", "unnamed")
    assert (shown.name_chosen_on, shown.name_chosen_how) == (DAY, "phone")
    (ref,) = await register.roster(VILLAGE)
    assert (ref.name_wall, ref.name_web) == ("full", "unnamed")


async def test_a_sheet_is_recorded_at_once_or_not_at_all() -> None:
    keys = [await factories.household(f"张{name}", str(n)) for n, name in enumerate("甲乙丙")]
    given = HouseholdDetails(head="周八")
    elsewhere = await register.create(OTHER_VILLAGE, given, by=factories.OPERATOR)
    choices = [NameChoice(key, wall="masked", web="unnamed") for key in keys]
    for stranger in (elsewhere, uuid4()):
        with pytest.raises(HouseholdNotFound):
            await name_choices.choose_names(
                [*choices, NameChoice(stranger, wall="full")], on=DAY, how="paper_sheet", by=CLERK
            )
    assert {row.wall for row in await name_choices.sheet(CLERK, village=VILLAGE)} == {""}
    record = {"on": DAY, "how": "paper_sheet", "by": CLERK}
    assert await name_choices.choose_names(choices, **record) == 3  # type: ignore[arg-type]
    assert await name_choices.choose_names(choices, **record) == 0  # type: ignore[arg-type]
    line = await AuditLine.get(verb="register.choose_names")
    assert line.facts == {"households": 3, "how": "paper_sheet", "on": DAY.isoformat()}


async def test_an_older_paper_does_not_override_a_younger_choice() -> None:
    key = await factories.household("张明", "7")
    await name_choices.choose_name(key, wall="unnamed", on=DAY, how="oral", by=CLERK)
    with pytest.raises(DetailRefused) as refusal:
        await name_choices.choose_name(
            key, wall="full", on=DAY - timedelta(days=1), how="paper_sheet", by=CLERK
        )
    assert refusal.value.code == "older_choice"


async def test_a_choice_is_made_today_or_before_and_written_down_by_who_may() -> None:
    key = await factories.household("张明", "7")
    with pytest.raises(DetailRefused):
        await name_choices.choose_name(
            key, wall="full", on=clock.today() + timedelta(days=1), how="oral", by=CLERK
        )
    with pytest.raises(NotAllowed):
        await name_choices.choose_name(key, wall="full", on=DAY, how="oral", by=official("scorer"))
    with pytest.raises(HouseholdNotFound):
        await name_choices.choose_name(
            key, wall="full", on=DAY, how="oral", by=official("clerk", OTHER_VILLAGE)
        )
