"""The starter rule books are sound, stay inside the hard lines and fit the month sheet."""

from collections import Counter

import msgspec
import pytest

from rules import starters

BLOCKS = {"environment", "law", "customs", "public_service"}
PUNISHING = (
    "罚",
    "扣",
    "处分",
    "惩",
    "取消",
    "暂停",
    "不予",
    "不得",
    "禁止",
    "严禁",
    "黑名单",
    "曝光",
    "通报",
    "批评",
    "减分",
    "倒扣",
    "负分",
    "连带",
    "亲属",
    "家属",
    "滞纳",
    "违约",
    "没收",
)
WELFARE_AND_RIGHTS = (
    "低保",
    "五保",
    "救助",
    "补助",
    "养老金",
    "医保",
    "入学",
    "上学",
    "参军",
    "政审",
    "贷款",
    "证明",
    "上访",
    "信访",
    "投诉",
    "举报",
    "调解",
    "走访",
    "投票",
    "同意",
    "赞成",
    "宗教",
    "生育",
    "彩礼",
)

every_starter = pytest.mark.parametrize("name", starters.names())


def texts(starter: starters.Starter) -> list[str]:
    return [
        starter.title,
        starter.suits,
        starter.preamble,
        *(clause.text for clause in starter.clauses),
        *(item.name for item in starter.items),
    ]


def with_courtyard(values: dict[str, object]) -> bytes:
    """The plain village's starter as JSON, some fields of its first item replaced."""
    raw = msgspec.to_builtins(starters.load("plain-village"))
    raw["items"][0].update(values)
    return msgspec.json.encode(raw)


def test_three_starters_ship_and_differ() -> None:
    assert len(starters.names()) == 3
    assert len({starters.load(name).preamble for name in starters.names()}) == 3
    assert len({starters.load(name).suits for name in starters.names()}) == 3


@every_starter
def test_a_starter_has_twenty_to_thirty_items_in_four_blocks(name: str) -> None:
    starter = starters.load(name)
    assert 20 <= len(starter.items) <= 30
    assert {clause.block for clause in starter.clauses} == BLOCKS
    assert {item.block for item in starter.items} == BLOCKS


@every_starter
def test_a_starter_fits_together(name: str) -> None:
    starter = starters.load(name)
    assert starters.faults(starter) == []
    numbers = [clause.number for clause in starter.clauses]
    assert numbers == list(range(1, len(numbers) + 1))
    assert [item.order for item in starter.items] == list(range(1, len(starter.items) + 1))
    assert {item.clause for item in starter.items} == set(numbers), "a clause without an item"


@every_starter
def test_a_month_sheet_shows_three_to_six_items_a_block_and_five_in_the_first(name: str) -> None:
    shown = Counter(item.block for item in starters.load(name).items if item.on_month_sheet)
    assert shown["environment"] == 5
    assert all(3 <= shown[block] <= 6 for block in BLOCKS)


@every_starter
def test_every_item_only_gives_and_is_capped(name: str) -> None:
    for item in starters.load(name).items:
        assert 0 <= item.points_min <= item.points_max > 0
        assert item.cap_points is not None, "an item without a cap"
        assert item.cap_points >= item.points_max


@every_starter
def test_no_text_punishes_or_touches_a_right(name: str) -> None:
    for text in texts(starters.load(name)):
        assert [word for word in (*PUNISHING, *WELFARE_AND_RIGHTS) if word in text] == []


@every_starter
def test_the_supervisor_who_checks_never_scores(name: str) -> None:
    assert all("supervisor" not in item.scorers for item in starters.load(name).items)


@every_starter
def test_settings_post_the_least_and_long_enough(name: str) -> None:
    settings = starters.load(name).settings
    assert {settings.name_form_wall, settings.name_form_web} <= {"masked", "unnamed"}
    assert settings.display_days >= 10
    assert settings.posted_first == 20
    assert tuple(level.stars for level in settings.star_levels) in ((3, 4, 5), (8, 9, 10))


def test_the_figures_of_real_villages_are_kept() -> None:
    bounds = {
        item.code: (item.points_min, item.points_max, item.cycle)
        for item in starters.load("plain-village").items
    }
    assert bounds["courtyard"] == (0, 20, "month")
    assert bounds["waste-sorting"] == (0, 10, "month")
    assert bounds["dog-registered"] == (20, 20, "once")
    assert bounds["meeting"][:2] == (2, 2)
    assert bounds["civil-act"][:2] == (3, 3)
    assert bounds["volunteer"][:2] == (5, 5)
    assert bounds["labour-gift"][:2] == (10, 10)
    assert bounds["reconciled"][:2] == (20, 20)
    honours = [bounds[code][1] for code in bounds if code.startswith("honour-")]
    assert honours == [5, 10, 15, 20, 30, 50]


def test_an_unknown_starter_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        starters.load("../plain-village")


@pytest.mark.parametrize(
    "values",
    [
        {"points_min": -1},
        {"points_max": 0},
        {"fine": 5},
        {"scorers": []},
        {"scorers": ["auditor"]},
        {"posting_days": 4},
        {"code": "Court yard"},
        {"cap_points": -20},
        {"block": "party"},
    ],
)
def test_a_value_out_of_bounds_is_refused_on_reading(values: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        starters.decode(with_courtyard(values))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"clause": 99}, "does not exist"),
        ({"clause": 20}, "another block"),
        ({"points_min": 21}, "above points_max"),
        ({"cap_points": 19}, "refuses a full score"),
        ({"cycle": "once"}, "capped once"),
        ({"scorers": ["clerk", "clerk"]}, "named twice"),
        ({"code": "toilet"}, "occurs twice"),
        ({"order": 2}, "occurs twice"),
    ],
)
def test_what_does_not_fit_together_is_named(values: dict[str, object], said: str) -> None:
    broken = starters.decode(with_courtyard(values))
    assert any(said in fault for fault in starters.faults(broken))


def test_star_levels_must_rise() -> None:
    starter = starters.load("plain-village")
    turned = msgspec.structs.replace(
        starter.settings, star_levels=starter.settings.star_levels[::-1]
    )
    broken = msgspec.structs.replace(starter, settings=turned)
    assert starters.faults(broken) == ["star levels do not rise"]
