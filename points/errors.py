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


class DisplayDaysRefused(Refusal):
    """A posted list hangs neither shorter nor longer than that."""


class PublicationNotFound(Refusal):
    """There is no such publication here."""


class PublicationDateRefused(Refusal):
    """A list is hung on or after the day of publication, taken down after that, and not yet
    in the future."""


class DisplayOver(Refusal):
    """The list is no longer on display, so no poster with its rows is made."""


class LedgerBusy(Refusal):
    """Points are being posted all the time in this village: try again in a moment."""


class NotAPublicationFile(Refusal):
    """The file is not a signed publication."""


# -- founding ---------------------------------------------------------------------------


class AlreadyFounded(Refusal):
    """This store has its first administrator already."""


class SetupCodeWrong(Refusal):
    """The code is not the one that the terminal shows."""


# -- ledger and scoring -------------------------------------------------------------------


class IdTaken(Refusal):
    """This id already stands for something else."""


class EntryNotFound(Refusal):
    """There is no such entry here."""


class DeductionNotYet(Refusal):
    """No points can be deducted before notice and reply exist."""


class PointsOutOfRange(Refusal):
    """The points are outside of what the item gives."""


class CapExceeded(Refusal):
    """The household would earn more from this item than its cap allows."""


class CycleDone(Refusal):
    """The household has already been scored for this item in this cycle."""


class DeedInFuture(Refusal):
    """The deed lies in the future."""


class ItemNotInForce(Refusal):
    """The item does not belong to the rule book in force on the day of the deed."""


class OwnHousehold(Refusal):
    """Nobody scores his own household."""


class ScorerNotAllowed(Refusal):
    """The rule book gives this item to other scorers."""


class EvidenceMissing(Refusal):
    """The rule book asks for evidence with this item."""


class ReasonMissing(Refusal):
    """An entry needs a reason that anybody can follow."""


class ReasonTooLong(Refusal):
    """The reason has more characters than an entry keeps."""


class OwnMove(Refusal):
    """Nobody takes a step with his own household."""


class SplitNotCovered(Refusal):
    """A household cannot give more points to the one that splits off than it has."""


class PointsSpent(Refusal):
    """The points that would go back have been spent meanwhile."""


class AlreadyReversed(Refusal):
    """The entry has already been reversed."""


class OpeningDayUnknown(Refusal):
    """Opening balances need the day up to which the old books were added up."""


class CannotReverse(Refusal):
    """Only points that were earned can be reversed, and a reversal stays."""


class NotOnSheet(Refusal):
    """The household or the item is not on this sheet."""


class CellTwice(Refusal):
    """The same cell occurs twice on this sheet."""


class BatchRefused(Refusal):
    """Some entries of the batch cannot be posted, so none was."""


class SheetRefused(Refusal):
    """Some cells cannot be posted, so none was."""


# -- lists that are handed in ---------------------------------------------------------------


class FileNotSound(Refusal):
    """Something in the signed file was changed after it was signed."""


class SignerUnconfirmed(Refusal):
    """Nobody has confirmed yet that this key is the village's."""


class SignerForeign(Refusal):
    """Another key was confirmed for this village than the one that signed the file."""


class SignerMistyped(Refusal):
    """The key that was confirmed is not the one that signed the file."""


class SignerNotFound(Refusal):
    """No key is confirmed for this village."""


class SerialTaken(Refusal):
    """A list of this serial with other content has already been handed in."""


class VillageKeptHere(Refusal):
    """The village keeps its books in this installation, so it posts here."""


class SheetNotFound(Refusal):
    """There is no such posted sheet here."""


class NothingToReverse(Refusal):
    """Nothing of the sheet stands that this official could take back."""


# -- packets --------------------------------------------------------------------------------


class NothingInPacket(Refusal):
    """No village posted a list in this period."""


class PacketTooLarge(Refusal):
    """More lists than one packet holds: ask township by township."""


class NothingToPrint(Refusal):
    """No entry came since the last page of the passbook was printed."""


class PassbookPageNotFound(Refusal):
    """There is no such printed page of this passbook."""
