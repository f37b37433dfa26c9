"""The blank sheet on which a village writes its households' opening balances."""

from foundation import audit, database, forms
from foundation.actors import Actor
from foundation.forms import Field
from households import kinds, regions, register
from points import limits, openings

PURPOSE = "录期初积分"
NOTES = (
    "一行一户。户号和户主是系统里的，不要改；“期初积分”填旧账上结下来的分，只能是整数。",
    "没有旧积分的户空着就行；填 0 表示没有，已经录过的会冲掉。",
    "期初积分只进余额，不算当月、当季、当年得分，不影响排名。",
    "每户一辈子只有一笔。填错了，改好再导入一次：旧的冲掉，新的入账，两笔都留在账上。",
    "自己家的期初积分不能自己录，请别的文书来录。",
)


@database.transaction
async def log(village: str, *, by: Actor) -> None:
    """Write down that a village's households left as a file, its fields and what for."""
    fields = ["户号", "户主", "村民小组"]
    await audit.note(by, "ledger.export_form", village=village, purpose=PURPOSE, fields=fields)


async def blank(village: str, *, by: Actor) -> bytes:
    """A workbook with every household of a village. Refuses with `RegionNotFound`, `NotAllowed`."""
    place = await kinds.place(openings.KIND, village, by=by)
    groups = {part.code: part.name for part in await regions.parts(village, level="group")}
    fields = [
        Field("户号", width=9, locked=True),
        Field("户主", width=12, locked=True),
        Field("村民小组", width=18, locked=True),
        Field("期初积分", width=12, low=0, high=limits.POINTS_MAX),
        Field("说明", width=30),
    ]
    lines = [
        [one.number or "", one.head, groups.get(one.group, ""), "", ""]
        for one in await register.roster(village)
        if one.id != by.household_id
    ]
    return forms.form_file(
        "期初积分",
        fields,
        lines,
        titles=[f"{place.name}期初积分"],
        notes=NOTES,
        locked=True,
    )
