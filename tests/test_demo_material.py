"""The demo county's material: invented, well formed, the same for the same arguments."""

import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import date
from functools import cache
from itertools import pairwise

import msgspec
import pytest

from api.demo import people, places, scoring, seeds
from api.demo.families import DemoHousehold
from api.demo.people import DemoCounty
from rules import starters

FIRST, LAST = date(2025, 11, 1), date(2026, 10, 31)
HUAIZHUANG, XIGUAN, PENGGONG = "610428106221", "610428001200", "610428106000"

DIGEST_IN_A_NEW_PROCESS = """
import hashlib, msgspec
from datetime import date
from api.demo import people, places, scoring
from rules import starters
county = people.county(places.divisions(seed=7), households=90, villages=3, seed=7,
                       on=date(2025, 11, 1))
found = hashlib.sha256(msgspec.json.encode(county))
for village in county.villages:
    months = scoring.year(village.households, items=starters.load(village.starter).items,
                          first=date(2025, 11, 1), last=date(2026, 10, 31), seed=7)
    found.update(msgspec.json.encode(list(months)))
print(found.hexdigest())
"""


@cache
def county(households: int = 6000, villages: int = 20, seed: int = 1) -> DemoCounty:
    return people.county(
        places.divisions(seed=seed), households=households, villages=villages, seed=seed, on=FIRST
    )


def homes_of(found: DemoCounty) -> list[DemoHousehold]:
    return [home for village in found.villages for home in village.households]


def deeds_of(
    village: people.DemoVillage, *, first: date = FIRST, last: date = LAST, seed: int = 1
) -> list[scoring.DemoDeed]:
    items = starters.load(village.starter).items
    months = scoring.year(village.households, items=items, first=first, last=last, seed=seed)
    return [deed for _, deeds in months for deed in deeds]


@cache
def one_village_a_starter() -> tuple[people.DemoVillage, ...]:
    by_starter = {village.starter: village for village in county().villages}
    assert set(by_starter) == set(starters.names())
    return tuple(by_starter[name] for name in starters.names())


def check_digit(first_seventeen: str) -> str:
    """ISO 7064 MOD 11-2 by its recursive definition, unlike the weights of the product."""
    rest = 0
    for digit in first_seventeen:
        rest = (rest + int(digit)) * 2 % 11
    return "0123456789X"[(12 - rest) % 11]


# The county and its regions


def test_the_divisions_are_the_149_official_ones() -> None:
    levels = Counter(region.level for region in places.divisions(seed=1))
    assert levels == {"county": 1, "township": 8, "village": 140}


def test_the_county_has_249_grids_and_every_village_one() -> None:
    grids = [region for region in county().regions if region.level == "grid"]
    assert len(grids) == 249
    assert len({grid.parent for grid in grids}) == 140
    assert all(re.fullmatch(rf"{grid.parent}-W\d\d\d", grid.code) for grid in grids)


def test_parents_stand_before_children_and_no_code_or_id_occurs_twice() -> None:
    seen: set[str] = {""}
    for region in county().regions:
        assert region.parent in seen
        assert region.code not in seen
        seen.add(region.code)
    assert len({region.id for region in county().regions}) == len(county().regions)


def test_every_settled_village_has_five_to_nine_groups_and_micro_grids() -> None:
    for village in county().villages:
        below = [region for region in county().regions if region.code.startswith(village.code)]
        assert 5 <= sum(region.level == "group" for region in below) <= 9
        micro = {region.code for region in below if region.level == "micro_grid"}
        assert all(re.fullmatch(rf"{village.code}-W\d\d\d-\d\d", code) for code in micro)
        assert {home.grid for home in village.households} <= micro
        assert {home.group for home in village.households} == {
            region.code for region in below if region.level == "group"
        }


def test_the_pilots_are_settled_and_one_township_completely() -> None:
    settled = [village.code for village in county().villages]
    assert settled[:2] == [HUAIZHUANG, XIGUAN]
    township = {region.code for region in county().regions if region.parent == PENGGONG}
    assert len(township) == 17
    assert township <= set(settled)
    assert len({code[:9] for code in settled}) == 2


