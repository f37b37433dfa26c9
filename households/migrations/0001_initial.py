import functools
from json import dumps, loads
from uuid import uuid4

from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.indexes import Index
from tortoise.migrations import operations as ops


class Migration(migrations.Migration):
    initial = True

    operations = [
        ops.CreateModel(
            name="Household",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                ("village", fields.CharField(max_length=12)),
                ("group", fields.CharField(default="", max_length=24)),
                ("grid", fields.CharField(default="", max_length=24)),
                ("number", fields.CharField(null=True, max_length=20)),
                ("head", fields.CharField(max_length=60)),
                ("pinyin", fields.CharField(max_length=200)),
                ("initials", fields.CharField(default="", max_length=40)),
                ("state", fields.CharField(default="active", max_length=10)),
                ("phone", fields.TextField(default="", unique=False)),
                ("phone_index", fields.CharField(default="", max_length=64)),
                ("address", fields.TextField(default="", unique=False)),
                ("kind", fields.TextField(default="", unique=False)),
                ("welfare", fields.TextField(default="", unique=False)),
                ("remarks", fields.TextField(default="", unique=False)),
                ("name_wall", fields.CharField(default="", max_length=10)),
                ("name_web", fields.CharField(default="", max_length=10)),
                ("name_chosen_on", fields.DateField(null=True)),
                ("name_chosen_how", fields.CharField(default="", max_length=20)),
                ("revision", fields.IntField(default=1)),
                ("joined_on", fields.DateField(null=True)),
                ("left_on", fields.DateField(null=True)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "household",
                "app": "households",
                "unique_together": (("village", "number"),),
                "indexes": [
                    Index(fields=["village", "group"]),
                    Index(fields=["village", "pinyin"]),
                    Index(fields=["grid"]),
                    Index(fields=["phone_index"]),
                ],
                "pk_attr": "id",
                "table_description": "A household. `name_wall` and `name_web` are its recorded choice, empty if none is.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="ImportBatch",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                ("village", fields.CharField(max_length=12)),
                ("file_name", fields.CharField(max_length=200)),
                ("file", fields.UUIDField(null=True)),
                ("state", fields.CharField(max_length=12)),
                ("done", fields.IntField(default=0)),
                ("total", fields.IntField(default=0)),
                ("preview", fields.UUIDField(null=True)),
                (
                    "failure",
                    fields.JSONField(
                        null=True,
                        encoder=functools.partial(dumps, separators=(",", ":")),
                        decoder=loads,
                    ),
                ),
                (
                    "result",
                    fields.JSONField(
                        null=True,
                        encoder=functools.partial(dumps, separators=(",", ":")),
                        decoder=loads,
                    ),
                ),
                ("created_by", fields.CharField(max_length=80)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "import_batch",
                "app": "households",
                "indexes": [Index(fields=["village", "created_at"])],
                "pk_attr": "id",
                "table_description": "A workbook on its way in: uploaded, read, previewed, then confirmed or dropped.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LoginFailure",
            fields=[
                (
                    "key",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=120),
                ),
                ("failures", fields.IntField()),
                ("last_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "login_failure",
                "app": "households",
                "pk_attr": "key",
                "table_description": "Failed log-ins of one account or from one address, kept to slow down the next.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Official",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                ("login", fields.CharField(unique=True, max_length=40)),
                ("name", fields.CharField(max_length=60)),
                ("password", fields.CharField(max_length=200)),
                ("must_change_password", fields.BooleanField(default=False)),
                ("household_id", fields.UUIDField(null=True)),
                ("active", fields.BooleanField(default=True)),
                ("revision", fields.IntField(default=1)),
                ("created_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "official",
                "app": "households",
                "indexes": [Index(fields=["household_id"])],
                "pk_attr": "id",
                "table_description": "Somebody with a login. `revision` rises when password or duties change: sessions end.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="LoginSession",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                (
                    "official",
                    fields.ForeignKeyField(
                        "households.Official",
                        source_field="official_id",
                        db_constraint=True,
                        to_field="id",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("revision", fields.IntField()),
                ("token", fields.CharField(max_length=64)),
                ("token_before", fields.CharField(default="", max_length=64)),
                ("rotated_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("expires_at", fields.DatetimeField(auto_now=False, auto_now_add=False)),
                ("ended_at", fields.DatetimeField(null=True, auto_now=False, auto_now_add=False)),
            ],
            options={
                "table": "login_session",
                "app": "households",
                "indexes": [Index(fields=["official_id"]), Index(fields=["expires_at"])],
                "pk_attr": "id",
                "table_description": "A family of refresh tokens: one log-in on one device.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OfficialDuty",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                (
                    "official",
                    fields.ForeignKeyField(
                        "households.Official",
                        source_field="official_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="duties",
                        on_delete=OnDelete.CASCADE,
                    ),
                ),
                ("role", fields.CharField(max_length=20)),
                ("region", fields.CharField(max_length=24)),
            ],
            options={
                "table": "official_duty",
                "app": "households",
                "unique_together": (("official", "role", "region"),),
                "indexes": [Index(fields=["region"])],
                "pk_attr": "id",
                "table_description": "One role of an official in one region.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Region",
            fields=[
                (
                    "code",
                    fields.CharField(primary_key=True, unique=True, db_index=True, max_length=24),
                ),
                ("name", fields.CharField(max_length=60)),
                ("level", fields.CharField(max_length=12)),
                ("parent", fields.CharField(default="", max_length=24)),
                ("path", fields.CharField(unique=True, max_length=160)),
                ("village", fields.CharField(default="", max_length=12)),
            ],
            options={
                "table": "region",
                "app": "households",
                "indexes": [Index(fields=["parent"]), Index(fields=["village", "level"])],
                "pk_attr": "code",
                "table_description": "A division or a part of a village.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Resident",
            fields=[
                (
                    "id",
                    fields.UUIDField(primary_key=True, default=uuid4, unique=True, db_index=True),
                ),
                (
                    "household",
                    fields.ForeignKeyField(
                        "households.Household",
                        source_field="household_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="residents",
                        on_delete=OnDelete.RESTRICT,
                    ),
                ),
                ("position", fields.IntField(default=0)),
                ("name", fields.CharField(max_length=60)),
                ("relation", fields.CharField(default="", max_length=20)),
                ("sex", fields.CharField(default="", max_length=2)),
                ("born_on", fields.DateField(null=True)),
                ("id_number", fields.TextField(default="", unique=False)),
                ("id_index", fields.CharField(default="", max_length=64)),
                ("phone", fields.TextField(default="", unique=False)),
                ("phone_index", fields.CharField(default="", max_length=64)),
                ("remarks", fields.TextField(default="", unique=False)),
                ("state", fields.CharField(default="active", max_length=10)),
            ],
            options={
                "table": "resident",
                "app": "households",
                "indexes": [
                    Index(fields=["household_id"]),
                    Index(fields=["id_index"]),
                    Index(fields=["phone_index"]),
                    Index(fields=["name"]),
                ],
                "pk_attr": "id",
                "table_description": "A member of a household. `id_number` is sealed and kept only if the village says so.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="VillageSetting",
            fields=[
                (
                    "id",
                    fields.IntField(generated=True, primary_key=True, unique=True, db_index=True),
                ),
                ("village", fields.CharField(max_length=12)),
                ("section", fields.CharField(max_length=30)),
                (
                    "value",
                    fields.JSONField(
                        encoder=functools.partial(dumps, separators=(",", ":")), decoder=loads
                    ),
                ),
            ],
            options={
                "table": "village_setting",
                "app": "households",
                "unique_together": (("village", "section"),),
                "pk_attr": "id",
                "table_description": "One section of a village's settings, a typed struct as JSON, see households/settings.py.",
            },
            bases=["Model"],
        ),
    ]
