"""Invented households: who lives in them, how old they are, what the register knows of them.

A family is drawn first as relations and years of birth, then given names and numbers. What a
household is registered as (脱贫户, 低保户 ...) is drawn apart from how it will be scored, so that
points reveal nothing of it.
"""

from datetime import date, timedelta
from random import Random
from uuid import UUID

import msgspec

from api.demo import names, seeds
from api.demo.identity import NumberBook
from api.demo.places import DemoRegion, Placement, is_community, short_name

# Shapes of a household and how many in a hundred have it; the mean comes to about 3.4 people, as
# in the sample village (1,026 in 300).
_SHAPES = {
    "alone": 9,
    "couple": 22,
    "nuclear": 37,
    "three_generations": 20,
    "with_sons_family": 4,
    "one_parent": 4,
    "left_behind": 4,
}
_AGES = {
    "alone": (38, 84),
    "couple": (54, 82),
    "nuclear": (28, 52),
    "three_generations": (32, 58),
    "with_sons_family": (54, 74),
    "one_parent": (34, 54),
    "left_behind": (55, 72),
}
_MEMBERS_MAX = 7
_AGE_MAX = 96
_PHONE_AGES = range(14, 79)
_KINDS = {"一般户": 88, "脱贫户": 7, "低保户": 3, "监测户": 2}
_AWAY_SHARE = 0.05
_FORMS = ("full", "masked", "unnamed")
_FORM_WEIGHTS = (40, 42, 18)
_RECORDED_SHARE = 0.72
_SON = ("长子", "次子", "三子", "四子")
_DAUGHTER = ("长女", "次女", "三女", "四女")


class DemoMember(msgspec.Struct, frozen=True):
    """One person; `sex` is "男" or "女", `phone` empty for who has none."""

    id: UUID
    name: str
    sex: str
    relation: str
    born: date
    id_number: str
    phone: str


class DemoNameChoice(msgspec.Struct, frozen=True):
    """How the household wants to be named: "full", "masked" or "unnamed", for wall and for web."""

    wall: str
    web: str
    recorded_on: date
    how: str


class DemoHousehold(msgspec.Struct, frozen=True):
    """One household; the first member is its head. `away`: nobody at home, hence never scored."""

    id: UUID
    number: str
    village: str
    group: str
    grid: str
    kind: str
    address: str
    remark: str
    away: bool
    members: tuple[DemoMember, ...]
    name_choice: DemoNameChoice | None


class _Draft(msgspec.Struct):
    """A member before names and numbers; `line` says whose surname he was born with."""

    relation: str
    sex: str
    year: int
    line: str = "father"


def settle(
    village: DemoRegion, *, placements: tuple[Placement, ...], ordinal: int, on: date, seed: int
) -> tuple[DemoHousehold, ...]:
    """The households of one village as registered by `on`; `ordinal` is its place in the county."""
    families = names.clans(village.code, seed=seed)
    numbers = NumberBook(ordinal, seed=seed)
    return tuple(
        _household(
            village,
            placement=placement,
            number=f"{n:03d}",
            families=families,
            numbers=numbers,
            on=on,
            seed=seed,
        )
        for n, placement in enumerate(placements, 1)
    )


def _household(
    village: DemoRegion,
    *,
    placement: Placement,
    number: str,
    families: tuple[str, ...],
    numbers: NumberBook,
    on: date,
    seed: int,
) -> DemoHousehold:
    chance = seeds.stream(seed, village.code, "household", number)
    shape = chance.choices(tuple(_SHAPES), tuple(_SHAPES.values()))[0]
    drafts = _family(chance, shape=shape, this_year=on.year)
    members = _people(
        chance,
        drafts=drafts,
        families=families,
        numbers=numbers,
        on=on,
        ids=tuple(
            seeds.identity(seed, village.code, "resident", number, n)
            for n in range(1, len(drafts) + 1)
        ),
    )
    elder_alone = shape == "alone" and on.year - drafts[0].year >= 60
    away = not elder_alone and chance.random() < _AWAY_SHARE
    return DemoHousehold(
        id=seeds.identity(seed, village.code, "household", number),
        number=number,
        village=village.code,
        group=placement.group,
        grid=placement.grid,
        kind=_kind(chance, elder_alone=elder_alone),
        address=_address(village, placement=placement),
        remark="独居老人" if elder_alone else "全家外出务工" if away else "",
        away=away,
        members=members,
        name_choice=_name_choice(chance, on=on),
    )