@pytest.mark.parametrize(("households", "villages"), [(6000, 20), (500, 3), (140, 140), (1, 1)])
def test_as_many_households_and_villages_as_asked_for(households: int, villages: int) -> None:
    found = county(households, villages)
    assert len(homes_of(found)) == households
    assert len(found.villages) == villages
    assert all(village.households for village in found.villages)


@pytest.mark.parametrize(("households", "villages"), [(0, 0), (10, 141), (3, 4), (10, -1)])
def test_a_county_that_cannot_be_is_refused(households: int, villages: int) -> None:
    with pytest.raises(ValueError, match="villages"):
        people.county(
            places.divisions(seed=1), households=households, villages=villages, seed=1, on=FIRST
        )


# People


def test_households_have_one_to_seven_members_and_about_three_and_a_half() -> None:
    sizes = [len(home.members) for home in homes_of(county())]
    assert min(sizes) == 1
    assert max(sizes) == 7
    assert 3.2 < sum(sizes) / len(sizes) < 3.6


def test_id_numbers_belong_to_nobody_and_are_consistent() -> None:
    members = [member for home in homes_of(county()) for member in home.members]
    for member in members:
        number = member.id_number
        assert re.fullmatch(r"99\d{15}[\dX]", number)
        assert number[6:14] == f"{member.born:%Y%m%d}"
        assert int(number[16]) % 2 == (member.sex == "男")
        assert number[17] == check_digit(number[:17])
    assert len({member.id_number for member in members}) == len(members)


def test_phone_numbers_are_invented_and_used_once() -> None:
    phones = [
        member.phone for home in homes_of(county()) for member in home.members if member.phone
    ]
    phones += [official.phone for official in county().officials if official.resident is None]
    assert all(re.fullmatch(r"199\d{8}", phone) for phone in phones)
    assert len(set(phones)) == len(phones) > 6000


def test_families_are_possible() -> None:
    for home in homes_of(county()):
        head, *others = home.members
        assert head.relation == "户主"
        assert all(member.born < FIRST for member in home.members)
        for other in others:
            assert other.relation != "户主"
            if other.relation[-1] in "子女" and other.relation[0] in "长次三四":
                assert other.born.year - head.born.year >= 18
            if other.relation in ("父亲", "母亲"):
                assert head.born.year - other.born.year >= 18
            if other.relation == "配偶":
                assert other.sex != head.sex


def test_relations_that_only_one_person_can_have_occur_once() -> None:
    for home in homes_of(county()):
        single = [m.relation for m in home.members if m.relation not in ("孙子", "孙女")]
        assert len(set(single)) == len(single)


def test_every_name_form_is_chosen_by_some_and_none_recorded_by_others() -> None:
    choices = [home.name_choice for home in homes_of(county())]
    chosen = [choice for choice in choices if choice]
    order = ("full", "masked", "unnamed")
    assert {choice.wall for choice in chosen} == {choice.web for choice in chosen} == set(order)
    assert 0.5 < len(chosen) / len(choices) < 0.9
    assert all(order.index(choice.web) >= order.index(choice.wall) for choice in chosen)
    assert all(choice.recorded_on < FIRST and choice.how for choice in chosen)


# Officials and votes


def test_every_village_has_its_officials_and_they_live_in_households_of_it() -> None:
    for village in county().villages:
        living = {member.id: home.id for home in village.households for member in home.members}
        serving = [
            official
            for official in county().officials
            if official.duties[0].region.startswith(village.code)
        ]
        roles = Counter(duty.role for official in serving for duty in official.duties)
        assert roles["clerk"] == roles["supervisor"] == 1
        assert roles["scorer"] >= 2, "somebody must be able to score the scorer's household"
        assert roles["panel_member"] == 3
        assert roles["group_cadre"] == len({home.group for home in village.households})
        assert all(living[official.resident] == official.household for official in serving)
        assert len({official.household for official in serving}) == len(serving)


