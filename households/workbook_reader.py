"""The child process of `workbook`: reads one workbook from standard input and dies.

It limits itself before it touches the content, opens no file and no connection, and writes frames
of JSON to standard output. It must stay free of imports from the rest of the program beyond plain
values, so that it starts fast and holds nothing worth stealing.
"""

import csv
import io
import re
import resource
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import msgspec
import python_calamine

MEMORY_MAX = 768 * 1024 * 1024
CPU_SECONDS_MAX = 50
ROWS_MAX = 50_000
COLUMNS_MAX = 1_000
CELL_MAX = 1_000
SHEETS_MAX = 100
ENTRIES_MAX = 2_000
UNPACKED_MAX = 256 * 1024 * 1024
RATIO_MAX = 200
RATIO_FROM = 10 * 1024 * 1024
_CHUNK_ROWS = 500

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_BIFF_START = re.compile(rb"\x09\x08[\x08\x10]\x00\x00[\x05\x06]\x05\x00", re.DOTALL)
_FILE_PASS = 0x2F
_FILE_PASS_WITHIN = 8
_WORKBOOK_PARTS = ("xl/workbook.xml", "xl/workbook.bin", "content.xml")
_DELIMITERS = ",\t;"
_TEXT_CONTROLS = frozenset("\t\n\r\x0b\x0c\x1a\x1e\x1f")


class Refused(Exception):
    """Why there is nothing to read: the name of a refusal and its facts."""

    def __init__(self, refusal: str, **facts: str | int) -> None:
        super().__init__(refusal)
        self.refusal, self.facts = refusal, facts


def main() -> None:
    """Read the file from standard input, answer in frames."""
    _limit()
    _send(ready=True)
    content = sys.stdin.buffer.read()
    try:
        _answer(content)
        _send(end=True)
    except Refused as refused:
        _send(refusal=refused.refusal, facts=refused.facts)
    except MemoryError:
        _send(refusal="TooManyRows", facts={"limit": ROWS_MAX})
    except BaseException:
        # Whatever else a hostile file brings about, panics of the parser included, means that
        # the file cannot be read. What it says about the content stays here.
        _send(refusal="WorkbookUnreadable", facts={"reason": "damaged"})


def _limit() -> None:
    """Give up what reading does not need, for good."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS_MAX, CPU_SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))


def _answer(content: bytes) -> None:
    if not content:
        raise Refused("NotAWorkbook", reason="empty")
    if content.startswith(b"PK"):
        _check_archive(content)
        _send_workbook(content)
    elif content.startswith(_OLE):
        if _ENCRYPTED in content or _has_file_pass(content):
            raise Refused("WorkbookProtected")
        _send_workbook(content)
    else:
        rows = _delimited(_text(content))
        _check_rows(len(rows), sheet="")
        _send(sheet="")
        _send_rows(iter(rows), total=len(rows), done=0)


def _check_archive(content: bytes) -> None:
    """Refuse an archive that is no workbook, is locked, or unpacks to more than it may."""
    try:
        entries = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, EOFError):
        raise Refused("WorkbookUnreadable", reason="damaged") from None
    unpacked = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries) or 1
    if (
        len(entries) > ENTRIES_MAX
        or unpacked > UNPACKED_MAX
        or (unpacked > RATIO_FROM and unpacked > packed * RATIO_MAX)
    ):
        raise Refused("WorkbookBomb", unpacked=unpacked, limit=UNPACKED_MAX)
    if any(entry.flag_bits & 1 for entry in entries):
        raise Refused("WorkbookProtected")
    names = {entry.filename.lower() for entry in entries}
    if names.isdisjoint(_WORKBOOK_PARTS):
        raise Refused("NotAWorkbook", reason="archive")


def _has_file_pass(content: bytes) -> bool:
    """Whether an xls is encrypted: a FILEPASS record among the first of its stream ([MS-XLS]
    2.4.117). The parser would only say that it does not know the format."""
    start = _BIFF_START.search(content)
    place = start.start() if start else len(content)
    for _ in range(_FILE_PASS_WITHIN):
        kind = int.from_bytes(content[place : place + 2], "little")
        if kind == _FILE_PASS:
            return True
        place += 4 + int.from_bytes(content[place + 2 : place + 4], "little")
    return False


def _send_workbook(content: bytes) -> None:
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
        sheets = [
            (meta.name, meta.visible != python_calamine.SheetVisibleEnum.Visible)
            for meta in book.sheets_metadata
            if meta.typ == python_calamine.SheetTypeEnum.WorkSheet
        ][:SHEETS_MAX]
        done = 0
        for name, hidden in sheets:
            sheet = book.get_sheet_by_name(name)
            _check_rows(done + sheet.total_height, sheet=name)
            _send(sheet=name, hidden=hidden)
            rows = (_cells(row) for row in sheet.to_python(skip_empty_area=False))
            _send_rows(rows, total=done + sheet.total_height, done=done)
            done += sheet.total_height
    except python_calamine.PasswordError:
        raise Refused("WorkbookProtected") from None


def _check_rows(rows: int, *, sheet: str) -> None:
    if rows > ROWS_MAX:
        raise Refused("TooManyRows", sheet=sheet, rows=rows, limit=ROWS_MAX)


def _cells(row: list[Any]) -> list[Any]:
    """A row's cells as JSON can carry them, cut after the last that is filled."""
    cells = [_cell(value) for value in row[:COLUMNS_MAX]]
    while cells and cells[-1] is None:
        cells.pop()
    return cells


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        # A lone surrogate is no character and cannot be sent.
        return value[:CELL_MAX].encode("utf-8", "replace").decode() if value else None
    if isinstance(value, datetime | date):
        return [value.isoformat()]
    if isinstance(value, time | timedelta):
        return str(value)
    return value


