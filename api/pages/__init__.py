"""The screens, one file a family: twins of the JSON handlers over the same verbs."""

from litestar.types import ControllerRouterHandler

from api.pages.audit import AuditPages
from api.pages.backups import BackupPages
from api.pages.checks import CheckPages
from api.pages.comparison import ComparisonPages
from api.pages.duties import DutyPages
from api.pages.entrance import EntranceController
from api.pages.entries import EntryPages
from api.pages.handovers import HandOverPages
from api.pages.help import HelpPages
from api.pages.home import HomePages
from api.pages.household_forms import HouseholdForms
from api.pages.households import HouseholdPages
from api.pages.imports import ImportPages
from api.pages.incoming import IncomingPages
from api.pages.item_tables import ItemFiles, ItemTables
from api.pages.kept import KeptPages
from api.pages.leaderboard import LeaderboardPages
from api.pages.me import MePages
from api.pages.moves import MovePages
from api.pages.name_choices import NameChoicePages
from api.pages.notices import NoticePages
from api.pages.official_tables import OfficialTables
from api.pages.officials import OfficialPages
from api.pages.opening_tables import OpeningTables
from api.pages.overview import OverviewPages
from api.pages.packets import PacketPages
from api.pages.passbook import PassbookPages
from api.pages.passbooks import PassbookCardPages
from api.pages.posted import PostedPages
from api.pages.publications import PublicationPages
from api.pages.regions import RegionPages
from api.pages.rule_drafts import RuleDraftPages
from api.pages.rules import RulePages
from api.pages.scores import ScorePages
from api.pages.settings import SettingPages
from api.pages.setup import SetupController
from api.pages.sheet_tables import SheetTables
from api.pages.slips import SlipPages
from api.pages.village import VillagePages

HANDLERS: list[ControllerRouterHandler] = [
    EntranceController,
    MePages,
    HomePages,
    ImportPages,
    HouseholdPages,
    HouseholdForms,
    MovePages,
    NameChoicePages,
    ScorePages,
    OpeningTables,
    ItemTables,
    SheetTables,
    ItemFiles,
    EntryPages,
    LeaderboardPages,
    PublicationPages,
    NoticePages,
    PostedPages,
    SetupController,
    RegionPages,
    RulePages,
    RuleDraftPages,
    OfficialTables,
    SlipPages,
    DutyPages,
    HandOverPages,
    OfficialPages,
    KeptPages,
    SettingPages,
    BackupPages,
    AuditPages,
    HelpPages,
    CheckPages,
    OverviewPages,
    PassbookPages,
    PassbookCardPages,
    VillagePages,
    IncomingPages,
    PacketPages,
    ComparisonPages,
]
