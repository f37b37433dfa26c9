"""Commands on posted lists of many villages: packets, and files that are handed in."""

import hashlib
from pathlib import Path

import click
from rich.progress import Progress

from api import packets, printing, store
from api.settings import Settings
from api.terminal import acting, answer, as_option, json_option, run, say, screen
from points import incoming, signers
from points import packet as packet_
from points.incoming import Received
from points.packet import Contents
from points.period import Period
from points.signers import Signer

OUT = click.Path(dir_okay=False, writable=True, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("township")
@click.option("--period", required=True, help="2026-10, 2026Q4 or 2026")
@click.option("-o", "out", type=OUT, required=True, help="the zip to write")
@as_option
@json_option
def packet(township: str, period: str, out: Path, login: str | None, as_json: bool) -> None:
    """Write all lists of TOWNSHIP posted for a period into one zip.

    Posters, signed files, one workbook, and an index with the hash of each file. A quarter's
    packet holds the lists of its months, too. The same store on the same day gives the same bytes.
    """

    async def work(settings: Settings) -> tuple[Contents, bytes]:
        with Progress(console=screen, transient=True) as bar:
            task = bar.add_task("画红榜 drawing posters", total=None)

            def progress(done: int, total: int) -> None:
                bar.update(task, completed=done, total=total)

            return await _packet(settings, township, period, login, progress)

    held, content = run(work, write=False)
    out.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    if as_json:
        answer(
            {
                "region": held.region,
                "period": held.period,
                "sha256": sha256,
                "publications": len(held.entries),
                "posters": len(held.serials),
            }
        )
    say(f"已写入 written: {out}，{len(held.entries)} 张榜，sha256 {sha256}")


async def _packet(
    settings: Settings, township: str, period: str, login: str | None, progress: packets.Progress
) -> tuple[Contents, bytes]:
    by = await acting(login)
    try:
        made = await packets.made(
            township,
            period=Period.parse(period),
            actor=by,
            settings=settings,
            demo=await store.kind() == "demo",
            keep=False,
            progress=progress,
        )
    finally:
        await printing.close()
    await packet_.log(made[0], by=by)
    return made


@click.group()
def publications() -> None:
    """Lists that stand-alone villages hand in as signed files."""


@publications.command("import")
@click.argument("file", type=FILE)
@click.option("--confirm", default="", metavar="KEY", help="the key that the village read out")
@as_option
@json_option
def take_in(file: Path, confirm: str, login: str | None, as_json: bool) -> None:
    """Check a signed .xyp FILE and keep its list like one of our own.

    The first file of a village is taken in only with --confirm and the id of its key, as
    somebody in the village read it out by telephone.
    """
    content = file.read_bytes()

    async def work(_: Settings) -> Received:
        return await incoming.take_in(content, by=await acting(login), confirm=confirm)

    done = run(work, write=True)
    if as_json:
        answer(done)
    word = "已收下 taken in" if done.new else "以前收过 was here already"
    say(f"{word}: {done.serial}，{done.village_name}，{done.rows} 户，{done.hash}")


@publications.command("signers")
@as_option
@json_option
def listing(login: str | None, as_json: bool) -> None:
    """Print the confirmed keys of villages."""

    async def work(_: Settings) -> list[Signer]:
        return await signers.confirmed(await acting(login))

    found = run(work, write=False)
    if as_json:
        answer(found)
        return
    for one in found:
        click.echo(f"{one.village}\t{one.village_name}\t{one.spoken}")


@publications.command("withdraw")
@click.argument("village")
@as_option
def withdraw(village: str, login: str | None) -> None:
    """Believe the key of VILLAGE no longer; its next file needs --confirm again."""

    async def work(_: Settings) -> None:
        await signers.withdraw(village, by=await acting(login))

    run(work, write=True)
    say(f"已撤销 withdrawn: {village}")


@publications.command("key")
def key() -> None:
    """Print the id of this installation's own key, to be read out to the township."""

    async def work(_: Settings) -> str:
        return signers.spoken(signers.own_key_id())

    click.echo(run(work, write=False))
