"""The tree of places as a screen: look, import divisions, add groups and grids."""

import msgspec
from litestar import Controller, Request, Response, get, post
from litestar.datastructures import UploadFile
from litestar.params import FromPath, MultipartBody, URLEncodedBody

from api import errors, guards, locale, render
from foundation.errors import Refusal
from households import divisions, officials, regions


class LocalForm(msgspec.Struct):
    """A new group, grid or micro-grid, as typed."""

    parent: str = ""
    level: str = ""
    name: str = ""


class NameForm(msgspec.Struct):
    """Another name for a group or grid."""

    name: str = ""


class UploadForm(msgspec.Struct):
    """A csv file of divisions."""

    file: UploadFile


class RegionPages(Controller):
    """What an official sees here is his own subtrees and nothing beside them."""

    path = "/regions"

    @get("/", guards=[guards.may("regions.read")])
    async def tree(self, request: Request) -> Response:
        """The tree in reach, and the forms for those who may add to it."""
        return await _page(request, LocalForm(), {})

    @post("/", guards=[guards.may("regions.write")])
    async def create(self, request: Request, data: URLEncodedBody[LocalForm]) -> Response:
        """Make a group, grid or micro-grid."""
        try:
            made = await regions.create_local(
                data.parent, level=data.level, name=data.name, by=request.user
            )
        except Refusal as refusal:
            return await _page(request, data, {"name": errors.message(refusal)})
        said = locale.text("已设立 %(name)s（%(code)s）。", name=made.name, code=made.code)
        return render.go("/regions", done=said)

    @post("/{code:str}/name", guards=[guards.may("regions.write")])
    async def rename(
        self, request: Request, code: FromPath[str], data: URLEncodedBody[NameForm]
    ) -> Response:
        """Rename a group, grid or micro-grid."""
        region = await regions.rename(code, name=data.name, by=request.user)
        return render.go("/regions", done=locale.text("已改名为 %(name)s。", name=region.name))

    @post("/import", guards=[guards.may("regions.write")])
    async def import_divisions(self, request: Request, data: MultipartBody[UploadForm]) -> Response:
        """Import official divisions."""
        try:
            outcome = await divisions.import_file(await data.file.read(), by=request.user)
        except Refusal as refusal:
            refused = {"file": errors.message(refusal)}
            return await _page(request, LocalForm(), {}, import_errors=refused)
        said = locale.text(
            "文件里有 %(all)s 个区划：新增 %(created)s，改名 %(updated)s，未变 %(unchanged)s。",
            all=outcome.regions,
            created=outcome.created,
            updated=outcome.updated,
            unchanged=outcome.unchanged,
        )
        if outcome.problems:
            lines = [
                locale.text(
                    "第 %(row)s 行“%(value)s”：%(why)s",
                    row=p.row,
                    value=p.value,
                    why=locale.text(p.message),
                )
                for p in outcome.problems[:10]
            ]
            failed = {"file": f"{said} {' '.join(lines)}"}
            return await _page(request, LocalForm(), {}, import_errors=failed)
        return render.go("/regions", done=said)


async def _page(
    request: Request,
    form: LocalForm,
    problems: dict[str, str],
    *,
    import_errors: dict[str, str] | None = None,
) -> Response:
    seen = await regions.visible(request.user, "regions.read")
    may_write = officials.allowed(request.user, "regions.write")
    writable = await regions.visible(request.user, "regions.write") if may_write else []
    depth = min((region.path.count("/") for region in seen), default=0)
    return render.page(
        request,
        "regions.html",
        status=400 if problems or import_errors else 200,
        tree=regions.tree(seen),
        counts=await regions.household_counts(seen),
        may_write=may_write,
        may_import=any(region.level == "county" for region in writable),
        parents=[
            {"code": r.code, "name": r.name, "depth": r.path.count("/") - depth}
            for r in writable
            if r.level in ("village", "grid")
        ],
        form=msgspec.structs.asdict(form),
        errors=problems,
        import_errors=import_errors or {},
    )
