"""Whose key is whose: the keys that stand-alone villages sign with, confirmed by telephone.

A signature proves that the holder of a key signed; that the key is the village's, a person has to
have heard from the village once. Never confirms by itself, and never changes what was confirmed:
a village with a new key has its old one withdrawn first, and is rung up again.
"""

import base64
import binascii
from datetime import datetime

import msgspec

from foundation import audit, clock, database, signing
from foundation.actors import Actor
from households import regions
from households.models import Region
from points import models
from points.errors import SignerNotFound

PERMISSION = "publications.receive"
_GROUP = 4


class Signer(msgspec.Struct, frozen=True):
    """A confirmed key; `spoken` is its id as two people compare it by telephone."""

    village: str
    village_name: str
    key_id: str
    spoken: str
    confirmed_at: datetime
    confirmed_by: str


def spoken(key_id: str) -> str:
    """A key's id in groups of four: Q7M2-X4K5-FTD3-WZAH."""
    return "-".join(key_id[at : at + _GROUP] for at in range(0, len(key_id), _GROUP))


def heard(typed: str) -> str:
    """A key's id as somebody typed it, without the gaps and in capitals."""
    return "".join(char for char in typed.upper() if char.isalnum())


def key_id(public_key: str) -> str:
    """The id of a public key in base64; empty for what is none."""
    try:
        return signing.key_id(base64.b64decode(public_key, validate=True))
    except (binascii.Error, ValueError):
        return ""


def own_key_id() -> str:
    """The id of this installation's key, as its villages read it out to their township."""
    return signing.key_id(signing.public_key())


async def of_village(village: str) -> models.Signer | None:
    """The village's confirmed key, if it has one."""
    return await models.Signer.get_or_none(village=village, withdrawn_at=None)


async def confirmed(actor: Actor) -> list[Signer]:
    """The confirmed keys of the villages within the actor's reach, by village."""
    villages = {
        region.code: region
        for region in await regions.visible(actor, PERMISSION)
        if region.level == "village"
    }
    kept = await models.Signer.filter(withdrawn_at=None).order_by("village")
    return [_signer(one, villages[one.village]) for one in kept if one.village in villages]


def _signer(kept: models.Signer, village: Region) -> Signer:
    id = key_id(kept.public_key)
    return Signer(kept.village, village.name, id, spoken(id), kept.confirmed_at, kept.confirmed_by)


async def confirm(village: Region, public_key: str, *, by: Actor) -> None:
    """Write down that a key is the village's; inside the verb that takes its first file in."""
    await models.Signer.create(
        village=village.code,
        public_key=public_key,
        confirmed_at=clock.now(),
        confirmed_by=by.label,
    )
    await audit.note(
        by,
        "signers.confirm",
        village=village.code,
        subject=f"region:{village.code}",
        key=key_id(public_key),
    )


@database.transaction
async def withdraw(village: str, *, by: Actor) -> None:
    """No more files under the village's key; what was taken in under it stays.

    For a village that has a new key or has lost the old one: the next file asks for a
    confirmation again. Refuses with `SignerNotFound`, and as `regions.find` does.
    """
    place = await regions.find(village, actor=by, permission=PERMISSION)
    kept = await of_village(place.code)
    if kept is None:
        raise SignerNotFound(village=place.code)
    await models.Signer.filter(id=kept.id).update(withdrawn_at=clock.now())
    await audit.note(
        by,
        "signers.withdraw",
        village=place.code,
        subject=f"region:{place.code}",
        key=key_id(kept.public_key),
    )
