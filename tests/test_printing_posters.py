"""Posters: drawn from the frozen list, kept, redrawn when a name comes down, never outdated."""

import re
import subprocess
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import boards
import pytest

from api import locale, posters, printing, qr
from api.errors import QrRefused
from api.settings import Settings
from foundation import clock, database, keys
from foundation.models import Attachment
from households import settings as village_settings
from households.models import Household
from points import publication, published
from points.errors import DisplayOver
from points.period import Period
from points.scheme import Scheme

QUARTER = Period.parse("2026Q3")
REACHABLE = Settings(data=Path("unused"), public_url="https://xiangyue.example")
HEADS = ("罗桂英", "周小勇", "李四", "王五", "赵六", "孙七")


@pytest.fixture(autouse=True)
async def october() -> AsyncIterator[None]:
    keys.hold(keys.Keyring([keys.Keyset("a secret of the tests, long enough to be one")]))
    with clock.stopped_at(boards.NOW):
        yield
    await printing.close()


@pytest.fixture
async def drawn_on(sqlite_store: str) -> AsyncIterator[None]:
    """An open store, for what is the same on every engine."""
    await database.open(sqlite_store)
    yield
    await database.close()


async def posted_village() -> tuple[str, list[Household]]:
    await boards.village()
    await boards.rule_book()
    scheme = Scheme(contact="监督电话 199-0000-0000")
    await village_settings.write(boards.VILLAGE, scheme, by=boards.OPERATOR)
    homes = [
        await boards.household(
            head, group=n % 2 + 1, name_wall="full", number=f"PLANTED-{n}", phone_index="PLANTED"
        )
        for n, head in enumerate(HEADS)
    ]
    for n, home in enumerate(homes):
        await boards.post(home, 40 - n)
    receipt = await publication.publish(
        boards.VILLAGE, id=uuid4(), period=QUARTER, by=boards.OPERATOR
    )
    return receipt.serial, homes


async def poster(serial: str, **more: Any) -> bytes:
    given = {
        "paper": "A4", "actor": boards.OPERATOR, "settings": REACHABLE, "demo": False, **more,
    }  # fmt: skip
    return await posters.poster(serial, **given)


def text_of(pdf: bytes) -> str:
    return subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()


def size_of(pdf: bytes) -> str:
    told = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True)
    found = re.search(r"Pages:\s+(\d+).*\((A\d)\)", told.stdout.decode(), re.DOTALL)
    assert found
    return f"{found[1]} x {found[2]}"


async def test_a_poster_says_all_that_a_posted_list_must_say(drawn_on: None) -> None:
    serial, homes = await posted_village()
    view = await published.view(serial, actor=boards.OPERATOR)
    text = re.sub(r"\s", "", text_of(await poster(serial)))
    for said in (
        "彭公镇·槐庄村", "积分红榜", "二〇二六年第三季度", "《槐庄村村规民约》第1版", "未经表决",
        "参评6户", "列前三名", "2026年10月8日至10月18日", "监督电话199-0000-0000",
        "槐庄村民委员会", "村务监督委员会", serial, "账本第6条", view.header.chain_head[:16],
        "罗桂英", "周小勇", "李四", "扫码核对本榜",
    ):  # fmt: skip
        assert said in text, said
    assert view.fingerprint in text.replace("-", "")
    for hidden in ("王五", "赵六", "PLANTED", str(homes[0].id)):
        assert hidden not in text, hidden


@pytest.mark.parametrize("paper", published.PAPERS)
async def test_a_poster_is_one_page_of_its_paper(drawn_on: None, paper: str) -> None:
    serial, _ = await posted_village()
    assert size_of(await poster(serial, paper=paper)) == f"1 x {paper}"


async def test_a_poster_is_rendered_once_and_then_kept(opened: str) -> None:
    serial, _ = await posted_village()
    first = await poster(serial)
    kept = await Attachment.get(purpose="poster")
    await Attachment.filter(id=kept.id).update(content=b"%PDF-kept")
    assert await poster(serial) == b"%PDF-kept"
    assert (await poster(serial, paper="A3")) != first
    assert await Attachment.filter(purpose="poster").count() == 2


async def test_a_new_address_gives_a_new_poster_in_the_place_of_the_old(drawn_on: None) -> None:
    serial, _ = await posted_village()
    await poster(serial)
    elsewhere = Settings(data=Path("unused"), public_url="https://other.example")
    await poster(serial, settings=elsewhere)
    assert await Attachment.filter(purpose="poster").count() == 1


async def test_a_name_taken_down_is_gone_from_the_kept_poster_too(opened: str) -> None:
    serial, homes = await posted_village()
    for paper in published.PAPERS:
        await poster(serial, paper=paper)
    await publication.withdraw_name(homes[1].id, by=boards.OPERATOR)
    assert not await Attachment.exists(purpose="poster")
    text = text_of(await poster(serial))
    assert "周小勇" not in text
    assert "已按本人要求隐去" in text
    assert "罗桂英" in text


