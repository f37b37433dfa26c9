"""Commands on passbook cards."""

from pathlib import Path

import click

from api import passbook_papers, printing, store
from api.settings import Settings
from api.terminal import acting, answer, as_option, json_option, run, say

OUT = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.group()
def passbooks() -> None:
    """The cards with which households open their own page."""


@passbooks.command("print")
@click.option("--village", required=True, metavar="CODE", help="12-digit code")
@click.option("--group", default="", metavar="CODE", help="one of its groups alone")
@click.option("-o", "out", type=OUT, required=True, help="the PDF to write")
@as_option
@json_option
def print_(village: str, group: str, out: Path, login: str | None, as_json: bool) -> None:
    """Print the passbook cards of a village or group, eight to an A4 sheet.

    A card keeps its QR and its PIN. Where no PIN has been chosen yet the print makes a new
    one-time code, and the slip printed before opens nothing any more.
    """

    async def work(settings: Settings) -> tuple[bytes, int]:
        try:
            return await passbook_papers.pdf(
                village,
                group=group,
                by=await acting(login),
                given=settings,
                demo=await store.kind() == "demo",
            )
        finally:
            await printing.close()

    pdf, cards = run(work, write=True)
    # It holds codes in plain: nobody else on this machine reads it.
    out.touch(mode=0o600)
    out.chmod(0o600)
    out.write_bytes(pdf)
    if as_json:
        answer({"village": village, "cards": cards})
    say(f"已写入 written: {out}，{cards} 张 cards")
