"""The JSON API, one file a noun."""

from litestar.types import ControllerRouterHandler

from api.v1.audit import AuditController
from api.v1.backups import BackupController
from api.v1.changes import ChangeController
from api.v1.checks import CheckController
from api.v1.comparison import ComparisonController
from api.v1.duties import DutyController
from api.v1.entries import EntryController
from api.v1.handovers import HandOverController
from api.v1.households import HouseholdController
from api.v1.imports import ImportController
from api.v1.incoming import IncomingController
from api.v1.leaderboard import LeaderboardController
from api.v1.moves import MoveController
from api.v1.officials import OfficialController
from api.v1.overview import OverviewController
from api.v1.packets import PacketController
from api.v1.passbook import PassbookController
from api.v1.passbooks import PassbookCardController
from api.v1.publications import PublicationController
from api.v1.regions import RegionController
from api.v1.residents import ResidentController
from api.v1.rules import RuleController
from api.v1.scores import ScoreController
from api.v1.settings import SettingController
from api.v1.sheets import SheetController
from api.v1.tables import ItemImports, OfficialImports, OpeningImports, SheetImports
from api.v1.today import TodayController
from api.v1.tokens import TokenController
from api.v1.village import VillageController

HANDLERS: list[ControllerRouterHandler] = [
    TokenController,
    RegionController,
    OfficialController,
    DutyController,
    HouseholdController,
    MoveController,
    ResidentController,
    ImportController,
    OfficialImports,
    SheetImports,
    ItemImports,
    OpeningImports,
    RuleController,
    ScoreController,
    EntryController,
    SheetController,
    CheckController,
    LeaderboardController,
    PublicationController,
    OverviewController,
    ChangeController,
    AuditController,
    IncomingController,
    SettingController,
    HandOverController,
    TodayController,
    PacketController,
    PassbookCardController,
    PassbookController,
    VillageController,
    ComparisonController,
    BackupController,
]
