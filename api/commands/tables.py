"""Commands that bring plain tables in: officials with their password slips, opening balances."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import click
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from api import printing, slips, store
from api.settings import Settings
from api.terminal import acting, answer, as_option, json_option, run, say, screen
from foundation import clock
from foundation.actors import Actor
from households import first_passwords, regions, staffing, tabling
from households.errors import RegionNotFound
from households.first_passwords import Slip
from households.kinds import Kind
from households.kinds import Progress as Told
from households.tabling import TableResult
from points import openings as openings_

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
TARGET = click.Path(dir_okay=False, writable=True, path_type=Path)
PROBLEMS_SHOWN_MAX = 200

R = TypeVar("R")


async def with_bar(text: str, work: Callable[[Told], Awaitable[R]]) -> R:
    """Some work under a progress bar on the terminal."""
    with Progress(
        TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), console=screen
    ) as bar:
        task = bar.add_task(text, total=None)
        return await work(lambda done, total: bar.update(task, completed=done, total=total))


async def brought(
    kind: Kind,
    place: str,
    file: Path,
    *,
    by: Actor,
    dry_run: bool,
    target: dict[str, str] | None = None,
) -> TableResult:
    """A table read and stored, or only read."""
    return await with_bar(
        f"读取 {file.name}",
        lambda progress: tabling.import_file(
            kind,
            place,
            file.read_bytes(),
            filename=file.name,
            by=by,
            target=target,
            dry_run=dry_run,
            progress=progress,
        ),
    )


def told(result: TableResult, *, dry_run: bool, as_json: bool) -> None:
    """Say what an import did, or answer with it; exit 1 when nothing could be stored."""
    if as_json:
        answer(result)
    else:
        for problem in result.problems[:PROBLEMS_SHOWN_MAX]:
            mark = "✗" if problem.severity == "error" else "!"
            place = f"{problem.sheet} {problem.column}{problem.row}"
            say(f"{mark} {place} “{problem.value}” {problem.message}")
        hidden = len(result.problems) - PROBLEMS_SHOWN_MAX
        if hidden > 0:
            say(f"… 还有 {hidden} 处，用 --json 看全部。")
        stored = "将存" if dry_run else "已存"
        say(
            f"表里 {result.rows} 行；{stored}：新增 {result.created}，更新 {result.updated}，"
            f"未变 {result.unchanged}"
        )
        for name, figure in result.figures.items():
            say(f"{name}: {figure}")
    if not result.created + result.updated + result.unchanged:
        raise SystemExit(1)


@click.command("import")
@click.argument("file", type=FILE)
@click.option("--region", metavar="CODE", help="the county, township or village that it is for")
@click.option("--dry-run", is_flag=True, help="say what would happen and store nothing")
@click.option(
    "--slips",
    "target",
    type=TARGET,
    help="print first passwords into this PDF (parts of 300)",
)
@as_option
@json_option
def import_officials(
    file: Path,
    region: str | None,
    dry_run: bool,
    target: Path | None,
    login: str | None,
    as_json: bool,
) -> None:
    """Import officials from a workbook FILE (xlsx, xls or csv).

    Without --slips they have no password yet; print slips later on the screen. Exit code 1 only
    when nothing could be stored.
    """

    async def work(settings: Settings) -> TableResult:
        if not dry_run and await store.kind() is None:
            await store.claim("real")
        by = await acting(login)
        place = region or await _widest(by)
        result = await brought(staffing.KIND, place, file, by=by, dry_run=dry_run)
        if target and not dry_run:
            await _print(place, target, by=by, settings=settings)
        return result

    told(run(work, write=not dry_run), dry_run=dry_run, as_json=as_json)


@click.group("openings")
def openings() -> None:
    """Opening balances from the paper books."""


@openings.command("import")
@click.argument("file", type=FILE)
@click.option("--village", required=True, metavar="CODE", help="12-digit code")
@click.option("--on", "on", metavar="YYYY-MM-DD", help="the day the old books end")
@click.option("--dry-run", is_flag=True, help="say what would happen and store nothing")
@as_option
@json_option
def import_openings(
    file: Path, village: str, on: str | None, dry_run: bool, login: str | None, as_json: bool
) -> None:
    """Import households' opening balances from a workbook FILE; they never count as earned.

    Without --on they are dated today. Exit code 1 only when nothing could be stored.
    """

    async def work(_: Settings) -> TableResult:
        target = {"on": on or clock.today().isoformat()}
        by = await acting(login)
        return await brought(openings_.KIND, village, file, by=by, dry_run=dry_run, target=target)

    told(run(work, write=not dry_run), dry_run=dry_run, as_json=as_json)


async def _widest(by: Actor) -> str:
    """The one division at the top of what the actor decides about. `RegionNotFound`."""
    places = await regions.visible(by, "officials.write")
    top = [place for place in places if not any(p.code == place.parent for p in places)]
    if len(top) != 1:
        raise RegionNotFound(code="--region")
    return top[0].code


async def _print(place: str, target: Path, *, by: Actor, settings: Settings) -> None:
    """Slips for whoever has no password yet, each part written before its passwords count."""
    lacking = (await first_passwords.waiting(place, by=by)).without
    demo = await store.kind() == "demo"
    try:
        for part, start in enumerate(range(0, len(lacking), slips.SLIPS_MAX), start=1):
            wanted = lacking[start : start + slips.SLIPS_MAX]
            made, hashes = await _made(wanted, by=by)
            pdf = await slips.drawn(made, address=slips.address(settings), demo=demo)
            file = target if part == 1 else target.with_stem(f"{target.stem}-{part}")
            await asyncio.to_thread(_write, file, pdf)
            await first_passwords.store(made, hashes, by=by)
            say(f"已写入 {len(made)} 张密码条：{file}。印完请删掉这个文件。")
    finally:
        await printing.close()


async def _made(wanted: list[UUID], *, by: Actor) -> tuple[list[Slip], list[str]]:
    return await with_bar(
        "密码", lambda progress: first_passwords.issued(wanted, by=by, progress=progress)
    )


def _write(target: Path, pdf: bytes) -> None:
    """Write a file of passwords that is its owner's alone."""
    target.touch(mode=0o600)
    target.chmod(0o600)
    target.write_bytes(pdf)
