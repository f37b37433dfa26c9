"""What the API's own description says beyond what the framework reads from the handlers."""

from litestar.openapi.spec import (
    OpenAPI,
    OpenAPIHeader,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    Parameter,
    PathItem,
    RequestBody,
    Schema,
)

from api import examples
from api.render import MEDIA_TYPES

PROBLEM = Schema(
    type=OpenAPIType.OBJECT,
    title="Problem",
    description="Why a request was not done (RFC 9457), and the facts of it by name.",
    properties={
        "type": Schema(type=OpenAPIType.STRING),
        "title": Schema(type=OpenAPIType.STRING),
        "status": Schema(type=OpenAPIType.INTEGER),
        "detail": Schema(type=OpenAPIType.STRING),
    },
    required=["type", "title", "status", "detail"],
)


# By the end of the address, the kinds of file that an operation may answer with.
FILES = {
    "/export": ("xlsx", "csv"),
    "/{format}": ("xlsx", "csv"),
    "/scan": ("pdf", "png", "jpg"),
    "/evidence": ("pdf", "png", "jpg"),
    ".pdf": ("pdf",),
    "/sheet": ("pdf",),
    ".xyp": ("xyp",),
    ".zip": ("zip",),
}


def complete(description: OpenAPI) -> None:
    """Say what the framework leaves out: examples, files, what is unchanged or refused."""
    for path, item in (description.paths or {}).items():
        for operation in _operations(item):
            for parameter in operation.parameters or ():
                if isinstance(parameter, Parameter):
                    examples.describe(parameter)
            _exemplify(operation, description)
            _name_files(operation, path)
        if item.get is not None:
            _name_unchanged(item.get)
    _name_problems(description)


def _exemplify(operation: Operation, description: OpenAPI) -> None:
    body = operation.request_body
    content = body.content.get("application/json") if isinstance(body, RequestBody) else None
    if content is not None:
        content.example = examples.example(content.schema, description)


def _name_files(operation: Operation, path: str) -> None:
    kinds = next((kinds for end, kinds in FILES.items() if path.endswith(end)), ())
    binary = Schema(type=OpenAPIType.STRING, content_encoding="binary")
    for code, answer in (operation.responses or {}).items():
        schemas = [kept.schema for kept in (getattr(answer, "content", None) or {}).values()]
        is_file = any(getattr(schema, "type", None) == OpenAPIType.STRING for schema in schemas)
        if kinds and is_file and code.startswith("2") and isinstance(answer, OpenAPIResponse):
            named = dict.fromkeys(MEDIA_TYPES[kind] for kind in kinds)
            answer.content = {kind: OpenAPIMediaType(schema=binary) for kind in named}


def _name_unchanged(operation: Operation) -> None:
    """What the header ETag is for, see api/revalidation.py."""
    text = Schema(type=OpenAPIType.STRING)
    tag = OpenAPIHeader(name="", param_in="header", schema=text)
    tag.description = "Send it back in If-None-Match to be told 304 while nothing changed."
    for code, answer in (operation.responses or {}).items():
        if code == "200" and isinstance(answer, OpenAPIResponse):
            answer.headers = {**(answer.headers or {}), "ETag": tag}
    unchanged = OpenAPIResponse(description="Unchanged since the ETag in If-None-Match.")
    operation.responses = {**(operation.responses or {}), "304": unchanged}


def _name_problems(description: OpenAPI) -> None:
    """Say of every operation that it answers with problem details whenever it does not do it."""
    for item in (description.paths or {}).values():
        for operation in _operations(item):
            done = {
                code: response
                for code, response in (operation.responses or {}).items()
                if code.startswith(("2", "3"))
            }
            refused = OpenAPIResponse(
                description="Not done, and why.",
                content={"application/problem+json": OpenAPIMediaType(schema=PROBLEM)},
            )
            operation.responses = {**done, "default": refused}


def _operations(item: PathItem) -> list[Operation]:
    every = (item.get, item.put, item.post, item.patch, item.delete)
    return [operation for operation in every if operation is not None]
