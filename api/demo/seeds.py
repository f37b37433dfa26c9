"""Chance that can be repeated: every part of the county has its own stream, named by what it is.

A stream depends on the seed and on its name only, so adding a village or asking in another order
changes nothing elsewhere. Nothing here may use hash() or the order of a set, which differ from one
process to the next.
"""

from collections.abc import Sequence
from random import Random
from uuid import UUID, uuid5

_DEMO = UUID("5f0c7a9e-3b1d-5c42-9a67-610428000000")


def stream(seed: int, *name: object) -> Random:
    """A random stream of its own for `name`."""
    return Random(_key(seed, name))


def identity(seed: int, *name: object) -> UUID:
    """The id of the one thing called `name` in the county of `seed`."""
    return uuid5(_DEMO, _key(seed, name))


def shares(total: int, weights: Sequence[float]) -> list[int]:
    """`total` divided by weight into whole numbers that add up, by the largest remainder.

    Everyone gets at least one while there is enough for all.
    """
    floor = 1 if total >= len(weights) else 0
    rest, whole = total - floor * len(weights), sum(weights)
    exact = [rest * weight / whole for weight in weights]
    parts = [floor + int(part) for part in exact]
    by_remainder = sorted(range(len(weights)), key=lambda i: (int(exact[i]) - exact[i], i))
    for i in by_remainder[: total - sum(parts)]:
        parts[i] += 1
    return parts


def _key(seed: int, name: tuple[object, ...]) -> str:
    return ":".join(map(str, (seed, *name)))
