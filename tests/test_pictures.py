"""Every screen at both widths, and every printed page, as files for people to look at.

Not part of the ordinary run: `make pictures` draws them into build/pictures.
"""

from pathlib import Path

import pytest
import test_accessibility as screens
import test_templates_render as templates
from playwright.async_api import Browser
from samples import SAMPLES

from api import printing

FOLDER = Path(__file__).parents[1] / "build" / "pictures"
BLANK_BYTES = 2_000


@pytest.mark.pictures
async def test_every_screen_is_drawn(browser: Browser) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for width, height in ((360, 780), (1366, 768)):
        page = await browser.new_page(viewport={"width": width, "height": height})
        await page.route("**/*", screens.answer)
        for name in screens.SCREENS:
            await page.goto(screens.SITE + name)
            picture = await page.screenshot(path=FOLDER / f"{name}-{width}.png", full_page=True)
            assert len(picture) > BLANK_BYTES, name


@pytest.mark.pictures
async def test_every_printed_page_is_drawn() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    try:
        for template, variant, context in SAMPLES:
            if template.startswith("print/"):
                name = f"{Path(template).stem} {variant}".strip().replace(" ", "-")
                pdf = await printing.pdf(templates.rendered(template, context))
                (FOLDER / f"{name}.pdf").write_bytes(pdf)
                assert len(pdf) > BLANK_BYTES, name
    finally:
        await printing.close()
