"""The recovery sheet: the secret on paper, for the safe.

Whoever holds it and a backup can open everything, so each print leaves an audit line before it is
drawn, and nothing of it is kept. Never logs the secret.
"""

from typing import Any

from api import posters, printing, qr, render, store
from api.backup_files import folder as backups_folder
from api.settings import Settings
from foundation import audit, clock, keys, recovery, rotation
from foundation.actors import Actor
from foundation.keys import Keyset
from households.models import Region

PLACES_MAX = 4


async def pdf(settings: Settings, *, by: Actor) -> bytes:
    """The sheet of every key that the open store needs. Refuses with `PrintingFailed`."""
    ring = keys.ring()
    ids = {ring.current.id, *await rotation.used()}
    needed = [keyset for keyset in ring.keysets if keyset.id in ids]
    await audit.note(by, "keys.print_sheet", keys=[keyset.id for keyset in needed])
    places = await _places()
    sheet = {
        "places": places[:PLACES_MAX],
        "more": len(places) > PLACES_MAX,
        "secrets": [_shown(keyset) for keyset in needed],
        "folder": str(backups_folder(settings)),
        "printed_on": clock.today(),
    }
    with posters.chinese():
        html = render.document(
            "recovery_sheet.html", demo=await store.kind() == "demo", sheet=sheet
        )
    return await printing.pdf(html)


async def _places() -> list[str]:
    """Where this store is at home: its one village, or its townships, one more than are shown."""
    villages = await Region.filter(level="village").order_by("code").limit(2)
    if len(villages) != 1:
        villages = await Region.filter(level="township").order_by("code").limit(PLACES_MAX + 1)
    return [region.name for region in villages]


def _shown(keyset: Keyset) -> dict[str, Any]:
    code = recovery.code(keyset.secret)
    return {
        "id": keyset.id,
        "lines": code,
        "qr": qr.data_address("".join(code).replace(" ", "")),
    }
