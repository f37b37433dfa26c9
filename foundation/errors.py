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


class SchemaTooNew(Refusal):
    """The store was written by a newer version of the program."""


class UnknownKey(Refusal):
    """Something was sealed or signed with a key that this installation does not hold."""


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
