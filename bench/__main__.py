"""python -m bench [--only NAME] [--engine sqlite|postgres] [--entries N]: one JSON line each."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

import click
import factories
import msgspec
import servers

from bench.scales import MEASUREMENTS, measured, say
from bench.stores import Engine, Postgres, Sqlite

ENGINES = ("sqlite", "postgres")


@click.command()
@click.option("--only", type=click.Choice(list(MEASUREMENTS)), multiple=True)
@click.option("--engine", type=click.Choice(ENGINES), multiple=True, default=ENGINES)
@click.option("--entries", default=1_000_000, help="entries of the large village")
def main(only: tuple[str, ...], engine: tuple[str, ...], entries: int) -> None:
    """Measure, and print a JSON line for each result on standard output."""
    asyncio.run(_main(only or tuple(MEASUREMENTS), engine, entries=entries))


async def _main(names: tuple[str, ...], engines: tuple[str, ...], *, entries: int) -> None:
    factories.hold_keys()
    with tempfile.TemporaryDirectory(prefix="xiangyue-bench-") as folder:
        for kind in engines:
            async with AsyncExitStack() as stack:
                engine: Engine = Sqlite(Path(folder))
                if kind == "postgres":
                    engine = Postgres(stack.enter_context(servers.postgres()), stack)
                for name in names:
                    say(f"{kind}: {name} ...")
                    for result in await measured(name, engine, entries=entries):
                        print(msgspec.json.encode(result).decode(), flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
