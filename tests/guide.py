"""The user guide with its pictures: marks in docs/user-guide.md become drawings of our own screens.

A mark is a line such as `<!-- 图：scores 1366 一个小组一张表 -->`: a sample's name, the width it is
drawn at and what stands below it. The guide can be read without any of them.
"""

import base64
import html
import re
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).parents[1] / "docs" / "user-guide.md"
MARK = re.compile(r"^<!-- 图：(\S+) (360|1366) (.+) -->$", re.MULTILINE)

STYLE = """
@page { size: A4; margin: 18mm 16mm 20mm; @bottom-center { content: counter(page);
  font: 10pt "Noto Sans CJK SC", sans-serif; color: #6b645b; } }
body { font: 11pt/1.7 "Noto Sans CJK SC", sans-serif; color: #1d1b19; max-width: 46em;
  margin: 0 auto; }
h1 { font: 900 30pt/1.3 "Noto Serif CJK SC", serif; color: #a8201a; }
h2 { font: 900 18pt/1.4 "Noto Serif CJK SC", serif; color: #a8201a; margin-top: 2em;
  border-bottom: 2px solid #a8201a; break-after: avoid; }
h3 { font-size: 13pt; margin-top: 1.6em; break-after: avoid; }
a { color: inherit; } code { font: 10pt "Noto Sans Mono CJK SC", monospace; background: #faf8f5; }
table { border-collapse: collapse; width: 100%; break-inside: avoid; }
th, td { text-align: left; padding: 4pt 8pt; border-bottom: 1px solid #e7e1d8; }
th { color: #6b645b; font-weight: 400; border-bottom: 2px solid #a8201a; }
figure { margin: 1em 0; break-inside: avoid; }
figure img { width: 100%; border: 1px solid #e7e1d8; border-radius: 6px; }
figure.phone { width: 44%; display: inline-block; margin-right: 4%; vertical-align: top; }
figcaption { font-size: 9.5pt; color: #6b645b; }
"""


class Picture(NamedTuple):
    """One mark: a sample's name, the width in pixels, the line below."""

    name: str
    width: int
    caption: str

    @property
    def file(self) -> str:
        """What its drawing is called."""
        return f"{self.name}-{self.width}.png"


def pictures(text: str) -> list[Picture]:
    """The guide's marks, in order."""
    return [Picture(name, int(width), said) for name, width, said in MARK.findall(text)]


def page(text: str, folder: Path) -> str:
    """The guide as one HTML page that carries the pictures of a folder in itself."""
    drawn = MARK.sub(lambda mark: _figure(mark, folder), text)
    blocks = [_block(block) for block in re.split(r"\n{2,}", drawn.strip())]
    return (
        '<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>使用指南</title>'
        f"<style>{STYLE}</style></head><body>{''.join(blocks)}</body></html>"
    )


def _figure(mark: re.Match[str], folder: Path) -> str:
    found = Picture(mark[1], int(mark[2]), mark[3])
    data = base64.b64encode((folder / found.file).read_bytes()).decode()
    kind = ' class="phone"' if found.width == 360 else ""
    image = f'<img alt="{found.caption}" src="data:image/png;base64,{data}">'
    return f"<figure{kind}>{image}<figcaption>{found.caption}</figcaption></figure>"


def _block(block: str) -> str:
    """One paragraph, heading, list or table of the little Markdown that the guide is written in."""
    lines = block.splitlines()
    if heading := re.match(r"(#{1,3}) (.+)", block):
        level = len(heading[1])
        name = re.sub(r"[、：\s]", "", heading[2])
        rest = "\n".join(lines[1:])
        return f'<h{level} id="{name}">{_inline(heading[2])}</h{level}>' + (
            _block(rest) if rest else ""
        )
    if block.startswith("<figure"):
        return block
    if block.startswith("---"):
        return "<hr>"
    if block.startswith("| "):
        return _table(lines)
    if items := re.split(r"^(?:- |\d+\. )", block, flags=re.MULTILINE)[1:]:
        kind = "ol" if block[0].isdigit() else "ul"
        before = re.split(r"^(?:- |\d+\. )", block, maxsplit=1, flags=re.MULTILINE)[0]
        listed = "".join(f"<li>{_inline(item)}</li>" for item in items)
        return (f"<p>{_inline(before)}</p>" if before else "") + f"<{kind}>{listed}</{kind}>"
    return f"<p>{_inline(block)}</p>"


def _table(lines: list[str]) -> str:
    rows = [[cell.strip() for cell in line.strip("| ").split(" | ")] for line in lines]
    head = "".join(f'<th scope="col">{_inline(cell)}</th>' for cell in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{_inline(cell)}</td>" for cell in row) + "</tr>" for row in rows[2:]
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _inline(text: str) -> str:
    said = html.escape(text.replace("\n", ""), quote=False)
    said = re.sub(r"`([^`]+)`", r"<code>\1</code>", said)
    said = re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", said)
    return re.sub(r"\[([^]]+)\]\(([^)]+)\)", r'<a href="\2">\1</a>', said)
