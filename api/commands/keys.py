"""Commands on keys: which there are, changing them, and the way back from paper."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
from rich.progress import Progress

from api import errors, logs, printing, recovery_sheet, store
from api import settings as settings_
from api.backup_files import folder as backups_folder
from api.settings import Settings
from api.terminal import acting, answer, as_option, json_option, run, say, screen
from foundation import backups, database, keys, recovery, rotation, signing
from foundation.actors import Actor
from foundation.errors import (
    CodeMistyped,
    CodeOfAnotherKey,
    OthersConnected,
    Refusal,
    SecretFromOutside,
)
from households import sessions

OUT = click.Path(dir_okay=False, path_type=Path)


@click.group("keys")
def keys_group() -> None:
    """The store's keys: list, change, print for the safe, type back in."""


@keys_group.command("list")
@json_option
def list_(as_json: bool) -> None:
    """Say which keys are here, what each is for, and what still needs it."""

    async def work(settings: Settings) -> dict[str, Any]:
        ring = keys.ring()
        needed, sealed = await rotation.used(), await rotation.sealed_values()
        held = _backups_by_key(settings)
        return {
            "index": keys.name_of(ring.index),
            "keys": [
                {
                    "id": keyset.id,
                    "current": keyset is ring.current,
                    "needed": keyset.id in needed,
                    "sealed": sealed[keyset.id],
                    "backups": held.get(keyset.id, 0),
                    "tokens": keys.name_of(keyset.tokens),
                    "signing": signing.key_id(signing.public_key(keyset)),
                }
                for keyset in ring.keysets
            ],
            "signed_before": sorted(signing.key_id(public) for public in ring.retired),
            "missing": sorted((await rotation.sealed_values(unknown=True)).keys()),
        }

    found = run(work, write=False)
    if as_json:
        answer(found)
        return
    for key in found["keys"]:
        state = "现用 current" if key["current"] else "旧 old"
        state += "，数据需要 needed" if key["needed"] else ""
        say(f"{key['id']}  {state}，密封 sealed {key['sealed']:,}，备份 backups {key['backups']}")
        say(f"          登录 tokens {key['tokens']}，签名 signing {key['signing']}")
    say(f"比对 blind index {found['index']}")
    for name in found["signed_before"]:
        say(f"以前的签名 signed before: {name}")
    for name in found["missing"]:
        say(f"缺少 missing: {name}")


def _backups_by_key(settings: Settings) -> dict[str, int]:
    """How many of the backups in the backups' folder each key opens."""
    held: dict[str, int] = {}
    for file in backups_folder(settings).glob("*.xyb"):
        try:
            key_id = backups.head(file).key_id
        except Refusal:
            continue
        held[key_id] = held.get(key_id, 0) + 1
    return held


@keys_group.command()
@as_option
def rotate(login: str | None) -> None:
    """Change all keys: seal everything anew, end all sessions. No server may run meanwhile.

    Cut off on the way, the same command goes on where it was.
    """

    async def work(settings: Settings) -> str:
        by = await acting(login)
        if await database.others():
            raise OthersConnected()
        if keys.ring().current.id == await rotation.needed():
            await _new_secret(settings)
        await _begin(by)
        with Progress(console=screen, transient=True) as bar:
            total = sum((await rotation.sealed_values()).values())
            task = bar.add_task("换密钥 rotating", total=total)
            await rotation.reseal(lambda done: bar.advance(task, done))
        await rotation.finish(by)
        return keys.ring().current.id

    key_id = run(work, write=True)
    say(f"密钥已更换为 {key_id}，所有人要重新登录。 Keys changed; everybody logs in anew.")
    say("请现在打印新的恢复单，再做一次备份；旧恢复单留着，旧备份还要靠它打开。")
    say("Now print a new recovery sheet (keys sheet) and make a backup. Keep the old sheet.")


async def _new_secret(settings: Settings) -> None:
    """Put a new secret in front of the old one, and work with both from now on."""
    old = keys.ring().current.secret
    if settings.secret is not None:
        # The old one has to stay within reach when the environment says another.
        keys.keep(settings.data, old, first=True)
        raise SecretFromOutside()
    keys.keep(settings.data, keys.new_secret(), first=True)
    keys.hold(keys.load(settings.data, secret=None, needed=await rotation.needed()))
    await rotation.take_up()


@database.transaction
async def _begin(by: Actor) -> None:
    if await rotation.begin(by):
        await sessions.end_all()


@keys_group.command()
@click.option("-o", "out", type=OUT, required=True, help="the PDF to write")
@as_option
def sheet(out: Path, login: str | None) -> None:
    """Write the recovery sheet: print it, lock it away, delete the file."""

    async def work(settings: Settings) -> bytes:
        try:
            return await recovery_sheet.pdf(settings, by=await acting(login))
        finally:
            await printing.close()

    content = run(work, write=False)
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, 0o600)
        file.write(content)
    say(f"恢复单 recovery sheet: {out}。打印后锁进保险柜，并删掉这个文件。")
    say("Print it, lock it in the safe, and delete this file.")


@keys_group.command()
@click.option("--key-id", help="the id on the sheet, eight letters")
def recover(key_id: str | None) -> None:
    """Type the code of a recovery sheet back in, line by line."""
    logs.configure()
    settings = settings_.load()
    wanted = (key_id or click.prompt("密钥编号 key id", err=True)).strip().lower()
    try:
        secret = _typed(wanted)
        first = store.needed_key(settings) in ("", wanted)
        keys.keep(settings.data, secret, first=first)
    except Refusal as refusal:
        say(errors.message(refusal))
        raise SystemExit(1) from None
    say(f"密钥 {wanted} 已找回，存入 recovered into: {settings.data / 'secret'}")


def _typed(key_id: str) -> str:
    """The secret, once the lines typed so far are its whole code.

    Refuses with `CodeMistyped` when input ends on the way, with `CodeOfAnotherKey`.
    """
    lines: list[str] = []
    while not recovery.fits(lines, key_id=key_id):
        number = len(lines) + 1
        try:
            line = click.prompt(f"第 {number} 行 line", default="", show_default=False, err=True)
        except click.Abort:
            line = ""
        if not line.strip():
            _refuse_end(lines)
        try:
            recovery.checked(line, number=number)
        except CodeMistyped as mistyped:
            if not screen.is_terminal:
                raise
            say(errors.message(mistyped))
            continue
        lines.append(line)
    return recovery.secret(lines)


def _refuse_end(lines: Sequence[str]) -> None:
    if not lines:
        raise CodeMistyped(line=1)
    raise CodeOfAnotherKey(key_id=keys.Keyset(recovery.secret(lines)).id)