def test_every_grid_has_a_worker_and_every_level_its_officials() -> None:
    duties = [duty for official in county().officials for duty in official.duties]
    roles = Counter(duty.role for duty in duties)
    assert roles["grid_worker"] == 249
    assert roles["township_official"] == 16
    assert roles["county_official"] == 2
    assert roles["auditor"] == roles["admin"] == 1
    assert {duty.region for duty in duties} <= {region.code for region in county().regions}
    logins = [official.login for official in county().officials]
    assert len(set(logins)) == len(logins)
    assert all(re.fullmatch(r"[a-z0-9-]{4,40}", login) for login in logins)


def test_a_village_with_too_few_residents_is_served_from_outside() -> None:
    found = county(4, 2)
    clerks = [official for official in found.officials if official.duties[0].role == "clerk"]
    assert len(clerks) == 2
    outside = [
        official
        for official in found.officials
        if official.duties[0].role == "group_cadre" and official.household is None
    ]
    assert outside


def test_votes_reached_their_quorum_and_one_village_has_not_voted() -> None:
    adopted = [village.adoption for village in county().villages if village.adoption]
    assert len(adopted) == len(county().villages) - 1
    for vote in adopted:
        assert vote.adults / 2 < vote.present <= vote.adults
        assert vote.present / 2 < vote.votes_for
        assert vote.votes_for + vote.votes_against <= vote.present
        assert vote.voted_on < FIRST


# Scores


