"""What kinds of workbooks there are: what each is read into, shown as and stored as.

An import takes the same way whatever it brings: uploaded, read, previewed, confirmed. What
differs is here as values: the permission that it needs, where it belongs, how it is read and how
it is stored. Each kind is defined in a room of its own, on the floor that its rows belong to.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from foundation.actors import Actor
from households import regions
from households.errors import RegionNotFound
from households.models import Region

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Job:
    """One import: where it belongs, who does it, and whatever else was chosen at the upload.

    `target` holds texts by name, such as `on` for a day.
    """

    place: Region
    by: Actor
    filename: str = ""
    target: dict[str, str] = field(default_factory=dict)


async def _nothing_to_check(job: Job) -> None:
    """Most kinds need no more than the place."""


@dataclass(frozen=True)
class Kind:
    """A kind of import.

    Attributes:
        name: what the batch's row calls it.
        permission: what uploading, looking and confirming need, in the place.
        levels: the levels of division that it may be for.
        waiting: the type of what was read and waits to be confirmed.
        preview: the type of what is shown; its `result` is what confirming answers.
        read: reads and compares, and returns both; refuses what cannot be read at all.
        store: stores what waits, inside the caller's transaction, and returns the result.
        counts: the result's figures, without anything that quotes a cell.
        check: refuses a target that cannot be, before anything is read.
    """

    name: str
    permission: str
    levels: frozenset[str]
    waiting: type[Any]
    preview: type[Any]
    read: Callable[[bytes, Job, Progress], Awaitable[tuple[Any, Any]]]
    store: Callable[[Any, Job], Awaitable[Any]]
    counts: Callable[[Any], dict[str, int]]
    check: Callable[[Job], Awaitable[None]] = _nothing_to_check


KINDS: dict[str, Kind] = {}


def known(kind: Kind) -> Kind:
    """Make a kind known by its name to the imports that wait in the store."""
    KINDS[kind.name] = kind
    return kind


async def place(kind: Kind, code: str, *, by: Actor) -> Region:
    """The division that somebody wants to import into. `RegionNotFound`, `NotAllowed`."""
    region = await regions.find(code, actor=by, permission=kind.permission)
    if region.level not in kind.levels:
        raise RegionNotFound(code=code)
    return region
