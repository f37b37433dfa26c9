"""Regions: the tree, the import of divisions, groups and grids."""

import msgspec
from litestar import Controller, Request, Response, get, patch, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, FromQuery, JSONBody, MultipartBody

from api import guards
from api.paging import PageNumber, PageSize, linked
from households import divisions, regions
from households.models import Region


class RegionOut(msgspec.Struct):
    """A region as programs see it."""

    code: str
    name: str
    level: str
    parent: str
    village: str


class Regions(msgspec.Struct):
    """One page of regions."""

    rows: list[RegionOut]
    total: int
    page: int
    page_size: int


class NewRegion(msgspec.Struct, forbid_unknown_fields=True):
    """A group or grid below a village, or a micro-grid below a grid."""

    parent: str
    level: str
    name: str
    number: int | None = None


class NewName(msgspec.Struct, forbid_unknown_fields=True):
    """Another name for a group or grid."""

    name: str


class Upload(msgspec.Struct):
    """A csv file of divisions."""

    file: UploadFile


class RegionController(Controller):
    """What an official sees here is his own subtrees and nothing beside them."""

    path = "/regions"
    tags = ("regions",)

    @get("/", guards=[guards.may("regions.read")])
    async def tree(self, request: Request) -> list[regions.RegionNode]:
        """The regions in reach, nested."""
        return regions.tree(await regions.visible(request.user, "regions.read"))

    @get("/list", guards=[guards.may("regions.read")])
    async def listing(
        self,
        request: Request,
        parent: FromQuery[str] = "",
        village: FromQuery[str] = "",
        level: FromQuery[str] = "",
        q: FromQuery[str] = "",
        page: PageNumber = 1,
        page_size: PageSize = 50,
    ) -> Response[Regions]:
        """The same one below the other, from the top down; `q` is part of a name or code."""
        found = [
            shown(one)
            for one in await regions.visible(request.user, "regions.read")
            if parent in ("", one.parent)
            and village in ("", one.village)
            and level in ("", one.level)
            and (q in one.name or q in one.code)
        ]
        rows = found[(page - 1) * page_size : page * page_size]
        return linked(request, Regions(rows, len(found), page, page_size))

    @get("/{code:str}", guards=[guards.may("regions.read")])
    async def one(self, request: Request, code: FromPath[str]) -> RegionOut:
        """One region."""
        return shown(await regions.find(code, actor=request.user, permission="regions.read"))

    @post("/", guards=[guards.may("regions.write")])
    async def create(self, request: Request, data: JSONBody[NewRegion]) -> RegionOut:
        """Make a group, grid or micro-grid."""
        return shown(
            await regions.create_local(
                data.parent, level=data.level, name=data.name, number=data.number, by=request.user
            )
        )

    @patch("/{code:str}", guards=[guards.may("regions.write")])
    async def rename(
        self, request: Request, code: FromPath[str], data: JSONBody[NewName]
    ) -> RegionOut:
        """Rename a group, grid or micro-grid."""
        return shown(await regions.rename(code, name=data.name, by=request.user))

    @post("/import", status_code=200, guards=[guards.may("regions.write")])
    async def import_divisions(
        self, request: Request, data: MultipartBody[Upload]
    ) -> divisions.RegionImport:
        """Import official 12-digit divisions from a csv file."""
        return await divisions.import_file(await data.file.read(), by=request.user)


def shown(region: Region) -> RegionOut:
    """A region as the API gives it."""
    return RegionOut(region.code, region.name, region.level, region.parent, region.village)
