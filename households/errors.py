"""What the register floor refuses."""

from foundation.errors import Refusal


class RegionNotFound(Refusal):
    """There is no such region here."""


class RegionRefused(Refusal):
    """The region cannot be made or changed that way."""


class HouseholdNotFound(Refusal):
    """There is no such household here."""


class HouseholdChanged(Refusal):
    """Somebody else changed the household in the meantime."""


class NumberTaken(Refusal):
    """Another household of the village already has this number."""


class BatchNotFound(Refusal):
    """There is no such import here, or its time has run out."""


class BatchNotReady(Refusal):
    """The import has not been previewed, or was already confirmed."""


class OfficialNotFound(Refusal):
    """There is no such official here."""


class OfficialRefused(Refusal):
    """An official cannot be made or changed that way."""


class LoginTaken(Refusal):
    """Somebody already has this login."""


class RoleUnknown(Refusal):
    """There is no such role."""


class PasswordWeak(Refusal):
    """The password is too short or too common."""


class LoginRefused(Refusal):
    """Login and password do not match."""


class LoginSlowed(Refusal):
    """Too many attempts: wait before the next one."""


class DutyDayRefused(Refusal):
    """The day of a change of duties is too far away."""


class SeveralOfThatName(Refusal):
    """Several officials have that name: the login tells them apart."""


class LoginClosed(Refusal):
    """The official's login is closed."""


class PostRefused(Refusal):
    """There is no such post here, or it cannot be set that way."""


class HandedOver(Refusal):
    """Whoever it was has no duty left to hand over."""


class HandOverNotFound(Refusal):
    """There is no such hand-over here."""


class LastAdmin(Refusal):
    """Nobody would be left who may give duties there."""


class NoDutyToday(Refusal):
    """The official's duties have ended, or have not begun."""


class PasswordUnchanged(Refusal):
    """The first password has to be changed before anything else."""


class SessionEnded(Refusal):
    """The session has ended."""


class NotAllowed(Refusal):
    """This role may not do that here."""


class PurposeMissing(Refusal):
    """Keeping or showing personal numbers needs a written purpose."""


class NotAWorkbook(Refusal):
    """The file is not a workbook."""


class WorkbookProtected(Refusal):
    """The workbook is protected by a password."""


class WorkbookTooLarge(Refusal):
    """The file is larger than a register can be."""


class WorkbookBomb(Refusal):
    """The file unpacks to far more than it should."""


class NoHeaderFound(Refusal):
    """No sheet has a recognisable header row."""


class TooManyRows(Refusal):
    """The workbook has more rows than one import takes."""


class WorkbookUnreadable(Refusal):
    """The workbook is damaged or took too long to read."""


class DetailRefused(Refusal):
    """Something about a household or person cannot be written down like that."""


class HouseholdLeft(Refusal):
    """The household has left the village."""


class IdNumberNotKept(Refusal):
    """Only a digest of the ID number is kept, so it can be checked but not shown."""


class PassbookNotFound(Refusal):
    """There is no such passbook here."""


class PassbookShut(Refusal):
    """The passbook's page is not open: the PIN is asked for."""


class PassbookClosed(Refusal):
    """The household has left: its card opens nothing any more."""


class PinRefused(Refusal):
    """The PIN does not fit."""


class FirstCodeRefused(Refusal):
    """The one-time code does not fit, or has been used."""


class PinNotSet(Refusal):
    """Nobody has chosen a PIN for this passbook yet."""


class PinWeak(Refusal):
    """The PIN is not six digits, or one that others guess first."""


class TooManyCards(Refusal):
    """More cards than one print can hold."""


class HouseholdNotYet(Refusal):
    """The household was not in the village yet on that day."""


class HouseholdMoved(Refusal):
    """The household lives on in another one, which it was merged into or moved to."""


class MoveNotFound(Refusal):
    """There is no such step here."""


class MoveIdTaken(Refusal):
    """A step of this id was taken before, with other content."""


class MoveSettled(Refusal):
    """Something has happened since that rests on the step, so it is not undone any more."""


class NotWholeStore(Refusal):
    """Backups and keys are of the whole store: who looks after a part of it has no say in them."""


class NoCardsToPrint(Refusal):
    """No household is here whose card could be printed."""
