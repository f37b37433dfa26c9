"""How lists are asked for page by page; bounded, so that no number is too large for a database."""

from typing import Annotated, Any, Protocol, TypeVar
from urllib.parse import urlencode

from litestar import Request, Response
from litestar.params import QueryParameter

PageNumber = Annotated[int, QueryParameter(ge=1, le=1_000_000)]
PageSize = Annotated[int, QueryParameter(ge=1, le=200)]


class Paged(Protocol):
    """One page of a list."""

    @property
    def total(self) -> int: ...
    @property
    def page(self) -> int: ...
    @property
    def page_size(self) -> int: ...


P = TypeVar("P", bound=Paged)


def linked(request: Request, found: P) -> Response[P]:
    """A page of a list with the addresses of the pages around it in the header Link (RFC 8288)."""
    pages = max(1, -(-found.total // found.page_size))
    beside = {"first": 1, "prev": found.page - 1, "next": found.page + 1, "last": pages}
    asked = {name: value for name, value in request.query_params.items() if name != "page"}
    path = request.scope["path"].rstrip("/")

    def at(page: int) -> str:
        values: dict[str, Any] = {**asked, "page": page}
        return f"{path}?{urlencode(values)}"

    links = [f'<{at(page)}>; rel="{rel}"' for rel, page in beside.items() if 1 <= page <= pages]
    return Response(found, headers={"link": ", ".join(links)})
