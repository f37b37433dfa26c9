"""The stretches of time that points are compared over: a month, a quarter or a year.

Pure calendar arithmetic over local dates. Knows nothing of today, entries or villages.
"""

import re
from calendar import month_name, monthrange
from datetime import date
from functools import cached_property
from typing import Literal

import msgspec

from foundation.marking import mark as _n
from points.errors import PeriodUnknown

Kind = Literal["month", "quarter", "year"]

YEAR_MIN, YEAR_MAX = 2000, 2199
_FORM = re.compile(r"^(\d{4})(?:-(0[1-9]|1[0-2])|Q([1-4]))?$", re.ASCII)
_DIGITS = "〇一二三四五六七八九"
_MONTHS = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]


class Period(msgspec.Struct, frozen=True, dict=True):
    """One period. `text` is its canonical spelling: 2026-10, 2026Q4 or 2026."""

    text: str

    @classmethod
    def parse(cls, text: str) -> "Period":
        """Read a period as people and programs write it. Refuses with `PeriodUnknown`."""
        typed = text.strip().upper()
        found = _FORM.match(typed)
        if not found or not YEAR_MIN <= int(found[1]) <= YEAR_MAX:
            raise PeriodUnknown(text=text[:40])
        return cls(typed)

    @classmethod
    def of(cls, day: date, *, kind: Kind = "month") -> "Period":
        """The period of that kind in which a day lies."""
        if kind == "month":
            return cls(f"{day:%Y-%m}")
        return cls(f"{day.year}Q{(day.month + 2) // 3}" if kind == "quarter" else f"{day.year}")

    @property
    def kind(self) -> Kind:
        if "-" in self.text:
            return "month"
        return "quarter" if "Q" in self.text else "year"

    @property
    def year(self) -> int:
        return int(self.text[:4])

    @cached_property
    def months(self) -> tuple[str, ...]:
        """Its months as in `month_total.month`, first to last."""
        if self.kind == "month":
            return (self.text,)
        if self.kind == "year":
            return tuple(f"{self.year}-{month:02}" for month in range(1, 13))
        last = int(self.text[-1]) * 3
        return tuple(f"{self.year}-{month:02}" for month in range(last - 2, last + 1))

    @property
    def first(self) -> date:
        return date.fromisoformat(f"{self.months[0]}-01")

    @property
    def last(self) -> date:
        year, month = map(int, self.months[-1].split("-"))
        return date(year, month, monthrange(year, month)[1])

    @property
    def previous(self) -> "Period":
        """The period of the same kind just before; the one a change of place refers to."""
        return Period.of(date.fromordinal(self.first.toordinal() - 1), kind=self.kind)

    @property
    def label(self) -> str:
        """As tables and screens write it: 2026年10月, 2026年第4季度, 2026年."""
        if self.kind == "month":
            return f"{self.year}年{int(self.text[5:])}月"
        return f"{self.year}年" + (f"第{self.text[-1]}季度" if self.kind == "quarter" else "")

    @property
    def title(self) -> str:
        """As a poster's title writes it: 二〇二六年十月, 二〇二六年第四季度, 二〇二六年."""
        year = "".join(_DIGITS[int(digit)] for digit in self.text[:4]) + "年"
        if self.kind == "month":
            return f"{year}{_MONTHS[int(self.text[5:]) - 1]}月"
        return year + (f"第{_DIGITS[int(self.text[-1])]}季度" if self.kind == "quarter" else "")

    @property
    def label_english(self) -> str:
        """October 2026, Q4 2026, 2026."""
        if self.kind == "month":
            return f"{month_name[int(self.text[5:])]} {self.year}"
        return f"Q{self.text[-1]} {self.year}" if self.kind == "quarter" else str(self.year)

    @property
    def word(self) -> str:
        """本月, 本季 or 本年: what a poster calls it in passing."""
        return {"month": _n("本月"), "quarter": _n("本季"), "year": _n("本年")}[self.kind]
