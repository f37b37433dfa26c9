"""Puts what somebody had typed back into a page's own form: HTML in, HTML out, without a script.

Only the form that was sent is touched: the one that posts to the same address, and where several
do, the one with the same hidden fields. Files and passwords are never filled in.
"""

from collections.abc import Sequence
from html import escape
from html.parser import HTMLParser

Field = tuple[str, str]
_LEFT_ALONE = {"file", "password", "submit", "button", "image", "reset"}


def filled(html: str, *, action: str, fields: Sequence[Field]) -> str | None:
    """The page with the form filled in; None when it has no such form."""
    finder = _Finder(action)
    finder.feed(html)
    chosen = _chosen(finder.forms, fields)
    if chosen is None:
        return None
    filler = _Filler(chosen, fields)
    filler.feed(html)
    filler.close()
    return "".join(filler.out)


def _chosen(forms: list[tuple[int, list[Field]]], fields: Sequence[Field]) -> int | None:
    if len(forms) == 1:
        return forms[0][0]
    same = [at for at, hidden in forms if all(pair in fields for pair in hidden)]
    return same[0] if same else None


class _Finder(HTMLParser):
    """The forms that post to an address: the place of each among all forms, its hidden fields."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action = action
        self.count = -1
        self.forms: list[tuple[int, list[Field]]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.count += 1
            posts = (given.get("method") or "").lower() == "post"
            self.inside = posts and given.get("action") == self.action
            if self.inside:
                self.forms.append((self.count, []))
        elif tag == "input" and self.inside and given.get("type") == "hidden":
            self.forms[-1][1].append((given.get("name") or "", given.get("value") or ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


class _Filler(HTMLParser):
    """Copies a page letter by letter, except for the fields of one form."""

    def __init__(self, chosen: int, fields: Sequence[Field]) -> None:
        super().__init__(convert_charrefs=False)
        self.chosen, self.count = chosen, -1
        self.fields = fields
        self.left: dict[str, list[str]] = {}
        for name, value in fields:
            self.left.setdefault(name, []).append(value)
        self.out: list[str] = []
        self.inside = False
        self.select = ""
        self.skipping = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        raw = self.get_starttag_text() or ""
        given = dict(attrs)
        if tag == "form":
            self.count += 1
            self.inside = self.count == self.chosen
        name = given.get("name") or ""
        if self.inside and tag == "input" and name:
            raw = self._input(given, name, raw)
        elif self.inside and tag == "select":
            self.select = name
        elif self.inside and tag == "option" and self.select in self.left:
            # An option without a value stands for its text, which our pages never do.
            raw = _tag(tag, given, on=given.get("value") in self.left[self.select], flag="selected")
        elif self.inside and tag == "textarea" and self.left.get(name):
            raw += "\n" + escape(self.left[name].pop(0))
            self.skipping = True
        self.out.append(raw)

    def _input(self, given: dict[str, str | None], name: str, raw: str) -> str:
        kind = (given.get("type") or "text").lower()
        if kind in _LEFT_ALONE:
            return raw
        if kind in ("checkbox", "radio"):
            on = (name, given.get("value") or "on") in self.fields
            return _tag("input", given, on=on, flag="checked")
        if not self.left.get(name):
            return raw
        return _tag("input", {**given, "value": self.left[name].pop(0)})

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.skipping = False
        self.out.append(f"</{tag}>")

    def _copy(self, text: str) -> None:
        if not self.skipping:
            self.out.append(text)

    def handle_data(self, data: str) -> None:
        self._copy(data)

    def handle_entityref(self, name: str) -> None:
        self._copy(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self._copy(f"&#{name};")

    def handle_comment(self, data: str) -> None:
        self._copy(f"<!--{data}-->")

    def handle_decl(self, decl: str) -> None:
        self._copy(f"<!{decl}>")


def _tag(tag: str, given: dict[str, str | None], *, on: bool = False, flag: str = "") -> str:
    kept = {name: value for name, value in given.items() if name != flag}
    if on:
        kept[flag] = None
    written = "".join(
        f" {name}" if value is None else f' {name}="{escape(value)}"'
        for name, value in kept.items()
    )
    return f"<{tag}{written}>"
