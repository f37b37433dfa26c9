"""A small client for the API of 乡约 Xiangyue: Python's standard library and nothing else.

    XIANGYUE_PASSWORD=... python client.py http://127.0.0.1:8000 zhouws 610428106221

logs in, counts the village's households, posts two entries twice (the second time changes
nothing), and follows the change feed from before the posting. Copy it and make it yours.
"""

import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen
from uuid import uuid4


class Refused(Exception):
    """The answer to what was not done: `problem` says why, as problem details (RFC 9457)."""

    def __init__(self, problem: dict[str, Any]) -> None:
        super().__init__(f"{problem['status']} {problem['type']}: {problem['detail']}")
        self.problem = problem


class Xiangyue:
    """One log-in; the token is renewed by itself when its quarter of an hour is over."""

    def __init__(self, address: str, login: str, password: str) -> None:
        self.address = address.rstrip("/")
        self.tokens = self._send("POST", "/tokens", {"login": login, "password": password})

    def get(self, path: str, **asked: Any) -> Any:
        """Read something; an address from a `Link` header or an `href` may be given as it is."""
        return self._ask("GET", f"{path}?{urlencode(asked)}" if asked else path)

    def post(self, path: str, body: Any) -> Any:
        """Do something. When no answer came, send the same body, with the same ids, again."""
        return self._ask("POST", path, body)

    def rows(self, path: str, **asked: Any) -> Iterator[Any]:
        """All rows of a list, page by page."""
        page = 1
        while True:
            found = self.get(path, **asked, page=page, page_size=200)
            yield from found["rows"]
            if page * found["page_size"] >= found["total"]:
                return
            page += 1

    def changes(self, cursor: str) -> Iterator[tuple[list[Any], str]]:
        """Changes after a cursor for ever, each time with the cursor to keep."""
        while True:
            told = self.get("/changes", since=cursor, wait=5)
            if told["changes"] or told["cursor"] != cursor:
                yield told["changes"], told["cursor"]
            cursor = told["cursor"]

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        try:
            return self._send(method, path, body)
        except Refused as refused:
            if refused.problem["status"] != 401:
                raise
        used = {"refresh_token": self.tokens["refresh_token"]}
        self.tokens = self._send("POST", "/tokens/refresh", used)
        return self._send(method, path, body)

    def _send(self, method: str, path: str, body: Any = None) -> Any:
        full = path if path.startswith("/api/") else f"/api/v1{path}"
        headers = {"Accept-Language": "zh-CN", "Content-Type": "application/json"}
        if hasattr(self, "tokens"):
            headers["Authorization"] = f"Bearer {self.tokens['token']}"
        data = None if body is None else json.dumps(body).encode()
        asked = Request(self.address + full, data, headers, method=method)  # noqa: S310 - ours
        for seconds in (1, 3, 9, 0):  # a server that restarts is there again in a moment
            try:
                with urlopen(asked, timeout=60) as answer:  # noqa: S310 - the address above
                    return json.load(answer) if answer.length else None
            except HTTPError as refused:
                if refused.code == 503 and seconds:
                    time.sleep(seconds)
                    continue
                raise Refused(json.load(refused)) from None
            except OSError:
                if not seconds:
                    raise
                time.sleep(seconds)
        raise AssertionError("the last try either answers or raises")


def main(address: str, login: str, village: str) -> None:
    """What the head of this file promises."""
    server = Xiangyue(address, login, os.environ["XIANGYUE_PASSWORD"])
    cursor = server.get("/changes", since="latest")["cursor"]
    households = list(server.rows("/households", village=village))
    print("households", len(households))  # noqa: T201
    on = time.strftime("%Y-%m-%d")
    entries = [
        {
            "id": str(uuid4()),
            "household": household["id"],
            "item": "courtyard",
            "points": 5,
            "on": on,
            "reason": "院子打扫得干净",
        }
        for household in households[:2]
    ]
    for _ in range(2):
        answer = server.post("/entries/batch", {"village": village, "entries": entries})
        print("posted", answer["posted"])  # noqa: T201
    changes, _ = next(server.changes(cursor))
    for change in changes:
        print(change["kind"], change["id"])  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
