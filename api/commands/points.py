"""Commands on points: leaderboards, publishing, verification."""

import sys
from pathlib import Path
from uuid import uuid4

import click
import msgspec
from rich.progress import Progress

from api import posters, printing, store
from api.settings import Settings
from api.terminal import acting, answer, as_option, json_option, run, say, screen
from foundation.actors import Actor
from foundation.spreadsheets import File
from households import officials, regions
from points import exports, proof, publication, verification, xyp
from points import leaderboard as leaderboard_
from points.leaderboard import Board
from points.period import Period
from points.publication import Receipt
from points.verification import Fault

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
OUT = click.Path(dir_okay=False, writable=True, path_type=Path)
BLOCK = click.Choice(leaderboard_.BLOCKS)
out_option = click.option("-o", "out", type=OUT, help="the file to write")


@click.command()
@click.argument("code")
@click.option("--period", required=True, help="2026-10, 2026Q4 or 2026")
@click.option("--block", type=BLOCK, help="one block alone")
@click.option("--top", type=click.IntRange(min=1), help="the first so many places only")
@click.option("--format", "form", type=click.Choice(["json", "csv", "xlsx", "pdf"]), default="json")
@out_option
@as_option
def leaderboard(
    code: str,
    period: str,
    block: str | None,
    top: int | None,
    form: str,
    out: Path | None,
    login: str | None,
) -> None:
    """Rank the households of CODE, a village, group or grid, on points earned.

    The pdf is the list as it could be posted now, marked as a preview.
    """
    if form != "json" and out is None:
        raise click.UsageError("-o FILE is needed for this format")

    async def work(_: Settings) -> Board | File | bytes:
        by = await acting(login)
        region = await regions.find(code, actor=by, permission="leaderboard.read")
        chosen = Period.parse(period)
        if form == "pdf":
            return await _preview(code, period=chosen, block=block, by=by)
        board = await leaderboard_.rank(region, period=chosen, block=block, compare=form != "json")
        if form == "json":
            return board
        officials.require(by, "register.read", region)
        rows = tuple(row for row in board.rows if top is None or row.rank <= top)
        shown = msgspec.structs.replace(board, rows=rows)
        return await exports.board_file(region, shown, format="csv" if form == "csv" else "xlsx")

    found = run(work, write=False)
    if isinstance(found, Board):
        found = msgspec.json.encode(found.document(top=top)) + b"\n"
    _write(out, found.content if isinstance(found, File) else found)


async def _preview(code: str, *, period: Period, block: str | None, by: Actor) -> bytes:
    demo = await store.kind() == "demo"
    try:
        return await posters.preview(
            code, period=period, block=block, paper="A4", actor=by, demo=demo
        )
    finally:
        await printing.close()


def _write(out: Path | None, content: bytes) -> None:
    if out is None:
        sys.stdout.buffer.write(content)
    else:
        out.write_bytes(content)
        say(f"已写入 written: {out}")


@click.command()
@click.argument("code")
@click.option("--period", required=True, help="2026-10, 2026Q4 or 2026")
@click.option("--block", type=BLOCK, help="one block alone")
@click.option("--days", type=int, help="calendar days that the list hangs")
@out_option
@as_option
@json_option
def publish(
    code: str,
    period: str,
    block: str | None,
    days: int | None,
    out: Path | None,
    login: str | None,
    as_json: bool,
) -> None:
    """Freeze and sign the list of CODE for a period; -o writes its signed .xyp file."""

    async def work(_: Settings) -> tuple[Receipt, bytes]:
        by = await acting(login)
        receipt = await publication.publish(
            code, id=uuid4(), period=Period.parse(period), block=block, days=days, by=by
        )
        return receipt, await xyp.export(receipt.serial, actor=by)

    receipt, signed = run(work, write=True)
    if out is not None:
        out.write_bytes(signed)
    if as_json:
        answer(receipt)
    say(f"已出榜 published: {receipt.serial}，{receipt.rows} 户，{receipt.hash}")


@click.command()
@click.option("--village", help="one village alone")
@click.option("--publication", "file", type=FILE, help="a signed .xyp file")
def verify(village: str | None, file: Path | None) -> None:
    """Recompute every chain, total and posted list, or check a signed file."""
    if file is not None:
        _verify_file(file)
        return

    async def work(_: Settings) -> list[Fault]:
        with Progress(console=screen, transient=True) as bar:
            task = bar.add_task("核对 verifying", total=None)

            def progress(code: str, done: int, total: int) -> None:
                bar.update(task, description=f"核对 verifying {code}", completed=done, total=total)

            found = await verification.verify(village, progress=progress)
        return found or await proof.faults(village)

    faults = run(work, write=False)
    for fault in faults:
        click.echo(f"fault village={fault.village} seq={fault.seq}: {fault.message}")
    if faults:
        raise SystemExit(1)
    say("全部核对一致。 Everything verifies.")


def _verify_file(file: Path) -> None:
    content = file.read_bytes()

    async def work(_: Settings) -> xyp.Checked:
        return xyp.check(content)

    checked = run(work, write=False)
    header = checked.header
    for fault in checked.faults:
        click.echo(f"fault village={header.village} seq={header.chain_seq}: {fault}")
    if checked.faults:
        raise SystemExit(1)
    signer = "本机 this installation" if checked.ours else f"密钥 key {checked.key_id}"
    say(f"核对一致 verified: {header.serial}，{checked.fingerprint}，{signer}")
