"""What the API's own description says beyond what the framework reads from the handlers."""

from litestar.openapi.spec import (
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIResponse,
    OpenAPIType,
    Operation,
    PathItem,
    Schema,
)

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


def name_problems(description: OpenAPI) -> None:
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
