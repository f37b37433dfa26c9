"""The command that makes the demo county; `serve` makes it the same way on its first start."""

import click
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from api import settings as settings_
from api.demo import build
from api.demo.build import Login
from api.demo.plan import Plan
from api.render import ROLE_NAMES
from api.terminal import answer, json_option, run, say, screen
from foundation import clock
from points.errors import PeriodUnknown
from points.period import Period

# An installation for more than a county is out of reach of one demonstration.
HOUSEHOLDS_MAX, VILLAGES_MAX, MONTHS_MAX = 60_000, 140, 60

# The line of a household, whose page opens with the PIN in the place of a password.
PASSBOOK = "村民存折 Passbook"


class Month(click.ParamType[Period]):
    """A calendar month that has begun, such as 2026-10."""

    name = "YYYY-MM"

    def convert(
        self, value: str | Period, param: click.Parameter | None, ctx: click.Context | None
    ) -> Period:
        """Ends with exit 2 for what is not a month, or one that is still to come."""
        if isinstance(value, Period):
            return value
        try:
            month = Period.parse(value)
        except PeriodUnknown:
            self.fail(f"{value!r} is not a month such as 2026-10", param, ctx)
        if month.kind != "month" or month.first > clock.today():
            self.fail(f"{value} is not a month that has begun", param, ctx)
        return month


@click.command()
@click.option("--households", type=click.IntRange(1, HOUSEHOLDS_MAX), default=6000)
@click.option("--villages", type=click.IntRange(1, VILLAGES_MAX), default=20)
@click.option("--months", type=click.IntRange(1, MONTHS_MAX), default=12)
@click.option("--seed", type=int, default=1, help="another seed, another county")
@click.option("--until", type=Month(), help="the last month; by default the last complete one")
@json_option
def demo(
    households: int, villages: int, months: int, seed: int, until: Period | None, as_json: bool
) -> None:
    """Make the demo county in an empty store: real divisions, invented people.

    The same arguments give the same county. Prints one login a role, this once.
    """
    if households < villages:
        raise click.UsageError(f"{households} households are too few for {villages} villages")
    plan = Plan(
        until=until or last_month(),
        households=households,
        villages=villages,
        months=months,
        seed=seed,
    )
    settings = settings_.load(real=False)
    logins = run(lambda _: make(plan), write=True, settings=settings)
    if as_json:
        answer(logins)
    else:
        show(logins)


def last_month() -> Period:
    """The last month that is over."""
    return Period.of(clock.today(), kind="month").previous


async def make(plan: Plan) -> dict[str, Login]:
    """Make the county in the open store, with a progress bar on standard error."""
    await build.require_empty()
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
               TimeRemainingColumn())  # fmt: skip
    with Progress(*columns, console=screen) as bar:
        task = bar.add_task("正在生成演示县 Making the demo county", total=plan.work)
        return await build.make(plan, advance=lambda work: bar.advance(task, work))


def show(logins: dict[str, Login]) -> None:
    """Print who can log in; nobody can look it up later."""
    table = Table(box=None, pad_edge=False)
    for heading in ("角色 Role", "用户名 Login", "密码 Password", "地方 Region"):
        table.add_column(heading, no_wrap=True)
    for role, login in logins.items():
        table.add_row(
            ROLE_NAMES.get(role, PASSBOOK), login.login, login.password, login.region_name
        )
    say("演示数据，请勿录入真实信息。 Demo data: enter nothing real.")
    say("以下密码只显示这一次。 These passwords are shown this once.")
    screen.print(table)
