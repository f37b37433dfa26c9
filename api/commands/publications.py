"""Commands on posted lists of many villages: files that are handed in."""

from pathlib import Path

import click

from api.settings import Settings
from api.terminal import acting, answer, as_option, json_option, run, say
from points import incoming, signers
from points.incoming import Received
from points.signers import Signer

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


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
