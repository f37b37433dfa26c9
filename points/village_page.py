"""What a village shows everybody: its rule book in force, the lists that hang, whom to ask.

No person and no household: the lists themselves are behind their own pages, as long as they hang.
"""

import msgspec

from foundation import clock
from households import settings
from households.errors import RegionNotFound
from households.models import Region
from points import draft, published
from points.models import Publication
from points.passbook import PassbookSettings
from points.published import Listed
from points.scheme import Scheme
from rules import rulebook
from rules.errors import NoRuleBook
from rules.rulebook import Version


class VillagePage(msgspec.Struct, frozen=True, kw_only=True):
    """A village for everybody. `hanging` are the lists on display, the newest first."""

    code: str
    name: str
    township: str
    rules: Version | None
    hanging: list[Listed]
    objection: str
    contact: str
    publisher: str
    supervisor: str
    office: str
    office_phone: str


async def page(code: str) -> VillagePage:
    """A village's page. Refuses with `RegionNotFound` for what is no village."""
    region = await Region.get_or_none(code=code[:24], level="village")
    if region is None:
        raise RegionNotFound(code=code[:24])
    above = await Region.filter(code__in=region.path.split("/"), level="township").first()
    scheme = await settings.read(code, Scheme)
    more = await settings.read(code, PassbookSettings)
    publisher = scheme.publisher or draft.committee(region.name)
    return VillagePage(
        code=code,
        name=draft.place_name(region.name),
        township=above.name if above else "",
        rules=await _rules(code),
        hanging=await _hanging(code),
        objection=scheme.objection,
        contact=scheme.contact or publisher,
        publisher=publisher,
        supervisor=scheme.supervisor or draft.supervision(region.name),
        office=more.office,
        office_phone=more.office_phone,
    )


async def _rules(village: str) -> Version | None:
    try:
        return await rulebook.in_force(village, clock.today())
    except NoRuleBook:
        return None


async def _hanging(village: str) -> list[Listed]:
    kept = await Publication.filter(
        village=village, superseded_by="", taken_down_on=None, display_until__gte=clock.today()
    ).order_by("-published_at", "-serial")
    return [published.listed(one) for one in kept]
