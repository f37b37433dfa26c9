"""What the rules floor refuses."""

from foundation.errors import Refusal


class RuleBookNotFound(Refusal):
    """There is no such version of a rule book here."""


class ItemNotFound(Refusal):
    """There is no such scoring item here."""


class PlaceNotFound(Refusal):
    """The text has no clause or item at that place."""


class NoRuleBook(Refusal):
    """The village has no rule book in force on that day."""


class StarterNotFound(Refusal):
    """There is no starter rule book of that name."""


class RuleBookInvalid(Refusal):
    """The rule book has faults, each named with its place."""


class VersionFrozen(Refusal):
    """A published version is never changed, deleted or published again."""


class DraftChanged(Refusal):
    """Somebody else changed the draft in the meantime."""


class TooManyDrafts(Refusal):
    """The village keeps more drafts than anybody could be working on."""


class InForceTooEarly(Refusal):
    """Days that may already have been scored keep the version that they had."""


class InForceOutOfRange(Refusal):
    """The day is so far away that it is taken for a typing mistake."""


class NotPublished(Refusal):
    """Only a published version can have been adopted."""


class AdoptionInvalid(Refusal):
    """The record of the vote has faults, each named with its field."""


class AdoptionNotPassed(Refusal):
    """The vote missed its quorum or its majority and adopted nothing."""


class AlreadyRecorded(Refusal):
    """A vote or a filing is recorded once."""


class ScanRefused(Refusal):
    """The scan is too large, or is not a PDF or a picture."""


class ScanNotFound(Refusal):
    """No scan was kept with this version's adoption."""
