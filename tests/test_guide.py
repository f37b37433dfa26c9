"""The user guide: its marks name our screens, its links lead somewhere, and it can be drawn."""

import re

import guide
import pytest
import test_accessibility as screens
from playwright.async_api import Browser

from api import printing

FOLDER = guide.SOURCE.parents[1] / "build" / "guide"
TEXT = guide.SOURCE.read_text()


def test_every_picture_of_the_guide_is_one_of_our_screens() -> None:
    marked = guide.pictures(TEXT)
    assert len(marked) >= 10
    assert [one.name for one in marked if one.name not in screens.SCREENS] == []
    assert TEXT.count("<!--") == len(marked), "a mark that cannot be read"


def test_the_guides_links_lead_somewhere() -> None:
    headings = {
        re.sub(r"[、：\s]", "", heading) for heading in re.findall(r"^#+ (.+)$", TEXT, re.MULTILINE)
    }
    for target in re.findall(r"\]\(([^)]+)\)", TEXT):
        if target.startswith("#"):
            assert target[1:] in headings, target
        else:
            assert (guide.SOURCE.parent / target).exists(), target


@pytest.mark.pictures
async def test_the_guide_is_drawn_with_its_pictures(browser: Browser) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for found in guide.pictures(TEXT):
        height = 780 if found.width == 360 else 768
        page = await browser.new_page(viewport={"width": found.width, "height": height})
        await page.route("**/*", screens.answer)
        await page.goto(screens.SITE + found.name)
        await page.screenshot(path=FOLDER / found.file)
        await page.close()
    html = guide.page(TEXT, FOLDER)
    (FOLDER / "使用指南.html").write_text(html)
    try:
        pdf = await printing.pdf(html)
    finally:
        await printing.close()
    (FOLDER / "使用指南.pdf").write_bytes(pdf)
    assert pdf.startswith(b"%PDF")