def _family(chance: Random, *, shape: str, this_year: int) -> list[_Draft]:
    year = this_year - chance.randint(*_AGES[shape])
    lone = shape in ("alone", "one_parent")
    sex = "男" if chance.random() < (0.6 if lone else 0.87) else "女"
    drafts = [_Draft("户主", sex, year, line="own")]
    if not lone:
        other = "女" if sex == "男" else "男"
        drafts.append(_Draft("配偶", other, year + chance.randint(-4, 4), line="spouse"))
    if shape in ("nuclear", "three_generations", "one_parent"):
        drafts += _children(chance, parents_year=year, this_year=this_year)
    if shape == "three_generations":
        drafts += _parents(chance, head_year=year, this_year=this_year)
    if shape == "with_sons_family":
        son = year + chance.randint(22, 27)
        drafts += [
            _Draft("长子", "男", son),
            _Draft("儿媳", "女", son + chance.randint(-3, 3), line="married_in"),
        ]
    if shape in ("with_sons_family", "left_behind"):
        drafts += _grandchildren(chance, head_year=year, this_year=this_year)
    return drafts[:_MEMBERS_MAX]


def _children(chance: Random, *, parents_year: int, this_year: int) -> list[_Draft]:
    count = chance.choices((1, 2, 3), (32, 55, 13))[0]
    born, sons, daughters = parents_year + chance.randint(22, 28), 0, 0
    found: list[_Draft] = []
    while len(found) < count and born < this_year:
        sex = "男" if chance.random() < 0.53 else "女"
        relation = _SON[sons] if sex == "男" else _DAUGHTER[daughters]
        found.append(_Draft(relation, sex, born))
        sons, daughters = sons + (sex == "男"), daughters + (sex == "女")
        born += chance.randint(2, 6)
    return found


def _parents(chance: Random, *, head_year: int, this_year: int) -> list[_Draft]:
    father = head_year - chance.randint(21, 29)
    mother = min(father + chance.randint(-1, 5), head_year - 20)
    both = [
        _Draft("父亲", "男", father, line="own"),
        _Draft("母亲", "女", mother, line="married_in"),
    ]
    kept = both if chance.random() < 0.55 else [both[chance.random() < 0.65]]
    return [parent for parent in kept if this_year - parent.year <= _AGE_MAX]


def _grandchildren(chance: Random, *, head_year: int, this_year: int) -> list[_Draft]:
    born, found = head_year + chance.randint(46, 54), []
    for _ in range(chance.choices((1, 2), (55, 45))[0]):
        boy = chance.random() < 0.53
        found.append(
            _Draft("孙子" if boy else "孙女", "男" if boy else "女", min(born, this_year - 1))
        )
        born += chance.randint(2, 5)
    return found


def _people(
    chance: Random,
    *,
    drafts: list[_Draft],
    families: tuple[str, ...],
    numbers: NumberBook,
    on: date,
    ids: tuple[UUID, ...],
) -> tuple[DemoMember, ...]:
    own = names.surname(chance, families=families)
    spouse = names.surname_of_stranger(chance)
    # A child takes the father's surname; a head without a spouse here gives her own or the
    # surname of the family that she married into.
    father = spouse if drafts[0].sex == "女" else own
    people = []
    for draft, member_id in zip(drafts, ids, strict=True):
        surname = {"own": own, "spouse": spouse, "father": father}.get(draft.line)
        born = _birthday(chance, year=draft.year, on=on)
        wants_phone = chance.random() < (0.97 if draft.relation == "户主" else 0.8)
        people.append(
            DemoMember(
                id=member_id,
                name=(surname or names.surname_of_stranger(chance))
                + names.given(chance, sex=draft.sex, born_year=draft.year),
                sex=draft.sex,
                relation=draft.relation,
                born=born,
                id_number=numbers.id_number(born=born, sex=draft.sex, order=chance.randrange(500)),
                phone=numbers.phone()
                if wants_phone and on.year - draft.year in _PHONE_AGES
                else "",
            )
        )
    return tuple(people)


def _birthday(chance: Random, *, year: int, on: date) -> date:
    born = date(year, 1, 1) + timedelta(days=chance.randrange(365))
    return min(born, on - timedelta(days=1))


def _kind(chance: Random, *, elder_alone: bool) -> str:
    if elder_alone and chance.random() < 0.2:
        return "五保户"
    return chance.choices(tuple(_KINDS), tuple(_KINDS.values()))[0]


def _address(village: DemoRegion, *, placement: Placement) -> str:
    where = short_name(village)
    if is_community(village):
        flat = placement.place - 1
        return (
            f"{where}{placement.group_ordinal}号楼{flat // 24 + 1}单元"
            f"{flat % 24 // 4 + 1}0{flat % 4 + 1}"
        )
    return f"{where}{placement.group_ordinal}组{placement.place}号"


def _name_choice(chance: Random, *, on: date) -> DemoNameChoice | None:
    if chance.random() >= _RECORDED_SHARE:
        return None
    wall = chance.choices(range(3), _FORM_WEIGHTS)[0]
    # Few want to be plainer on the web than on their own wall.
    web = min(wall + chance.choices((0, 1, 2), (55, 35, 10))[0], len(_FORMS) - 1)
    return DemoNameChoice(
        wall=_FORMS[wall],
        web=_FORMS[web],
        recorded_on=on - timedelta(chance.randint(1, 45)),
        how="paper" if chance.random() < 0.8 else "in_person",
    )
