"""Commands on backups: making one, and filling an empty store from one."""

import asyncio
import getpass
from pathlib import Path

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from api import backup_files, errors, logs, store
from api import settings as settings_
from api.settings import Settings
from api.terminal import acting, answer, as_option, json_option, run, say, screen
from foundation import actors, audit, backups
from foundation.backups import Summary
from foundation.errors import Refusal
from households import sessions
from points import proof, verification

OUT = click.Path(dir_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("file", type=OUT)
@as_option
@json_option
def backup(file: Path, login: str | None, as_json: bool) -> None:
    """Write everything the store holds into FILE, sealed; runs beside a server."""

    place = file.absolute().parent

    async def work(settings: Settings) -> Summary:
        by = await acting(login)
        with _Bar("备份 backup") as bar:
            made = await backups.write(file, progress=bar)
        left = backup_files.is_elsewhere(place, settings.data)
        verb = "backups.copy" if left else "backups.write"
        await audit.note(by, verb, subject=f"backup:{file.name}", rows=made.rows)
        return made

    made = run(work, write=False)
    if as_json:
        answer(made)
    say(
        f"已备份并读回核对 backed up and read back: {file}，{made.rows:,} 行 rows，{_mb(made.size)}"
    )
    say(f"恢复时需要密钥 keys needed to restore: {', '.join(made.keys)}")


@click.command()
@click.argument("file", type=FILE)
@json_option
def restore(file: Path, as_json: bool) -> None:
    """Fill an empty store from the backup FILE, and prove it; all of it or nothing."""
    logs.configure()
    try:
        made = asyncio.run(_restore(file))
    except Refusal as refusal:
        say(errors.message(refusal))
        raise SystemExit(1) from None
    except KeyboardInterrupt:
        say("已中断，没有恢复任何内容。 Interrupted; nothing was restored.")
        raise SystemExit(1) from None
    if as_json:
        answer(made)
    say(
        "已恢复，账目全部核对一致 restored and verified: "
        f"{made.rows:,} 行 rows，备份于 made at {made.made_at}"
    )
    say("请重新登录。 Everybody logs in anew.")


async def _restore(file: Path) -> Summary:
    head = backups.head(file)
    # A real village's backup goes where its store would be, unless the environment says where.
    settings = settings_.load(real=head.kind == "real")
    by = actors.operator(getpass.getuser())

    async def finish() -> list[str]:
        ended = await sessions.end_all()
        await audit.note(by, "backups.restore", made_at=head.made_at, sessions=ended)
        faults = await verification.verify() or await proof.faults()
        return [str(fault) for fault in faults]

    async with store.to_fill(settings, needed=head.needed):
        with _Bar("恢复 restore") as bar:
            return await backups.restore(file, url=settings.store_url, finish=finish, progress=bar)


class _Bar:
    """A progress bar on the screen, called with what is done and the total."""

    def __init__(self, words: str) -> None:
        columns = (TextColumn(words), BarColumn(), MofNCompleteColumn())
        self._progress = Progress(*columns, console=screen, transient=True)
        self._task = self._progress.add_task(words, total=None)

    def __enter__(self) -> "_Bar":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, done: int, total: int) -> None:
        self._progress.update(self._task, completed=done, total=total)


def _mb(size: int) -> str:
    return f"{size / 1024**2:.1f} MB"
