"""The root of every refusal.

A refusal is an answer, not an accident: the domain understood the request and says no.
It is one sentence with its facts as attributes and knows nothing of HTTP; `api/errors.py`
has the one table that gives it a status and a message in the reader's language.
"""

from typing import Any


class Refusal(Exception):
    """The domain says no.

    Subclasses state their reason in one docstring sentence. Facts are passed by keyword and
    become attributes, so that a message in any language can name them.
    """

    def __init__(self, **facts: Any) -> None:
        self.facts = facts
        super().__init__(f"{type(self).__name__}: {self.__doc__ or ''} {facts or ''}".strip())

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["facts"][name]
        except KeyError:
            raise AttributeError(name) from None


class StoreInUse(Refusal):
    """Another process already writes to this data folder."""


class StoreKindMismatch(Refusal):
    """A demonstration store can never become a real one, nor the other way round."""


class FolderUnusable(Refusal):
    """The data folder cannot be made, or this program may not write there."""


class StoreNotEmpty(Refusal):
    """The store holds data already: a demonstration is made in an empty one."""


class StoreHoldsData(Refusal):
    """The store holds data already: a backup is restored into an empty one only."""


class NotABackup(Refusal):
    """The file is not a backup of this program's."""


class BackupNotFound(Refusal):
    """There is no backup of that name."""


class BackupPlanRefused(Refusal):
    """The hour or the folder for backups does not fit."""


class BackupDamaged(Refusal):
    """The backup was altered, cut off or written wrongly: not one row of it is used."""


class BackupUnfit(Refusal):
    """The backup's tables are not those that its own schema makes here."""


class RestoreUnproved(Refusal):
    """What was restored does not prove itself, so nothing of it was kept."""


class FileInTheWay(Refusal):
    """A file of that name is there already, and it is no backup."""


class FileUnwritable(Refusal):
    """The file cannot be written or read there."""


class SchemaTooNew(Refusal):
    """The store was written by a newer version of the program."""


class UnknownKey(Refusal):
    """Something was sealed or signed with a key that this installation does not hold."""


class SecretFromOutside(Refusal):
    """The secret comes from the environment, so that it has to be changed there first."""


class NothingToRotate(Refusal):
    """The store is empty: it has no key yet that could be changed."""


class OthersConnected(Refusal):
    """Other processes of this program use the database while its keys are to be changed."""


class SealsLeft(Refusal):
    """Some sealed values could not be opened, so that the old key is still needed."""


class CodeMistyped(Refusal):
    """A line of the recovery code is not as it was printed."""


class CodeOfAnotherKey(Refusal):
    """The recovery code is right, but is not that of the key asked for."""


class SealBroken(Refusal):
    """A sealed value does not open: it was altered or moved from another row."""


class WeakSecret(Refusal):
    """The secret has fewer than 32 characters."""


class AttachmentRefused(Refusal):
    """The file is too large or of a type that is not accepted here."""


class DiskFull(Refusal):
    """The disk is full: nothing was stored."""


class StoreUnreachable(Refusal):
    """The database cannot be reached just now."""


class CursorUnknown(Refusal):
    """This store never gave that cursor: read everything once more and follow from there."""


class TooManyLines(Refusal):
    """More lines than one file holds: ask for fewer days."""
