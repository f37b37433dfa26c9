"""Periods are calendar arithmetic: tested without a database."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from points.errors import PeriodUnknown
from points.period import Period

KINDS = st.sampled_from(["month", "quarter", "year"])
DAYS = st.dates(min_value=date(2001, 1, 1), max_value=date(2199, 12, 31))


CALENDAR = """
2026-10 | 2026-10-01 | 2026-10-31 | 2026-09 | 2026年10月   | 二〇二六年十月
2024-02 | 2024-02-01 | 2024-02-29 | 2024-01 | 2024年2月    | 二〇二四年二月
2026-01 | 2026-01-01 | 2026-01-31 | 2025-12 | 2026年1月    | 二〇二六年一月
2026Q3  | 2026-07-01 | 2026-09-30 | 2026Q2  | 2026年第3季度 | 二〇二六年第三季度
2026Q1  | 2026-01-01 | 2026-03-31 | 2025Q4  | 2026年第1季度 | 二〇二六年第一季度
2026    | 2026-01-01 | 2026-12-31 | 2025    | 2026年        | 二〇二六年
"""


@pytest.mark.parametrize("line", CALENDAR.strip().splitlines())
def test_a_period_knows_its_days_its_predecessor_and_its_names(line: str) -> None:
    text, first, last, previous, label, title = (cell.strip() for cell in line.split("|"))
    period = Period.parse(text)
    assert (str(period.first), str(period.last)) == (first, last)
    assert period.previous == Period.parse(previous)
    assert (period.label, period.title) == (label, title)


@pytest.mark.parametrize(
    "text",
    ["", "2026-13", "2026-00", "2026-1", "2026Q0", "2026Q5", "26", "20261", "2026-10-01", "1999",
     "2200", "２０２６", "2026-10\n2026", "本月", "x" * 1000],
)  # fmt: skip
def test_what_is_not_a_period_is_refused_and_named(text: str) -> None:
    with pytest.raises(PeriodUnknown) as refusal:
        Period.parse(text)
    assert refusal.value.text == text[:40]


def test_blanks_and_small_letters_are_forgiven() -> None:
    assert Period.parse(" 2026q4 ") == Period.parse("2026Q4")


@given(day=DAYS, kind=KINDS)
def test_every_day_lies_in_its_period_and_periods_follow_each_other(day: date, kind: str) -> None:
    period = Period.of(day, kind=kind)  # type: ignore[arg-type]
    assert period.first <= day <= period.last
    assert f"{day:%Y-%m}" in period.months
    assert period.previous.last.toordinal() + 1 == period.first.toordinal()
    assert period.kind == kind
    assert Period.parse(period.text) == period
