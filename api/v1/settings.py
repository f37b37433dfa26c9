"""A village's settings: how it scores and posts, and what it keeps of ID numbers."""

import msgspec
from litestar import Controller, Request, get, post, put
from litestar.params import FromPath, JSONBody

from api import guards
from foundation import clock
from households import regions, settings
from households.errors import RegionNotFound
from households.settings import RegisterSettings
from points import ledger, scheme
from points.passbook import PassbookSettings
from points.scheme import Scheme


class Settings(msgspec.Struct, forbid_unknown_fields=True):
    """All settings of a village; its sections are replaced together."""

    scheme: Scheme
    register: RegisterSettings
    passbook: PassbookSettings = PassbookSettings()


class Granted(msgspec.Struct):
    """How many households were given the year's base points now."""

    households: int


class SettingController(Controller):
    """Differences between villages are data."""

    path = "/settings"
    tags = ("settings",)

    @get("/{village:str}", guards=[guards.may("settings.write")])
    async def show(self, request: Request, village: FromPath[str]) -> Settings:
        """A village's settings, with the defaults of what was never set."""
        return await shown(request, village)

    @put("/{village:str}", guards=[guards.may("settings.write")])
    async def change(
        self, request: Request, village: FromPath[str], data: JSONBody[Settings]
    ) -> Settings:
        """Replace a village's settings; what is left out goes back to its default."""
        await scheme.change(village, data.scheme, data.register, data.passbook, by=request.user)
        return await shown(request, village)

    @post("/{village:str}/base-points", status_code=200, guards=[guards.may("entries.base")])
    async def grant(self, request: Request, village: FromPath[str]) -> Granted:
        """Grant this year's base points to the households that lack them."""
        return Granted(await ledger.grant_base(village, on=clock.today(), by=request.user))


async def shown(request: Request, village: str) -> Settings:
    """The sections of a village's settings."""
    place = await regions.find(village, actor=request.user, permission="settings.write")
    if place.level != "village":
        raise RegionNotFound(code=village)
    return Settings(
        await settings.read(village, Scheme),
        await settings.read(village, RegisterSettings),
        await settings.read(village, PassbookSettings),
    )
