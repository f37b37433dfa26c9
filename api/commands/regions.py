"""Commands on regions and officials."""

from pathlib import Path

import click

from api import store
from api.settings import Settings
from api.terminal import acting, answer, as_option, json_option, run, say
from households import divisions, passwords
from households import officials as officials_

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def regions() -> None:
    """Divisions, groups and grids."""


@regions.command("import")
@click.argument("file", type=FILE)
@as_option
@json_option
def import_(file: Path, login: str | None, as_json: bool) -> None:
    """Import official 12-digit divisions from a csv FILE."""
    content = file.read_bytes()

    async def work(_: Settings) -> divisions.RegionImport:
        outcome = await divisions.import_file(content, by=await acting(login))
        if await store.kind() is None:
            await store.claim("real")
        return outcome

    outcome = run(work, write=True)
    if as_json:
        answer(outcome)
    for problem in outcome.problems:
        say(f"第 {problem.row} 行 {problem.column} “{problem.value}”：{problem.message}")
    say(
        f"区划 {outcome.regions}，新增 {outcome.created}，改名 {outcome.updated}，"
        f"未变 {outcome.unchanged}，有问题 {len(outcome.problems)}"
    )


@click.group()
def officials() -> None:
    """Logins and duties."""


@officials.command()
@click.argument("new_login", metavar="LOGIN")
@click.option("--role", required=True, type=click.Choice(officials_.ROLES))
@click.option("--region", required=True, metavar="CODE")
@click.option("--name", default="", help="as colleagues call the person")
@click.option("--password", help="a chosen first password instead of a random one")
@as_option
@json_option
def create(
    new_login: str,
    role: str,
    region: str,
    name: str,
    password: str | None,
    login: str | None,
    as_json: bool,
) -> None:
    """Give somebody a login with one duty and print the first password, once."""
    first = password or passwords.random()

    async def work(_: Settings) -> None:
        await officials_.create(
            new_login,
            name=name or new_login,
            role=role,
            region=region,
            password=first,
            by=await acting(login),
        )

    run(work, write=True)
    if as_json:
        answer({"login": new_login, "password": first})
    else:
        click.echo(first)
