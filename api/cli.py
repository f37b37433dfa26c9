"""The command line: `xiangyue`. Exit codes 0 ok, 1 refused or not verified, 2 misuse."""

import click

from api.commands import (
    backup,
    demo,
    doctor,
    households,
    keys,
    passbooks,
    points,
    publications,
    regions,
    serving,
    tables,
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """乡约 Xiangyue: households, points and posted lists of a village."""


for command in (
    serving.serve,
    serving.migrate,
    doctor.doctor,
    demo.demo,
    regions.regions,
    regions.officials,
    households.households,
    tables.openings,
    points.leaderboard,
    points.publish,
    points.verify,
    backup.backup,
    backup.restore,
    publications.publications,
    keys.keys_group,
    publications.packet,
    passbooks.passbooks,
):
    main.add_command(command)
regions.officials.add_command(tables.import_officials)
