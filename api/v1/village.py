"""A village's public page for programs: lists that hang, rule book in force, whom to ask."""

from litestar import Controller, get
from litestar.params import FromPath

from api import guards
from points import village_page
from points.village_page import VillagePage


class VillageController(Controller):
    """Open to everybody; no person and no household is in it."""

    path = "/v"
    tags = ("village",)
    opt = guards.PUBLIC

    @get("/{village:str}", security=[])
    async def page(self, village: FromPath[str]) -> VillagePage:
        """What the village shows everybody."""
        return await village_page.page(village)
