"""The blank list of officials that a township fills in, with roles and places to choose from."""

from foundation import forms
from foundation.actors import Actor
from foundation.forms import Field
from households import kinds, officials, regions, staffing
from households.models import Region

SPARE = 300
_LISTED = ("county", "township", "area", "village")

NOTES = (
    "一行一个人；一个人有两个角色，可以写两行，也可以写成“评分员、网格员”。",
    "姓名和角色必须填。用户名可以空着：系统按姓名拼音编一个，例如王秋实是 wangqs。",
    "管哪里写区划代码，或者从上往下写名称，例如：相公镇/槐庄村，槐庄村第三村民小组。",
    "自家户号是本人家在农户册里的户号。填了以后，系统不让他给自己家评分。",
    "第一列写着“例”的一行不导入。同一张表再导一次，不会多出一个人；改了再导就是更新。",
    "密码不写在表里：导入以后在“人员”里印密码条，每人一张。",
)


async def blank(code: str, *, by: Actor) -> bytes:
    """A workbook to be filled in for a division. Refuses with `RegionNotFound`, `NotAllowed`."""
    place = await kinds.place(staffing.KIND, code, by=by)
    below = await regions.subtree(place)
    names = {one.code: one.name for one in below}
    roles = tuple(
        staffing.word(role)
        for role in officials.grantable(by)
        if officials.may_grant(by, role, path=f"{place.path}x/") or by.is_operator
    )
    listed = tuple(_full(one, place, names) for one in below if one.level in _LISTED)
    fields = [
        Field("序号", width=6),
        Field("姓名", width=12),
        Field("角色", width=14, choices=roles),
        Field("管哪里", width=34, choices=listed, hint="选一个，或者写区划代码、名称"),
        Field("自家户号", width=10),
        Field("用户名", width=14, hint="可以空着"),
    ]
    example = ["例", "王秋实", roles[0] if roles else "村文书", listed[-1], "012", "wangqs"]
    return forms.form_file(
        "人员名册",
        fields,
        titles=[f"{place.name}人员名册"],
        example=example,
        notes=NOTES,
        spare=SPARE,
    )


def _full(one: Region, top: Region, names: dict[str, str]) -> str:
    """A division's name from below the top down: 相公镇/槐庄村."""
    codes = one.path.removeprefix(top.path).strip("/").split("/")
    return "/".join(names[code] for code in codes if code in names) or top.name
