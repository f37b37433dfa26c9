"""Changing the store's keys: everything sealed is sealed anew under the current secret.

In steps that each stand by themselves, so that a change cut off anywhere goes on where it was:
the new secret is the first in the file, both open everything, and the store says only at the end
that the new one alone is needed. The old secret is never thrown away here: older backups need it.
"""

import base64
import re
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import UUID

import msgspec

from foundation import audit, clock, database, keys, sealing, signing, tables
from foundation.actors import Actor
from foundation.errors import NothingToRotate, SealBroken, SealsLeft, UnknownKey
from foundation.models import StoreFact
from foundation.tables import Table

BATCH = 500
FILES = 4
# What the store knows of its keys: facts, see foundation/models.py.
NEEDED, INDEX, RETIRED, UNDER_WAY = "key_id", "index_key", "signers_before", "rotating_to"

Progress = Callable[[int], None]
"""Told how many sealed values were done since the last time."""


class Retired(msgspec.Struct, frozen=True):
    """A public key that lists were signed with until the keys were changed."""

    key: str
    until: str


# -- what every process takes up when it opens the store ----------------------------------------


async def take_up() -> None:
    """Give this process's keyring what the store knows of keys that outlive their secret."""
    ring = keys.ring()
    facts = {fact.name: fact.value for fact in await StoreFact.all()}
    if sealed := facts.get(INDEX):
        ring.index = bytes.fromhex(sealing.unseal(sealed, place="store_fact.value", row=INDEX))
    elif needed := facts.get(NEEDED):
        ring.index = ring.find(needed).index
    ring.retired = frozenset(base64.b64decode(one.key) for one in _retired(facts))


def _retired(facts: dict[str, str]) -> list[Retired]:
    return msgspec.json.decode(facts.get(RETIRED, "[]"), type=list[Retired])


async def needed() -> str:
    """The id of the key that the open store needs. Refuses with `NothingToRotate`."""
    fact = await StoreFact.get_or_none(name=NEEDED)
    if fact is None:
        raise NothingToRotate()
    return fact.value


# -- the change --------------------------------------------------------------------------------


@database.transaction
async def begin(by: Actor) -> bool:
    """Note that the store goes over to the current secret; False where it was begun before.

    From now on the key of the blind index is in the store, sealed under the new secret, and the
    old signing key is known as one of ours. Refuses with `NothingToRotate`, `UnknownKey`.
    """
    ring, old = keys.ring(), keys.ring().find(await needed())
    under_way = await StoreFact.get_or_none(name=UNDER_WAY)
    if under_way and under_way.value == ring.current.id:
        return False
    facts = {fact.name: fact.value for fact in await StoreFact.all()}
    signer = base64.b64encode(signing.public_key(old)).decode()
    signers = [one for one in _retired(facts) if one.key != signer]
    signers.append(Retired(signer, clock.stamp(clock.now())))
    sealed = sealing.seal(ring.index.hex(), place="store_fact.value", row=INDEX)
    await _put(INDEX, sealed)
    await _put(RETIRED, msgspec.json.encode(signers).decode())
    await _put(UNDER_WAY, ring.current.id)
    await audit.note(by, "keys.begin_rotation", before=old.id, after=ring.current.id)
    return True


async def _put(name: str, value: str) -> None:
    await StoreFact.update_or_create({"value": value}, name=name)


async def reseal(progress: Progress | None = None) -> None:
    """Seal everything anew that another key sealed, some values in each transaction."""
    for table in await tables.every():
        for column in table.sealable:
            after: Any = None
            while True:
                after, done = await _reseal_texts(table, column, after)
                if progress and done:
                    progress(done)
                if after is None:
                    break
    while done := await _reseal_files():
        if progress:
            progress(done)


@database.transaction
async def _reseal_texts(table: Table, column: str, after: Any) -> tuple[Any, int]:
    """One batch of a column from a key on; returns where the next begins, or None."""
    beyond, values = ("", []) if after is None else (f'AND "{table.key}" > ?', [after])
    found = await database.rows(
        f'SELECT "{table.key}" AS key, "{column}" AS sealed FROM "{table.name}" '  # noqa: S608 - our names
        f'WHERE "{column}" LIKE \'1.________.%\' AND substr("{column}", 3, 8) <> ? {beyond} '
        f'ORDER BY "{table.key}" LIMIT {BATCH}',
        [keys.ring().current.id, *values],
    )
    place, batch = f"{table.name}.{column}", []
    for row in found:
        plain = _opened(row, place=place)
        if plain is not None:
            fresh = sealing.seal(plain, place=place, row=str(row["key"]))
            batch.append((fresh, row["key"], row["sealed"]))
    await database.execute_many(
        f'UPDATE "{table.name}" SET "{column}" = ? WHERE "{table.key}" = ? AND "{column}" = ?',  # noqa: S608 - our names
        batch,
    )
    return (found[-1]["key"] if len(found) == BATCH else None), len(batch)