@pytest.mark.parametrize("starter", starters.names())
def test_points_stay_within_every_items_bounds_and_caps(starter: str) -> None:
    village = next(v for v in one_village_a_starter() if v.starter == starter)
    items = {item.code: item for item in starters.load(starter).items}
    spent: dict[tuple[object, ...], int] = defaultdict(int)
    for deed in deeds_of(village):
        item = items[deed.item]
        assert item.points_min <= deed.points <= item.points_max
        assert FIRST <= deed.on <= LAST
        assert deed.on_sheet == item.on_month_sheet
        period = {
            "day": deed.on,
            "month": (deed.on.year, deed.on.month),
            "year": deed.on.year,
            "quarter": (deed.on.year, (deed.on.month - 1) // 3),
            "once": None,
        }[item.cap_period]
        spent[deed.household, deed.item, period] += deed.points
    assert {items[str(code)].cap_period for _, code, _ in spent} >= {"month", "quarter", "once"}
    for (_, code, _), points in spent.items():
        assert points <= (items[str(code)].cap_points or points)


@pytest.mark.parametrize("starter", starters.names())
def test_a_sheet_has_one_cell_a_household_item_and_month_dated_at_its_end(starter: str) -> None:
    village = next(v for v in one_village_a_starter() if v.starter == starter)
    sheet = [deed for deed in deeds_of(village) if deed.on_sheet]
    cells = {(deed.household, deed.item, deed.on) for deed in sheet}
    assert len(cells) == len(sheet)
    assert len({deed.on for deed in sheet}) == 12
    assert all((deed.on.toordinal() + 1) == _next_month(deed.on).toordinal() for deed in sheet)


@pytest.mark.parametrize("starter", starters.names())
def test_every_ordinary_item_is_scored_and_some_households_get_nought_or_nothing(
    starter: str,
) -> None:
    village = next(v for v in one_village_a_starter() if v.starter == starter)
    deeds = deeds_of(village)
    scored = {deed.item for deed in deeds}
    assert {item.code for item in starters.load(starter).items if item.points_max <= 10} <= scored
    assert any(deed.points == 0 for deed in deeds)
    first_item = starters.load(starter).items[0].code
    cells = sum(deed.item == first_item for deed in deeds)
    assert 0.8 < cells / (12 * len(village.households)) < 0.99
    away = {home.id for home in village.households if home.away}
    assert away
    assert not away & {deed.household for deed in deeds}


def test_courtyards_are_cleaner_before_the_spring_festival_than_at_harvest() -> None:
    marks: dict[int, list[int]] = defaultdict(list)
    for village in one_village_a_starter():
        for deed in deeds_of(village):
            if deed.item == "courtyard":
                marks[deed.on.month].append(deed.points)
    mean = {month: sum(points) / len(points) for month, points in marks.items()}
    assert mean[1] > mean[6] + 1
    assert mean[1] > mean[10] + 1


def test_households_differ_and_their_order_changes_from_month_to_month() -> None:
    village = county().villages[0]
    tops = []
    items = starters.load(village.starter).items
    for _, deeds in scoring.year(village.households, items=items, first=FIRST, last=LAST, seed=1):
        earned: Counter[object] = Counter()
        for deed in deeds:
            earned[deed.household] += deed.points
        assert len(set(earned.values())) > 30
        tops.append([household for household, _ in earned.most_common(20)])
    assert all(before != after for before, after in pairwise(tops))


def test_a_month_that_is_not_over_ends_today() -> None:
    today = date(2026, 2, 11)
    deeds = deeds_of(county().villages[0], last=today)
    assert max(deed.on for deed in deeds) == today
    assert {deed.on.replace(day=1) for deed in deeds} == {
        date(2025, 11, 1),
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    }


@pytest.mark.parametrize(("first", "last"), [(date(2026, 1, 2), LAST), (FIRST, date(2025, 10, 31))])
def test_a_span_that_is_none_is_refused(first: date, last: date) -> None:
    with pytest.raises(ValueError, match="span"):
        deeds_of(county().villages[0], first=first, last=last)


def test_what_a_household_is_registered_as_never_shows_in_its_points() -> None:
    village = county().villages[0]
    poorer = tuple(
        msgspec.structs.replace(home, kind="低保户", remark="") for home in village.households
    )
    assert deeds_of(msgspec.structs.replace(village, households=poorer)) == deeds_of(village)


# The same arguments, the same county


def test_a_household_is_scored_alike_with_and_without_its_neighbours() -> None:
    village = county().villages[0]
    home = next(home for home in village.households if not home.away)
    alone = deeds_of(msgspec.structs.replace(village, households=(home,)))
    assert alone == [deed for deed in deeds_of(village) if deed.household == home.id]


def test_another_process_with_another_hash_seed_makes_the_same_county() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-c", DIGEST_IN_A_NEW_PROCESS],
            check=True,
            capture_output=True,
            env={
                **os.environ,
                "PYTHONHASHSEED": hash_seed,
                "PYTHONPATH": os.pathsep.join(sys.path),
            },
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert len(digests) == 1


def test_another_seed_makes_another_county() -> None:
    one, other = county(90, 3, 1), county(90, 3, 2)
    assert {home.id for home in homes_of(one)}.isdisjoint(home.id for home in homes_of(other))
    assert [m.name for home in homes_of(one) for m in home.members] != [
        m.name for home in homes_of(other) for m in home.members
    ]


# Small rules


@pytest.mark.parametrize(
    ("number", "spoken"),
    [
        (1, "一"),
        (9, "九"),
        (10, "十"),
        (11, "十一"),
        (19, "十九"),
        (20, "二十"),
        (35, "三十五"),
    ],
)
def test_numerals_are_spoken(number: int, spoken: str) -> None:
    assert places.numeral(number) == spoken


@pytest.mark.parametrize(
    ("total", "weights", "parts"),
    [
        (10, [1, 1], [5, 5]),
        (3, [1, 1, 100], [1, 1, 1]),
        (5, [1, 1, 100], [1, 1, 3]),
        (2, [1, 5, 5], [0, 1, 1]),
        (7, [1, 1, 1], [3, 2, 2]),
    ],
)
def test_shares_add_up(total: int, weights: list[float], parts: list[int]) -> None:
    assert seeds.shares(total, weights) == parts


def _next_month(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, 1)
