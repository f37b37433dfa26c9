"""The posts of a duty table: who should answer for a grid, a group, a village.

Data and not code (三长两员 are called differently everywhere): what ships here is a preset, and
a township or county keeps its own list in the settings. A post gives its holder the role that it
names, or with an empty role nothing but a place in the table.
"""

from collections.abc import Sequence
from typing import ClassVar

import msgspec

from foundation import audit, database
from foundation.actors import Actor
from foundation.marking import mark as _n
from households import officials, regions
from households.errors import PostRefused, RegionNotFound
from households.models import Region, VillageSetting

LEVELS = ("village", "group", "grid", "micro_grid")
POSTS_MAX = 12
NAME_LENGTH_MAX = 12


class Post(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One column of the table. `needed` is how many a place must have at least."""

    code: str
    name: str
    level: str
    role: str = ""
    needed: int = 0


# A county's own figures: 249 grids, 249 full-time and 1,882 part-time workers.
PRESET = (
    Post("clerk", _n("村文书"), "village", "clerk", 1),
    Post("scorer", _n("评分员"), "village", "scorer", 2),
    Post("panel", _n("评议员"), "village", "panel_member", 3),
    Post("supervisor", _n("监督委员"), "village", "supervisor", 1),
    Post("group-head", _n("组长"), "group", "group_cadre", 1),
    Post("grid-leader", _n("网格长"), "grid", "grid_worker", 1),
    Post("full-time", _n("专职网格员"), "grid", "grid_worker", 1),
    Post("part-time", _n("兼职网格员"), "grid", "grid_worker", 0),
    Post("party-home", _n("党员中心户"), "grid", "", 0),
    Post("micro-leader", _n("微网格长"), "micro_grid", "grid_worker", 1),
    Post("micro-party-home", _n("党员中心户"), "micro_grid", "", 0),
)
# A duty without a post stands under the first of these with its role.
_UNNAMED = {"grid": "full-time", "micro_grid": "micro-leader"}


class DutyPosts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The posts of a township or county, as the settings keep them."""

    section: ClassVar[str] = "duty_posts"

    posts: tuple[Post, ...] = PRESET


async def of(region: Region) -> tuple[Post, ...]:
    """The posts that hold at a place: its township's own, else its county's, else the preset."""
    above = [code for code in region.path.strip("/").split("/") if "-" not in code]
    kept = await VillageSetting.filter(village__in=above, section=DutyPosts.section)
    found = {one.village: one.value for one in kept}
    nearest = next((found[code] for code in reversed(above) if code in found), None)
    return msgspec.convert(nearest or {}, DutyPosts).posts


def under(posts: Sequence[Post], *, post: str, role: str, level: str) -> str:
    """The column under which a duty stands; empty when the table has none for it."""
    here = [one for one in posts if one.level == level]
    codes = {one.code for one in here}
    if post in codes:
        return post
    if _UNNAMED.get(level) in codes and role == "grid_worker":
        return _UNNAMED[level]
    return next((one.code for one in here if role and one.role == role), "")


@database.transaction
async def write(region: str, posts: Sequence[Post], *, by: Actor) -> None:
    """Set the posts of a township or county and of everything below it.

    Refuses with `RegionNotFound`, `NotAllowed`, and with `PostRefused` for a post without a
    name, at a level that has none, with a role that the actor may not give, or too many posts.
    """
    place = await regions.find(region, actor=by, permission="officials.write")
    if place.level not in ("county", "township"):
        raise RegionNotFound(code=region)
    given = officials.grantable(by)
    for post in posts:
        sound = (
            0 < len(post.name.strip()) <= NAME_LENGTH_MAX
            and post.level in LEVELS
            and 0 <= post.needed <= 99
            and (not post.role or post.role in given)
        )
        if not sound:
            raise PostRefused(name=post.name)
    if len({post.code for post in posts}) != len(posts) or len(posts) > POSTS_MAX * len(LEVELS):
        raise PostRefused(name="")
    await VillageSetting.update_or_create(
        village=region,
        section=DutyPosts.section,
        defaults={"value": msgspec.to_builtins(DutyPosts(tuple(posts)))},
    )
    await audit.note(by, "officials.posts", subject=f"region:{region}", lines=len(posts))
