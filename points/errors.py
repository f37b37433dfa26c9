"""What the points floor refuses."""

from foundation.errors import Refusal

# -- periods, leaderboards, publications --------------------------------------------------


class PeriodUnknown(Refusal):
    """This is not a period: write 2026-10, 2026Q4 or 2026."""


class BlockUnknown(Refusal):
    """There is no such block of points."""


class NoLeaderboardHere(Refusal):
    """Only a village, a group, a grid or a micro-grid has a leaderboard."""


class NothingToPublish(Refusal):
    """Nobody earned enough points in this period for a list to be posted."""


class DisplayTooShort(Refusal):
    """A posted list hangs longer than that."""


class PublicationNotFound(Refusal):
    """There is no such publication here."""


class PublicationIdTaken(Refusal):
    """This id already belongs to a publication of something else."""


class PublicationDateRefused(Refusal):
    """A list is hung on or after the day of publication, taken down after that, and not yet
    in the future."""


class LedgerBusy(Refusal):
    """Points are being posted all the time in this village: try again in a moment."""


class NotAPublicationFile(Refusal):
    """The file is not a signed publication."""


# -- founding ---------------------------------------------------------------------------


class AlreadyFounded(Refusal):
    """This store has its first administrator already."""


class SetupCodeWrong(Refusal):
    """The code is not the one that the terminal shows."""