def _text(content: bytes) -> str:
    """A text file's content by its byte order mark, else UTF-8, else GB 18030 (which holds GBK)."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"),
                           (b"\xfe\xff", "utf-16"), (b"", "utf-8"), (b"", "gb18030")):  # fmt: skip
        if content.startswith(mark):
            try:
                text = content.decode(encoding)
            except UnicodeDecodeError:
                continue
            controls = any(char < " " and char not in _TEXT_CONTROLS for char in set(text))
            # Web pages named .xls are common; they are text, but no table of cells.
            if controls or not text.strip() or text.lstrip().startswith(("<", "%PDF", "{\\rtf")):
                break
            return text
    raise Refused("NotAWorkbook", reason="content")


def _delimited(text: str) -> list[list[str | None]]:
    """The records of a csv, whatever parts its fields: the mark that gives most of the first
    records the same number of fields."""
    best, best_score = ",", 0
    for mark in _DELIMITERS:
        try:
            sample = [
                len(record)
                for record, _ in zip(_records(text, mark), range(50), strict=False)
                if record
            ]
        except csv.Error:
            continue
        wide = Counter(width for width in sample if width > 1)
        score = wide.most_common(1)[0][1] if wide else 0
        if score > best_score:
            best, best_score = mark, score
    try:
        return [_cells([_unquoted(field) for field in record]) for record in _records(text, best)]
    except csv.Error:
        raise Refused("WorkbookUnreadable", reason="damaged") from None


def _records(text: str, mark: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=mark)


def _unquoted(field: str) -> str:
    """Programs write ="0012" so that Excel keeps a number as text: the text is meant."""
    if field.startswith('="') and field.endswith('"') and field.count('"') == 2:
        return field[2:-1]
    return field


def _send_rows(rows: Iterator[list[Any]], *, total: int, done: int) -> None:
    chunk: list[list[Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) == _CHUNK_ROWS:
            done += len(chunk)
            _send(rows=chunk, done=done, total=total)
            chunk = []
    if chunk:
        _send(rows=chunk, done=done + len(chunk), total=total)


def _send(**message: Any) -> None:
    frame = msgspec.json.encode(message)
    sys.stdout.buffer.write(len(frame).to_bytes(4, "big") + frame)
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
