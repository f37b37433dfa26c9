"""docs/api.md as data: its exchanges, its programs, and the tables that are made from the code.

Run as a program (`make reference`) it writes the tables anew.
"""

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "api.md"
ANY = "…"
BEGIN = "<!-- made by `make reference` from the code: {} -->"
END = "<!-- made until here: {} -->"


@dataclass(frozen=True)
class Request:
    """A request as the page writes it, its `$names` still in it."""

    method: str
    address: str
    headers: dict[str, str]
    body: str


@dataclass(frozen=True)
class Answer:
    """What the page promises; `body` is None where it says nothing about it."""

    status: int
    headers: dict[str, str]
    body: Any


def blocks(kind: str) -> list[str]:
    """The page's fenced blocks of a kind."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", PAGE.read_text(), re.DOTALL | re.MULTILINE)


def exchanges() -> Iterator[tuple[Request, Answer]]:
    """Requests with their answers, in the order of the page."""
    written = blocks("http")
    for asked, answered in zip(written[::2], written[1::2], strict=True):
        head, _, body = asked.partition("\n\n")
        first, *lines = head.strip().splitlines()
        method, _, address = first.partition(" ")
        request = Request(method, address, _headers(lines), body.strip())
        head, _, body = answered.partition("\n\n")
        first, *lines = head.strip().splitlines()
        assert first.startswith("HTTP/1.1 "), f"an answer should follow {request}"
        promised = json.loads(body) if body.strip() else None
        yield request, Answer(int(first.split()[1]), _headers(lines), promised)


def _headers(lines: list[str]) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in lines)


def filled(text: str, known: dict[str, str]) -> str:
    """A text with what its `$names` stand for."""
    return re.sub(r"\$([a-z]+)", lambda found: known[found[1]], text)


def differences(promised: Any, given: Any, known: dict[str, str], at: str = "") -> list[str]:
    """Where an answer is not as promised. A `$name` alone takes on what the answer brings."""
    if promised == ANY:
        return []
    if isinstance(promised, str) and re.fullmatch(r"\$[a-z]+", promised):
        if _taken_on(promised[1:], str(given), known):
            return []
        return [f"{at}: {known[promised[1:]]!r} was promised, {given!r} given"]
    if isinstance(promised, dict) and isinstance(given, dict):
        named = promised.keys() - {ANY}
        surprises = set() if ANY in promised else given.keys() - named
        found = [f"{at}.{name} is missing" for name in sorted(named - given.keys())]
        found += [f"{at}.{name} is not written down" for name in sorted(surprises)]
        for name in sorted(named & given.keys()):
            found += differences(promised[name], given[name], known, f"{at}.{name}")
        return found
    if isinstance(promised, list) and isinstance(given, list):
        shown = [one for one in promised if one != ANY]
        if len(given) < len(shown) or (len(given) > len(shown) and len(shown) == len(promised)):
            return [f"{at}: {len(shown)} were promised, {len(given)} given"]
        return [
            line
            for n, (one, other) in enumerate(zip(shown, given, strict=False))
            for line in differences(one, other, known, f"{at}[{n}]")
        ]
    if isinstance(promised, str) and isinstance(given, str):
        promised = filled(promised, known)
    return [] if promised == given else [f"{at}: {promised!r} was promised, {given!r} given"]


# Renewed on purpose: a later answer brings another one.
RENEWED = {"token", "refresh", "cursor"}


def _taken_on(name: str, given: str, known: dict[str, str]) -> bool:
    if name in known and name not in RENEWED:
        return known[name] == given
    known[name] = given
    return True


# -- tables made from the code ---------------------------------------------------------------


def refusals() -> str:
    """Every refusal: type, status, and why in one sentence."""
    from api.answers import slug
    from api.errors import REFUSALS

    lines = ["| type `urn:xiangyue:…` | status | why |", "| --- | --- | --- |"]
    for kind, (status, _) in sorted(REFUSALS.items(), key=lambda line: slug(line[0])):
        why = " ".join((kind.__doc__ or "").split())
        lines.append(f"| `{slug(kind)}` | {status} | {why} |")
    return "\n".join(lines)


def operations() -> str:
    """Every operation: what it does, and the permission that it takes."""
    from web import routes

    from api.app import application
    from api.settings import Settings

    app = application(Settings(data=Path("/nowhere")))
    permissions = {(one.method, one.path): one.permission for one in routes(app)}
    described = {
        (method, http.path): handler.fn.__doc__ or ""
        for http in app.routes
        for handler in getattr(http, "route_handlers", ())
        for method in handler.http_methods
    }
    lines = ["| operation | what it does | permission |", "| --- | --- | --- |"]
    for (method, path), permission in sorted(permissions.items(), key=lambda one: one[0][::-1]):
        if not path.startswith("/api/v1/") or method in ("HEAD", "OPTIONS"):
            continue
        if not permissions_matter(path):
            continue
        bare = re.sub(r":(uuid|str|int)\}", "}", path.removeprefix("/api/v1"))
        does = " ".join(described[method, path].split())
        lines.append(f"| `{method} {bare}` | {does} | {f'`{permission}`' if permission else ''} |")
    return "\n".join(lines)


def permissions_matter(path: str) -> bool:
    """Whether it is an operation of ours and not a page about the API."""
    return path not in ("/api/v1/docs", "/api/v1/openapi.json", "/api/v1/{path:str}")


TABLES = {"refusals": refusals, "operations": operations}


def made(name: str) -> str:
    """A table as the page has to hold it, between its two marks."""
    return f"{BEGIN.format(name)}\n\n{TABLES[name]()}\n\n{END.format(name)}"


def held(name: str) -> str:
    """The table as the page holds it."""
    text = PAGE.read_text()
    start = text.index(BEGIN.format(name))
    return text[start : text.index(END.format(name)) + len(END.format(name))]


def main() -> None:
    """Write the tables anew."""
    text = PAGE.read_text()
    for name in TABLES:
        text = text.replace(held(name), made(name))
    PAGE.write_text(text)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    main()
