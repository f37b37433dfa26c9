"""Commands on the register: workbooks in, files out."""

import sys
from pathlib import Path
from typing import Literal

import click
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from api import store
from api.settings import Settings
from api.terminal import acting, answer, as_option, json_option, run, say, screen
from households import export as export_
from households import importing
from households.preview import ImportResult

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
TARGET = click.Path(dir_okay=False, writable=True, path_type=Path)
PROBLEMS_SHOWN_MAX = 200


@click.group()
def households() -> None:
    """The register of households."""


@households.command("import")
@click.argument("file", type=FILE)
@click.option("--village", required=True, metavar="CODE", help="12-digit code")
@click.option("--dry-run", is_flag=True, help="say what would happen and store nothing")
@as_option
@json_option
def import_(file: Path, village: str, dry_run: bool, login: str | None, as_json: bool) -> None:
    """Import a workbook FILE (xlsx, xls or csv) into a village's register.

    What is sound is stored. Exit code 1 only when nothing was.
    """
    content = file.read_bytes()

    async def work(_: Settings) -> ImportResult:
        if not dry_run and await store.kind() is None:
            await store.claim("real")
        with Progress(
            TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), console=screen
        ) as bar:
            task = bar.add_task(f"读取 {file.name}", total=None)
            return await importing.import_file(
                village,
                content,
                filename=file.name,
                by=await acting(login),
                dry_run=dry_run,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )

    result = run(work, write=not dry_run)
    if as_json:
        answer(result)
    else:
        _tell(result, dry_run=dry_run)
    if not result.created + result.updated + result.unchanged:
        raise SystemExit(1)


def _tell(result: ImportResult, *, dry_run: bool) -> None:
    for problem in result.problems[:PROBLEMS_SHOWN_MAX]:
        mark = "✗" if problem.severity == "error" else "!"
        place = f"{problem.sheet} {problem.column}{problem.row}"
        say(f"{mark} {place} “{problem.value}” {problem.message}")
    hidden = len(result.problems) - PROBLEMS_SHOWN_MAX
    if hidden > 0:
        say(f"… 还有 {hidden} 处，用 --json 看全部。")
    stored = "将存" if dry_run else "已存"
    say(
        f"{result.households} 户 {result.residents} 人，重复 {result.duplicates} 户；"
        f"{stored}：新增 {result.created}，更新 {result.updated}，未变 {result.unchanged}"
    )


@households.command()
@click.option("--village", required=True, metavar="CODE", help="12-digit code")
@click.option("-o", "target", type=TARGET, help="FILE.xlsx or FILE.csv; without it csv on stdout")
@click.option("--purpose", default="命令行导出", help="what for; it is logged")
@click.option("--numbers", is_flag=True, help="whole phone numbers, and ID numbers where kept")
@click.option("--restricted", is_flag=True, help="household type, welfare status and remarks")
@as_option
def export(
    village: str,
    target: Path | None,
    purpose: str,
    numbers: bool,
    restricted: bool,
    login: str | None,
) -> None:
    """Export a village's register, one line a person; phones are masked unless asked for."""
    suffix = target.suffix.lower() if target else ".csv"
    if suffix not in (".xlsx", ".csv"):
        raise click.BadParameter("the file's name must end in .xlsx or .csv", param_hint="-o")
    kind: Literal["xlsx", "csv"] = "xlsx" if suffix == ".xlsx" else "csv"

    async def work(_: Settings) -> export_.File:
        return await export_.export(
            village,
            by=await acting(login),
            purpose=purpose,
            format=kind,
            wanted=export_.Wanted(numbers=numbers, restricted=restricted),
        )

    file = run(work, write=False)
    if target:
        target.write_bytes(file.content)
        say(f"已写入 {target}")
    else:
        sys.stdout.buffer.write(file.content)
