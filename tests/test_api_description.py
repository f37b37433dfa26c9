"""The API's own description: every operation says what it does, with examples that are taken."""

import json
import typing
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar import Litestar

from api.app import application
from api.settings import Settings


@pytest.fixture(scope="module")
def app() -> Litestar:
    return application(Settings(data=Path("/nowhere")))


@pytest.fixture(scope="module")
def description(app: Litestar) -> dict[str, Any]:
    return app.openapi_schema.to_schema()


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path, operation)
        for path, item in description["paths"].items()
        for method, operation in item.items()
    ]


def test_every_operation_and_parameter_says_what_it_is(description: dict[str, Any]) -> None:
    silent = [
        f"{method} {path}"
        for method, path, operation in operations(description)
        if not operation.get("description")
    ]
    assert silent == []
    unknown = {
        (parameter["name"], path)
        for _, path, operation in operations(description)
        for parameter in operation.get("parameters", ())
        if not parameter.get("description")
    }
    assert unknown == set(), "say in api/examples.py what these parameters mean"


def test_every_body_has_an_example_that_the_handler_takes(
    app: Litestar, description: dict[str, Any]
) -> None:
    wrong, count = [], 0
    taken = bodies(app)
    for method, path, operation in operations(description):
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            continue
        count += 1
        try:
            msgspec.json.decode(json.dumps(content["example"]), type=taken[method, path])
        except (msgspec.ValidationError, KeyError) as error:
            wrong.append((f"{method} {path}", str(error), content.get("example")))
    assert wrong == []
    assert count > 30


def bodies(app: Litestar) -> dict[tuple[str, str], Any]:
    """By method and path as the description writes it, the type of the handler's body."""
    found = {}
    for http in app.routes:
        for handler in getattr(http, "route_handlers", ()):
            data = handler.parsed_fn_signature.parameters.get("data")
            for method in handler.http_methods if data else ():
                raw = data.raw
                if typing.get_origin(raw) is typing.Annotated:
                    raw = typing.get_args(raw)[0]
                parts = [
                    f"{{{part[1:-1].partition(':')[0]}}}" if part.startswith("{") else part
                    for part in http.path.split("/")
                ]
                found[method, "/".join(parts)] = raw
    return found


def test_files_are_described_by_their_kinds(description: dict[str, Any]) -> None:
    plain = [
        f"{method} {path}"
        for method, path, operation in operations(description)
        for code, answer in operation["responses"].items()
        for kind, content in answer.get("content", {}).items()
        if code.startswith("2")
        and kind == "application/json"
        and content["schema"].get("type") == "string"
    ]
    assert plain == [], "name their kinds of file in api/description.py"


def test_what_is_read_may_be_unchanged(description: dict[str, Any]) -> None:
    card = description["paths"]["/api/v1/households/{household_id}"]["get"]
    assert "304" in card["responses"]
    assert "ETag" in card["responses"]["200"]["headers"]