@database.transaction
async def _reseal_files() -> int:
    """Some sealed attachments; returns how many, none when all are done."""
    ours = [key_id.encode() for key_id in keys.ring().ids - {keys.ring().current.id}]
    done = 0
    for key_id in ours:
        found = await database.rows(
            "SELECT id, content FROM attachment WHERE sealed AND substr(content, 1, 8) = ? LIMIT ?",
            [key_id, FILES],
        )
        for row in found:
            key = UUID(str(row["id"]))
            plain = sealing.unseal_bytes(bytes(row["content"]), place="attachment", row=key)
            fresh = sealing.seal_bytes(plain, place="attachment", row=key)
            await database.execute("UPDATE attachment SET content = ? WHERE id = ?", [fresh, key])
        done += len(found)
    return done


@database.transaction
async def finish(by: Actor) -> None:
    """Note that the store needs the current secret alone.

    Refuses with `SealsLeft` while anything is sealed under another of our keys.
    """
    current, before = keys.ring().current.id, await needed()
    left = (await used() - {current, before}) | await _opening(before) - {current}
    if left:
        raise SealsLeft(keys=", ".join(sorted(left)))
    await _put(NEEDED, current)
    await StoreFact.filter(name=UNDER_WAY).delete()
    await audit.note(by, "keys.rotate", before=before, after=current)


# -- what is sealed under which key ------------------------------------------------------------


async def used() -> set[str]:
    """The ids of our keys without which some of the store would not open, the needed one too."""
    fact = await StoreFact.get_or_none(name=NEEDED)
    found = {fact.value} if fact else set()
    for key_id in (await sealed_values()).keys() - found:
        found |= await _opening(key_id)
    return found


async def _opening(key_id: str) -> set[str]:
    """That id, if it opens anything at all: what somebody typed may look like a seal."""
    files = "SELECT 1 FROM attachment WHERE sealed AND substr(content, 1, 8) = ? LIMIT 1"
    if await database.rows(files, [key_id.encode()]):
        return {key_id}
    for table in await tables.every():
        for column in table.sealable:
            rows = await database.rows(
                f'SELECT "{table.key}" AS key, "{column}" AS sealed FROM "{table.name}" '  # noqa: S608 - our names
                f'WHERE "{column}" LIKE \'1.________.%\' AND substr("{column}", 3, 8) = ?',
                [key_id],
            )
            if any(_opened(row, place=f"{table.name}.{column}") is not None for row in rows):
                return {key_id}
    return set()


async def sealed_values(*, unknown: bool = False) -> Counter[str]:
    """How many values look sealed under each of our keys, or under keys that are not here."""
    found: Counter[str] = Counter()
    for table in await tables.every():
        for column in table.sealable:
            rows = await database.rows(
                f'SELECT substr("{column}", 3, 8) AS id, COUNT(*) AS n FROM "{table.name}" '  # noqa: S608 - our names
                f'WHERE "{column}" LIKE \'1.________.%\' GROUP BY substr("{column}", 3, 8)'
            )
            found.update({row["id"]: int(row["n"]) for row in rows})
    sealed = (
        "SELECT substr(content, 1, 8) AS id, COUNT(*) AS n FROM attachment WHERE sealed "
        "GROUP BY substr(content, 1, 8)"
    )
    for row in await database.rows(sealed):
        found[bytes(row["id"]).decode("ascii", "replace")] += int(row["n"])
    ours = keys.ring().ids
    ids = [key for key in found if re.fullmatch("[0-9a-f]{8}", key) and (key in ours) != unknown]
    return Counter({key: found[key] for key in ids})


def _opened(row: dict[str, Any], *, place: str) -> str | None:
    """What the row's sealed text says, or None where it is no seal of ours."""
    try:
        return sealing.unseal(row["sealed"], place=place, row=str(row["key"]))
    except (SealBroken, UnknownKey):
        return None