async def test_a_poster_drawn_before_a_name_came_down_is_not_kept_afterwards(
    opened: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    serial, homes = await posted_village()
    render = printing.pdf

    async def slow(html: str) -> bytes:
        pdf = await render(html)
        await publication.withdraw_name(homes[1].id, by=boards.OPERATOR)
        return pdf

    monkeypatch.setattr(printing, "pdf", slow)
    await poster(serial)
    assert not await Attachment.exists(purpose="poster")


async def test_no_poster_is_made_of_a_list_whose_time_is_over(drawn_on: None) -> None:
    serial, _ = await posted_village()
    await poster(serial)
    with clock.stopped_at(boards.NOW + timedelta(days=11)), pytest.raises(DisplayOver):
        await poster(serial)
    await publication.publish(boards.VILLAGE, id=uuid4(), period=QUARTER, by=boards.OPERATOR)
    with pytest.raises(DisplayOver):
        await poster(serial)


@pytest.mark.parametrize(
    "public_url", ["", "http://localhost:8000", "http://127.0.0.1", "http://[::1]", "x"]
)
async def test_without_an_address_that_a_phone_can_reach_the_poster_has_no_code(
    drawn_on: None, public_url: str
) -> None:
    serial, _ = await posted_village()
    settings = Settings(data=Path("unused"), public_url=public_url)
    text = text_of(await poster(serial, settings=settings))
    assert "罗桂英" in text
    assert "扫码" not in text
    with pytest.raises(QrRefused) as refusal:
        qr.base_address(settings, demo=False)
    assert refusal.value.reason == ("loopback" if public_url else "unset")


def test_a_demonstration_may_print_its_own_machines_address() -> None:
    here = Settings(data=Path("unused"), port=8123)
    assert qr.base_address(here, demo=True) == "http://127.0.0.1:8123"
    assert qr.base_address(REACHABLE, demo=True) == "https://xiangyue.example"


async def test_the_code_leads_to_the_public_page_with_the_fingerprint(
    drawn_on: None,
) -> None:
    serial, _ = await posted_village()
    view = await published.view(serial, actor=boards.OPERATOR)
    address = qr.publication_address(
        qr.base_address(REACHABLE, demo=False), serial=serial, fingerprint=view.fingerprint
    )
    assert address == f"https://xiangyue.example/p/{serial}#{view.fingerprint}"
    context = posters.poster_context(
        view.header, view.rows, paper="A4", fingerprint=view.fingerprint, address=address
    )
    assert context["qr"] == qr.data_address(address)
    assert qr.picture(address).startswith(b"\x89PNG")


async def test_a_demonstration_says_so_on_paper(drawn_on: None) -> None:
    serial, _ = await posted_village()
    assert "演示数据，请勿录入真实信息" in text_of(await poster(serial, demo=True))


async def test_a_poster_is_chinese_whoever_prints_it(drawn_on: None) -> None:
    serial, _ = await posted_village()
    token = locale.language.set("en")
    try:
        assert "积分红榜" in text_of(await poster(serial)).replace(" ", "")
    finally:
        locale.language.reset(token)


async def test_a_preview_says_that_nothing_is_posted_yet(drawn_on: None) -> None:
    await posted_village()
    pdf = await posters.preview(
        boards.VILLAGE, period=QUARTER, block=None, paper="A4", actor=boards.OPERATOR, demo=False
    )
    text = text_of(pdf)
    assert "预览，尚未公布" in text
    assert "罗桂英" in text
    assert "王五" not in text


async def test_the_notice_list_prints_every_household_without_rank(drawn_on: None) -> None:
    await posted_village()
    pdf = await posters.notice(
        boards.VILLAGE, period=QUARTER, days=15, actor=boards.OPERATOR, demo=True
    )
    text = re.sub(r"\s", "", text_of(pdf))
    for said in (*HEADS, "按户排列，不分名次", "2026年10月8日至10月23日", "演示数据"):
        assert said in text, said
    assert text.index("赵六") < text.index("周小勇"), "within a group by name"
    assert "PLANTED" not in text


@pytest.mark.parametrize(
    ("number", "spoken"),
    [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (31, "三十一"), (99, "九十九"),
     (100, "100")],
)  # fmt: skip
def test_counts_are_written_as_they_are_spoken(number: int, spoken: str) -> None:
    assert posters.numeral(number) == spoken


@pytest.mark.parametrize(
    ("name", "short"),
    [("第四村民小组", "四组"), ("第十二村民小组", "十二组"), ("东坡村民小组", "东坡组"),
     ("5组", "5组"), ("", "")],
)  # fmt: skip
def test_groups_are_short_in_a_narrow_column(name: str, short: str) -> None:
    assert posters.short_group(name) == short
