"""Who acts. Every write verb is told; the audit log and the ledger write it down."""

from uuid import UUID

import msgspec

# No official's login can hold a colon.
HOUSEHOLD = "household:"


class Duty(msgspec.Struct, frozen=True):
    """One role in one region; `path` is the region's place in the tree, `name` its name."""

    role: str
    region: str
    path: str
    name: str


class Actor(msgspec.Struct, frozen=True):
    """An official, or the operator at the command line (`id` is None then).

    `label` is what the ledger and the log keep: an opaque id, never a name.
    """

    id: UUID | None
    login: str
    name: str
    household_id: UUID | None = None
    duties: tuple[Duty, ...] = ()

    @property
    def label(self) -> str:
        return str(self.id) if self.id and not self.is_household else self.login

    @property
    def village(self) -> str:
        """The village of the narrowest duty, where screens begin; empty above villages.

        A township's code ends in three zeros, a village's never does; below a village codes
        begin with the village's own.
        """
        places = [duty.region[:12] for duty in sorted(self.duties, key=lambda d: -len(d.path))]
        return next((code for code in places if not code.endswith("000")), "")

    @property
    def is_operator(self) -> bool:
        return self.id is None

    @property
    def is_household(self) -> bool:
        return self.login.startswith(HOUSEHOLD)


def household(id: UUID) -> Actor:
    """A household on its own page. It holds no duty, so no official's verb lets it in."""
    return Actor(id=id, login=f"{HOUSEHOLD}{id}", name="", household_id=id)


def operator(system_user: str) -> Actor:
    """The person at the command line, known only by the operating system's user name."""
    return Actor(id=None, login=f"operator:{system_user}", name=f"operator {system_user}")
