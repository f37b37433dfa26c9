"""A village's public page: what it posted, by which rules, and whom to ask. No person on it."""

from typing import Any

import msgspec
from litestar import Controller, Request, Response, get
from litestar.params import FromPath

from api import guards, holders, render, wording
from points import village_page
from points.period import Period
from points.village_page import VillagePage


class VillagePages(Controller):
    """Open to everybody; who has a passbook open on this phone finds the way back to it."""

    path = "/v/{village:str}"
    opt = guards.PUBLIC

    @get("/")
    async def front(self, request: Request, village: FromPath[str]) -> Response:
        """The lists that hang, the rule book in force, the contacts."""
        found = await village_page.page(village)
        return render.page(
            request, "village.html", card=await _card(request), village=_village(found)
        )

    @get("/rules")
    async def rules(self, request: Request, village: FromPath[str]) -> Response:
        """The rule book in force, clause by clause with its items."""
        found = await village_page.page(village)
        return render.page(
            request,
            "village_rules.html",
            card=await _card(request),
            village=_village(found),
            version=found.rules,
        )


async def _card(request: Request) -> str | None:
    """The passbook that is open on this phone, for the way back."""
    holder = await holders.present(request)
    return holder.card if holder else None


def _village(found: VillagePage) -> dict[str, Any]:
    plain = {name: getattr(found, name) for name in found.__struct_fields__}
    return {
        **plain,
        "hanging": [
            {**msgspec.structs.asdict(one), "period_label": wording.named(Period(one.period))}
            for one in found.hanging
        ],
        "rules": found.rules
        and {
            "title": found.rules.title,
            "number": found.rules.number,
            "in_force_from": found.rules.in_force_from,
            "adoption": found.rules.adoption,
            "clauses": len(found.rules.clauses),
            "items": len(found.rules.items),
        },
    }
