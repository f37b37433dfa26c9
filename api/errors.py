"""How a refusal is answered: the one table from refusal to status and sentence.

api/answers.py makes problem details or a page of it.
"""

import re

from api import details, locale
from foundation import errors as foundation
from foundation.errors import Refusal
from foundation.marking import mark as _n
from households import errors as households
from points import errors as points
from rules import errors as rules


class PrintingFailed(Refusal):
    """The document could not be made in the time and memory that printing has."""


class QrRefused(Refusal):
    """A QR code needs an address that a phone can reach: set XIANGYUE_PUBLIC_URL."""


class SlipsGone(Refusal):
    """These slips were fetched already, or nobody fetched them in time."""


REFUSALS: dict[type[Refusal], tuple[int, str]] = {
    # foundation
    foundation.StoreInUse: (
        409,
        _n("数据目录 %(folder)s 正在被进程 %(process)s 使用。请在网页里操作，或先停止服务。"),
    ),
    foundation.StoreKindMismatch: (
        409,
        _n("这里的数据是 %(kind)s，不能当作 %(wanted)s 使用。演示数据永远不会变成正式数据。"),
    ),
    foundation.FolderUnusable: (
        409,
        _n("数据目录 %(folder)s 不能使用（%(why)s）。请检查权限，或用 XIANGYUE_DATA 另选一个。"),
    ),
    foundation.StoreNotEmpty: (
        409,
        _n("这里已经有数据，演示县只能在空的数据目录里生成。"),
    ),
    foundation.SchemaTooNew: (
        409,
        _n("数据由更新版本的程序写成（%(app)s %(migration)s），请先升级。"),
    ),
    foundation.StoreHoldsData: (409, _n("这里已经有数据：备份只能恢复到空的数据目录或数据库里。")),
    foundation.NotABackup: (400, _n("%(file)s 不是乡约的备份文件。")),
    foundation.BackupNotFound: (404, _n("没有叫 %(file)s 的备份。")),
    foundation.BackupPlanRefused: (
        400,
        _n("备份的时间要在 0 到 23 点之间；另存的文件夹要写全路径、已经存在、不在数据目录里。"),
    ),
    foundation.BackupDamaged: (
        409,
        _n("备份 %(file)s 已损坏（%(detail)s），一行也没有恢复。请换一份备份。"),
    ),
    foundation.BackupUnfit: (
        409,
        _n("备份里的表 %(table)s 与本程序不符，一行也没有恢复。"),
    ),
    foundation.RestoreUnproved: (
        409,
        _n("恢复出来的账没有通过核对（%(faults)s），一行也没有保留。"),
    ),
    foundation.FileInTheWay: (409, _n("%(file)s 已经存在，而且不是备份，没有覆盖。请换个文件名。")),
    foundation.FileUnwritable: (409, _n("%(file)s 不能读写（%(why)s）。")),
    foundation.UnknownKey: (409, _n("缺少密钥 %(key_id)s，无法打开这里的数据。请找回当时的密钥。")),
    foundation.SecretFromOutside: (
        409,
        _n(
            "密钥由 XIANGYUE_SECRET 给出。旧密钥已存入数据目录；请把 XIANGYUE_SECRET 换成新的"
            "（至少 32 个随机字符），再运行一次。"
        ),
    ),
    foundation.NothingToRotate: (409, _n("这里还没有数据，没有要换的密钥。")),
    foundation.OthersConnected: (409, _n("还有别的程序在用这个数据库，请先停止所有服务再换密钥。")),
    foundation.SealsLeft: (409, _n("还有内容用旧密钥 %(keys)s 密封，没有换完，请再运行一次。")),
    foundation.CodeMistyped: (400, _n("第 %(line)s 行与恢复单上的不一致，请对照着再输一遍。")),
    foundation.CodeOfAnotherKey: (
        409,
        _n("这是密钥 %(key_id)s 的恢复单，不是要找的那一把，或者还没有输完。"),
    ),
    foundation.SealBroken: (409, _n("密封的内容打不开（%(place)s），可能被改动过。")),
    foundation.WeakSecret: (409, _n("XIANGYUE_SECRET 至少要 %(minimum)s 个字符。")),
    foundation.AttachmentRefused: (413, _n("文件太大或类型不对：最大 20 MB。")),
    foundation.DiskFull: (409, _n("磁盘已满，什么也没有保存。请清出空间后再试一次。")),
    foundation.CursorUnknown: (
        410,
        _n("这个游标不是这里给的，或者数据恢复过。请重新读取一遍，再从新的游标跟起。"),
    ),
    # The one answer above 499 that is no bug of ours: whoever asked may ask again.
    foundation.StoreUnreachable: (503, _n("数据库暂时连不上，请稍等再试一次。")),
    foundation.TooManyLines: (
        409,
        _n("一个文件最多 %(lines_max)s 行，请把日期选短一些，分几次导出。"),
    ),
    # points: founding
    points.AlreadyFounded: (409, _n("这里已经有管理员了，请登录。")),
    points.SetupCodeWrong: (400, _n("启动码不对。请看启动程序的窗口里显示的 8 位启动码。")),
    # points: ledger and scoring
    points.IdTaken: (409, _n("这个编号已经用在别的内容上，请刷新页面后再做一次。")),
    points.NothingToPrint: (409, _n("上次打印以后没有新的积分，不用再印。")),
    points.PassbookPageNotFound: (404, _n("这本存折没有印过这一页。")),
    points.EntryNotFound: (404, _n("这里没有这笔记录。")),
    points.DeductionNotYet: (409, _n("现在不能扣分：要先有告知和申辩的办法。")),
    points.PointsOutOfRange: (
        409,
        _n("“%(item)s”每次 %(points_min)s–%(points_max)s 分，不能记 %(points)s 分。"),
    ),
    points.CapExceeded: (
        409,
        _n("“%(item)s”最多 %(cap_points)s 分，本期已有 %(standing)s 分，不能再记 %(points)s 分。"),
    ),
    points.CycleDone: (409, _n("“%(item)s”本期已经评过（%(standing)s 分），要改请先冲正。")),
    points.DeedInFuture: (409, _n("%(on)s 还没有到，不能先记分。")),
    points.ItemNotInForce: (409, _n("%(on)s 施行的村规民约里没有这一项，请选当天有效的评分细则。")),
    points.OwnHousehold: (409, _n("不能给自己家评分。")),
    points.ScorerNotAllowed: (409, _n("按村规民约，“%(item)s”不由您的角色评。")),
    points.EvidenceMissing: (409, _n("“%(item)s”要附上证明材料。")),
    points.ReasonMissing: (400, _n("请写明理由。")),
    points.ReasonTooLong: (400, _n("理由最多 %(length_max)s 个字，现在有 %(length)s 个。")),
    points.OwnMove: (409, _n("自家的变动请另一位经办人来办。")),
    points.SplitNotCovered: (
        409,
        _n("这一户可用积分 %(balance)s 分，分给新户的要在 0 和它之间，不能是 %(points)s 分。"),
    ),
    points.PointsSpent: (
        409,
        _n("要退回 %(points)s 分，现在只有 %(balance)s 分，不能撤销。"),
    ),
    points.AlreadyReversed: (409, _n("这一笔已经冲正过了。")),
    points.OpeningDayUnknown: (400, _n("请写明旧账结到哪一天，例如 2026-06-30。")),
    points.CannotReverse: (
        409,
        _n("只有评得的分能冲正。冲正本身错了，照原来那笔再记一笔。"),
    ),
    points.NotOnSheet: (409, _n("这一户或这一项不在这张表上，请刷新后再看。")),
    points.CellTwice: (400, _n("同一格在表上出现了两次。")),
    points.SheetNotFound: (404, _n("这里没有这张评分表。")),
    points.NothingToReverse: (
        409,
        _n("这张表没有还能冲正的分。您自己家的，请别人来冲正。"),
    ),
    points.SheetRefused: (409, _n("有的格子不能入账，所以一笔也没有记。")),
    points.BatchRefused: (409, _n("这一批里有的不能入账，所以一笔也没有记。")),
    # rules
    rules.RuleBookNotFound: (404, _n("这里没有这一版村规民约。")),
    rules.ItemNotFound: (404, _n("这里没有这项评分细则。")),
    rules.PlaceNotFound: (404, _n("草稿里没有第 %(place)s 处，可能刚被别人删掉。")),
    rules.NoRuleBook: (409, _n("%(on)s 这一天还没有施行的村规民约，请先公布一版。")),
    rules.StarterNotFound: (404, _n("没有叫 %(name)s 的范本。")),
    rules.RuleBookInvalid: (409, _n("村规民约还有没填对的地方，没有保存。")),
    rules.VersionFrozen: (409, _n("第 %(number)s 版已经公布，不能再改。要改请另起一版。")),
    rules.DraftChanged: (409, _n("这份草稿刚被别人改过。您填的还在下面，请核对后再保存一次。")),
    rules.TooManyDrafts: (409, _n("草稿最多留 %(limit)s 份，请先删掉用不着的。")),
    rules.InForceTooEarly: (
        409,
        _n("最早从 %(earliest)s 起施行：在那以前的日子，已经按原来的版本记分。"),
    ),
    rules.InForceOutOfRange: (
        409,
        _n("施行日期 %(on)s 不对，请核对年份：应在 %(earliest)s 和 %(latest)s 之间。"),
    ),
    rules.NotPublished: (409, _n("要先公布，才能登记表决；先登记表决，才能登记备案。")),
    rules.AdoptionInvalid: (409, _n("表决记录还有没填对的地方，没有保存。")),
    rules.AdoptionNotPassed: (
        409,
        _n(
            "这次表决没有通过，不能登记：应到 %(roll)s，实到 %(present)s（至少要 "
            "%(present_needed)s），赞成 %(in_favour)s（至少要 %(in_favour_needed)s）。"
            "依据：%(citation)s。"
        ),
    ),
    rules.AlreadyRecorded: (409, _n("第 %(number)s 版已经登记过，只能登记一次。")),
    rules.ScanRefused: (400, _n("扫描件要是 PDF、PNG 或 JPEG，最大 10 MB。")),
    rules.ScanNotFound: (404, _n("这一版没有存扫描件。")),
    # points: leaderboards and publications
    points.PeriodUnknown: (400, _n("“%(text)s”不是一个时段。请写 2026-10、2026Q4 或 2026。")),
    points.BlockUnknown: (400, _n("没有“%(block)s”这个板块。")),
    points.NoLeaderboardHere: (409, _n("排行榜只按村、组、网格来排，不在村与村之间比较。")),
    points.NothingToPublish: (
        409,
        _n("没有可公布的名次：参评 %(taking_part)s 户、共 %(earned)s 分。最多公布一半。"),
    ),
    points.DisplayDaysRefused: (409, _n("公示期要在 %(days_min)s 到 %(days_max)s 天之间。")),
    points.PublicationNotFound: (404, _n("这里没有编号为 %(serial)s 的榜。")),
    points.PublicationDateRefused: (409, _n("日期要在 %(first)s 到 %(last)s 之间。")),
    points.DisplayOver: (409, _n("%(serial)s 的公示期已满或已有新榜，不再打印带户名的榜。")),
    points.LedgerBusy: (409, _n("本村正在入账，请稍等片刻再公布。")),
    points.NotAPublicationFile: (400, _n("这不是乡约的公布文件（.xyp），或者已经损坏。")),
    # points: lists that are handed in
    points.FileNotSound: (
        400,
        _n("这个文件签名以后被改动过，或者不完整，没有收下。请村里重新导出一份。"),
    ),
    points.SignerUnconfirmed: (
        409,
        _n(
            "还没有核实过%(village)s的密钥，没有收下。请打电话请村里读出密钥指纹，"
            "和 %(key)s 一字不差，再确认。"
        ),
    ),
    points.SignerForeign: (
        409,
        _n(
            "签名的密钥 %(key)s 不是%(village)s核实过的 %(confirmed)s，没有收下。"
            "村里换了密钥的，请先撤销原来的，再打电话核实新的。"
        ),
    ),
    points.SignerMistyped: (
        409,
        _n("读来的密钥指纹和文件的 %(key)s 不一样，没有收下。请再打电话核对。"),
    ),
    points.SignerNotFound: (404, _n("这个村没有核实过的密钥。")),
    points.SerialTaken: (
        409,
        _n("编号 %(serial)s 已经收过一张内容不同的榜，没有收下。请村里说明哪一张是真的。"),
    ),
    points.VillageKeptHere: (
        409,
        _n("%(village)s就在这里记账、出榜，不用报文件。"),
    ),
    points.NothingInPacket: (409, _n("%(region)s在这一时段还没有一个村出榜。")),
    points.PacketTooLarge: (
        409,
        _n(
            "一个包最多装 %(publications_max)s 张榜，这里有 %(publications)s 张，请按乡镇分开下载。"
        ),
    ),
    # printing
    PrintingFailed: (409, _n("打印文件没有做成（%(reason)s），请少选一些再试。")),
    QrRefused: (
        409,
        _n("还没有设置别人能访问的网址（XIANGYUE_PUBLIC_URL），不能打印二维码。"),
    ),
    SlipsGone: (404, _n("密码条已经取走，或者过了时间。没拿到的话再做一次，旧的作废。")),
    # households
    households.RegionNotFound: (404, _n("这里没有这个区划：%(code)s。")),
    households.RegionRefused: (409, _n("区划不能这样设立或修改，请检查上级、级别和名称。")),
    households.HouseholdNotFound: (404, _n("这里没有这一户。")),
    households.HouseholdChanged: (409, _n("这一户刚被别人改过，请刷新后再改，您填的内容还在。")),
    households.NumberTaken: (409, _n("本村已有户号为 %(number)s 的一户。")),
    households.DetailRefused: (400, _n("这一项不能这样填写。")),
    households.HouseholdLeft: (409, _n("这一户已经迁出，不能再修改。如有误请先恢复。")),
    households.HouseholdNotYet: (409, _n("这一户 %(joined_on)s 才入册，不能记更早的事。")),
    households.HouseholdMoved: (
        409,
        _n("这一户已经并入或迁到别处，不在这里了；请找现在的那一户。"),
    ),
    households.MoveNotFound: (404, _n("这里没有这次变动。")),
    households.MoveIdTaken: (409, _n("这个编号已经用在别的变动上，请刷新页面后再做一次。")),
    households.MoveSettled: (
        409,
        _n("这次变动之后又有了别的变动、人员或记分，不能撤销；请另办一次变动。"),
    ),
    households.IdNumberNotKept: (409, _n("本村不保存证件号码，只能核对，不能查看。")),
    households.BatchNotFound: (404, _n("没有这次导入，或已过期，请重新上传。")),
    households.BatchNotReady: (409, _n("这次导入还没有预览完，或已经确认过。")),
    households.OfficialNotFound: (404, _n("这里没有这个人员。")),
    households.OfficialRefused: (
        409,
        _n("用户名要 2 到 40 个字母、数字或汉字，姓名不能空；最后一项职责不能收回，请停用账号。"),
    ),
    households.LoginTaken: (409, _n("用户名 %(login)s 已有人使用，请换一个。")),
    households.RoleUnknown: (400, _n("没有 %(role)s 这个角色。")),
    households.PasswordWeak: (
        400,
        _n("密码太简单：至少 %(length_min)s 个字符，不要只重复几个字。"),
    ),
    households.LoginRefused: (401, _n("用户名或密码不对。")),
    households.LoginSlowed: (429, _n("试得太多了，请等 %(seconds)s 秒再试。")),
    households.PassbookNotFound: (
        404,
        _n("没有这本存折。卡可能换过了，请用新卡上的二维码，或到村委会问。"),
    ),
    households.PassbookShut: (401, _n("存折页已经关上，请再输一次密码。")),
    households.PassbookClosed: (
        409,
        _n("这一户已经迁出或并到别的户，存折页不再打开。有疑问请到村委会。"),
    ),
    households.PinRefused: (401, _n("密码不对。忘了密码，请带存折到村委会重设。")),
    households.FirstCodeRefused: (
        401,
        _n("首次密码不对，或者已经用过。如果不是您家用的，请马上到村委会重设。"),
    ),
    households.PinNotSet: (409, _n("这本存折还没有设密码，请用纸条上的首次密码。")),
    households.PinWeak: (
        400,
        _n("密码要 6 位数字，不要用 123456、888888 这样的，也不要用家里人的生日。"),
    ),
    households.NoCardsToPrint: (409, _n("这里没有在册的农户，没有卡可印。")),
    households.TooManyCards: (
        409,
        _n("一次最多印 %(cards_max)s 张，现在选了 %(cards)s 张，请分组印。"),
    ),
    households.DutyDayRefused: (
        409,
        _n("日期要在一个月以前和三个月以后之间，%(on)s 太远了。"),
    ),
    households.SeveralOfThatName: (409, _n("叫“%(name)s”的不止一个人，请改写他的用户名。")),
    households.LoginClosed: (409, _n("“%(name)s”的账号已停用，请先恢复使用。")),
    households.PostRefused: (409, _n("岗位“%(name)s”这里没有，或者不能这样设。")),
    households.HandedOver: (409, _n("“%(name)s”已经没有在任的职责，不用再交接。")),
    households.HandOverNotFound: (404, _n("这里没有这次交接。")),
    households.LastAdmin: (
        409,
        _n("这里只剩他一个管理员，交给空岗就没有人能再任命了。请先选好接手人。"),
    ),
    households.NoDutyToday: (403, _n("您今天没有在任的职责，不能登录。请问本单位管理员。")),
    households.SessionEnded: (401, _n("登录已过期，请重新登录。")),
    households.PasswordUnchanged: (
        403,
        _n("请先把初始密码改成自己的：网页上是 /me，程序用 POST /api/v1/officials/me/password。"),
    ),
    households.NotWholeStore: (
        404,
        _n("备份和密钥是整套数据的事，请由管着全部村的管理员来办。"),
    ),
    households.NotAllowed: (403, _n("您的角色不能在这里做这件事。")),
    households.PurposeMissing: (400, _n("保存或查看证件号码要写明用途。")),
    households.NotAWorkbook: (400, _n("这不是表格文件。请用 xlsx、xls 或 csv。")),
    households.WorkbookProtected: (
        400,
        _n("表格有打开密码，请先在 Excel 或 WPS 里取消密码再上传。"),
    ),
    households.WorkbookTooLarge: (413, _n("文件太大，一个村的农户册不会超过 20 MB。")),
    households.WorkbookBomb: (400, _n("文件解压后大得不正常，不予读取。")),
    households.NoHeaderFound: (400, _n("没有找到表头。表里要有“户主”或“姓名”等列名。")),
    households.TooManyRows: (400, _n("行数太多，一次最多导入 50,000 行。")),
    households.WorkbookUnreadable: (400, _n("表格已损坏或读取超时，请另存一份再试。")),
}


def message(refusal: Refusal) -> str:
    """The sentence for a refusal, in the reader's language."""
    if isinstance(refusal, households.DetailRefused):
        return details.sentence(refusal)
    text = locale.text(status_and_text(refusal)[1])
    try:
        return text % locale.Facts(refusal.facts)
    except KeyError:
        return re.sub(r"%\([^)]+\)s", "", text)


def status_and_text(refusal: Refusal) -> tuple[int, str]:
    """The table's line for a refusal's class."""
    return REFUSALS[type(refusal)]
