"""S3: the API as its own description says it is, asked with what a machine makes up.

Against the real server, with the rights of a clerk and of an administrator, on both engines.
Bounded, and the same in every run.
"""

import asyncio
from pathlib import Path
from typing import Any

import factories
import httpx
import pytest
import schemathesis
import servers
from aiming import furnished
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
)
from web import PASSWORD, with_login

from foundation import database

EXAMPLES = 12
ROLES = ("clerk", "admin")
CHECKS = (not_a_server_error, content_type_conformance, response_schema_conformance)
# Ends the session that asks, or makes more of them.
LEFT_OUT = "^/api/v1/tokens"


async def prepare(store: str) -> None:
    """A village with one of everything, and a login of each role."""
    await database.open(store)
    try:
        await factories.divisions()
        await furnished(factories.VILLAGE, mark="本地")
        for role in ROLES:
            await with_login(role, role, factories.VILLAGE)
    finally:
        await database.close()


def fuzz(url: str, *, role: str) -> list[str]:
    """Ask every operation; what was wrong, in words."""
    description = httpx.get(f"{url}/api/v1/openapi.json").json()
    credentials = {"login": role, "password": PASSWORD}
    token = httpx.post(f"{url}/api/v1/tokens", json=credentials).json()["token"]
    schema = schemathesis.openapi.from_dict(description).exclude(path_regex=LEFT_OUT)
    operations = [found.ok() for found in schema.get_all_operations()]
    assert len(operations) > 40, "the description lacks most of the API"
    wrong: list[str] = []
    for operation in operations:
        _ask(operation, url=url, token=token, wrong=wrong)
    return wrong


def _ask(operation: Any, *, url: str, token: str, wrong: list[str]) -> None:
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def once(case: Any) -> None:
        answer = case.call(base_url=url, headers={"authorization": f"Bearer {token}"})
        try:
            case.validate_response(answer, checks=CHECKS)
        except (AssertionError, schemathesis.errors.SchemathesisError, BaseExceptionGroup) as error:
            wrong.append(f"{operation.label} {answer.status_code}: {error!r}"[:600])

    once()


@pytest.mark.faults
async def test_s3_a_fuzzed_api_keeps_to_its_description_and_never_breaks(
    store: str, tmp_path: Path
) -> None:
    await prepare(store)
    environment = {"XIANGYUE_DATABASE_URL": store, "XIANGYUE_SECRET": factories.SECRET}
    wrong = []
    with servers.program(tmp_path / "data", "--real", **environment) as running:
        for role in ROLES:
            wrong += await asyncio.to_thread(fuzz, running.url, role=role)
    assert wrong == [], "\n".join(wrong)
