"""A region as people write it: its code, or names from the top down in any of their short forms.

`610428106221`, `相公镇/槐庄村`, `槐庄村三组` and `长武县相公镇槐庄村委会第三小组` are understood as
far as they mean one region only. Pure: works on regions that were read before.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from households import places
from households.cells import folded
from households.models import Region

_SEPARATORS = re.compile(r"[\s/\\>→·,，、|]+")
_CODE = re.compile(r"[0-9]{6,12}(-[GW][0-9-]+)?")
_TOWN = re.compile(r"(?:街道办事处|街道|镇|乡)$")
_ITSELF = frozenset(("本村", "全村", "本镇", "全镇", "本乡", "全乡", "本县", "全县"))
_LENGTH_MAX = 120


class Places:
    """The regions from one downwards, to be found by what is written; `above` lead to it."""

    def __init__(self, top: Region, below: Sequence[Region], *, above: Sequence[Region]) -> None:
        self.top = top
        self.by_code = {place.code: place for place in below}
        self._above = [alias for place in above for alias in _aliases(place)]
        self._by_letter: dict[str, list[tuple[str, Region]]] = defaultdict(list)
        self._groups: dict[str, list[Region]] = defaultdict(list)
        for place in below:
            for alias in _aliases(place):
                self._by_letter[alias[0]].append((alias, place))
            if place.level == "group":
                self._groups[places.canonical_group(place.name) or place.name].append(place)
        self._known: dict[str, list[Region]] = {}

    def named(self, text: str) -> list[Region]:
        """Every region that the text may mean: one where it is clear, none where it is unknown."""
        tight = _SEPARATORS.sub("", folded(text))[:_LENGTH_MAX]
        if tight not in self._known:
            self._known[tight] = self._named(tight)
        return self._known[tight]

    def _named(self, text: str) -> list[Region]:
        if text in _ITSELF:
            return [self.top] if text[1] == self.top.name[-1:] else []
        if _CODE.fullmatch(text):
            found = self.by_code.get(text) or self.by_code.get(text.ljust(12, "0"))
            return [found] if found else []
        meant = {place.code: place for place in self._walk(text, None)}
        for alias in self._above:
            if not meant and text.startswith(alias) and len(text) > len(alias):
                meant = {place.code: place for place in self._named(text.removeprefix(alias))}
        # A region that is written out in full is meant before those that only begin like it.
        exact = [place for place in meant.values() if place.name == text]
        return exact if len(exact) == 1 else list(meant.values())

    def _walk(self, text: str, under: Region | None) -> Iterator[Region]:
        if not text:
            if under is not None:
                yield under
            return
        for alias, place in self._by_letter[text[0]]:
            if text.startswith(alias) and _is_below(place, under):
                yield from self._walk(text[len(alias) :], place)
        for group in self._groups.get(places.canonical_group(text), ()):
            if _is_below(group, under):
                yield group


def _is_below(place: Region, under: Region | None) -> bool:
    return under is None or (place.path != under.path and place.path.startswith(under.path))


def _aliases(place: Region) -> set[str]:
    """How a region's name is written, without white space."""
    name = folded(place.name).replace(" ", "")
    found = {name}
    if place.level == "village":
        stem = places.stem(name)
        found |= {stem, f"{stem}村", f"{stem}村委会", f"{stem}社区"}
    elif place.level in ("township", "county"):
        found.add(_TOWN.sub("", name) or name)
    return found
