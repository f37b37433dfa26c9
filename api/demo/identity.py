"""ID numbers and phone numbers that are well formed and belong to nobody.

An ID number has eighteen places as in GB 11643-1999: six for the division, eight for the birthday,
three that count those born on it (odd for men), one check digit by ISO 7064 MOD 11-2. The division
starts with 99, which is not assigned; the village's own ordinal follows, so that no two villages
can ever share a number.
"""

from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_PHONES = 10**8
# Odd and not a multiple of five, hence without a common factor with 10**8: multiplying by it only
# shuffles the numbers below 10**8.
_SHUFFLE = 61_803_399
_VILLAGES = 1_000
_PHONES_A_VILLAGE = _PHONES // _VILLAGES
_PHONES_A_SEED = 37_000_007


class NumberBook:
    """Hands out the numbers of one village, each once."""

    def __init__(self, village_ordinal: int, *, seed: int) -> None:
        if not 0 <= village_ordinal < _VILLAGES:
            raise ValueError(f"village {village_ordinal} has no numbers of its own")
        self._division = f"99{village_ordinal:04d}"
        self._next_phone = village_ordinal * _PHONES_A_VILLAGE + seed * _PHONES_A_SEED
        self._taken: set[str] = set()

    def id_number(self, *, born: date, sex: str, order: int) -> str:
        """A number for somebody born on `born`, counted from `order` (0-499) on."""
        odd = 1 if sex == "男" else 0
        for step in range(500):
            count = (order + step) % 500 * 2 + odd
            number = _with_check_digit(f"{self._division}{born:%Y%m%d}{count:03d}")
            if number not in self._taken:
                self._taken.add(number)
                return number
        raise ValueError(f"more than 500 of one sex were born on {born} in one village")

    def phone(self) -> str:
        """The next mobile number."""
        self._next_phone += 1
        return f"199{self._next_phone * _SHUFFLE % _PHONES:08d}"


def _with_check_digit(digits: str) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True))
    return digits + _CHECK[total % 11]
