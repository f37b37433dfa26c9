"""The frozen form and the rules of what is posted: pure, tested without a database."""

import base64
import hashlib
from datetime import date
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from points import snapshot
from points.errors import NotAPublicationFile
from points.leaderboard import Row, places
from points.snapshot import Content, Header, RuleRef

HEADER = Header(
    serial="610428106221-2026Q3-04",
    village="610428106221",
    region="610428106221",
    region_name="槐庄村",
    township="彭公镇",
    period="2026Q3",
    as_of=date(2026, 9, 30),
    block=None,
    rules=(RuleRef(4, "槐庄村村规民约", True),),
    taking_part=298,
    posted=1,
    earned_total=11846,
    chain_seq=18204,
    chain_head="a" * 64,
    display_from=date(2026, 10, 8),
    display_until=date(2026, 10, 18),
    publisher="槐庄村民委员会",
    supervisor="村务监督委员会",
    objection="口头、书面均可，三日内书面答复",
    contact="监督电话 199-0000-0000",
    published_at="2026-10-08T01:00:00Z",
)
CONTENT = Content(1, "罗桂英", "第一村民小组", 97, {"environment": 97})


def rows(*points: int) -> tuple[Row, ...]:
    """A board on which households earned these points."""
    found = places(dict(enumerate(points)))
    return tuple(
        Row(rank, UUID(int=key + 1), points[key], {"law": points[key]})
        for key, rank in found.items()
    )


@pytest.mark.parametrize(
    ("points", "first_n", "posted"),
    [
        ([], 20, 0),
        ([5], 20, 0),  # half of one is nobody
        ([5, 4], 20, 1),
        ([5, 4, 3, 2, 1, 0], 20, 3),  # at most half
        ([9, 8, 7, 6, 5, 4, 3, 2, 1, 0], 2, 2),  # at most N
        ([0, 0, 0, 0], 20, 0),  # nobody without points
        ([3, 0, 0, 0], 20, 1),
        ([5, 4, 4, 1], 20, 1),  # the tie would pass half: dropped whole
        ([5, 4, 4, 1, 1, 1], 2, 3),  # the tie passes N by half of it: kept whole
        ([5, 4, 4, 4, 1, 1, 1, 1], 2, 1),  # by more than that: dropped whole
        ([5, 5, 5, 1, 1, 1], 1, 3),  # all there is to post: kept whole
        ([5, 5, 5, 1, 1], 1, 0),  # but never beyond half
    ],
)
def test_the_first_places_are_posted_and_ties_at_the_edge_go_whole(
    points: list[int], first_n: int, posted: int
) -> None:
    assert len(snapshot.posted(rows(*points), first_n=first_n)) == posted


@given(st.lists(st.integers(0, 12), max_size=80), st.integers(1, 30))
def test_what_is_posted_is_a_head_of_the_board_with_whole_ties(points: list[int], n: int) -> None:
    board = rows(*points)
    kept = snapshot.posted(board, first_n=n)
    assert kept == board[: len(kept)]
    assert len(kept) <= len(board) // 2
    assert all(row.earned > 0 for row in kept)
    if kept:
        assert kept[-1].earned > board[len(kept)].earned
        assert kept[-1].rank <= n


@pytest.mark.parametrize(
    ("choice", "voted", "form"),
    [
        ("full", "", "full"), ("full", "masked", "full"), ("full", "unnamed", "full"),
        ("masked", "", "masked"), ("masked", "unnamed", "masked"), ("masked", "full", "masked"),
        ("unnamed", "full", "unnamed"), ("unnamed", "masked", "unnamed"),
        ("", "", "unnamed"), ("", "unnamed", "unnamed"), ("", "masked", "masked"),
        ("", "full", "masked"),
    ],
)  # fmt: skip
def test_a_name_is_posted_as_chosen_and_otherwise_at_most_masked(
    choice: str, voted: str, form: str
) -> None:
    assert snapshot.name_form(choice, voted=voted) == form


def test_the_snapshot_can_be_written_again_from_its_description_alone() -> None:
    line = snapshot.line("wall", position=1, content=CONTENT)
    text = snapshot.text(HEADER, lines=[line])
    content = (
        '{"rank":1,"name":"罗桂英","group":"第一村民小组","earned":97,'
        '"blocks":{"environment":97},"rank_before":null}'
    )
    digest = hashlib.sha256(f"{line.salt}\n{content}".encode()).hexdigest()
    header = (
        '{"format":"xiangyue-publication-1","serial":"610428106221-2026Q3-04",'
        '"village":"610428106221","region":"610428106221","region_name":"槐庄村",'
        '"township":"彭公镇","period":"2026Q3","as_of":"2026-09-30","block":null,'
        '"rules":[{"number":4,"title":"槐庄村村规民约","adopted":true}],"taking_part":298,'
        '"posted":1,"earned_total":11846,"chain_seq":18204,"chain_head":"' + "a" * 64 + '",'
        '"display_from":"2026-10-08","display_until":"2026-10-18","publisher":"槐庄村民委员会",'
        '"supervisor":"村务监督委员会","objection":"口头、书面均可，三日内书面答复",'
        '"contact":"监督电话 199-0000-0000","published_at":"2026-10-08T01:00:00Z"}'
    )
    assert text == f"{header}\nwall 1 {digest}\n"
    assert snapshot.hash_of(text) == hashlib.sha256(text.encode()).hexdigest()


def test_the_fingerprint_is_the_first_128_bits_in_base32() -> None:
    hash_hex = hashlib.sha256(b"x").hexdigest()
    printed = snapshot.fingerprint(hash_hex)
    assert len(printed) == 26
    assert base64.b32decode(printed + "======") == bytes.fromhex(hash_hex)[:16]


def test_equal_rows_have_unequal_digests_so_that_nobody_can_guess_an_erased_name() -> None:
    drawn = {snapshot.line("wall", position=1, content=CONTENT).digest for _ in range(20)}
    assert len(drawn) == 20


def test_a_snapshot_reads_back() -> None:
    lines = [snapshot.line(medium, position=1, content=CONTENT) for medium in snapshot.MEDIA]
    header, digests = snapshot.parse(snapshot.text(HEADER, lines=lines))
    assert header == HEADER
    assert header.adopted
    assert [(line.medium, line.position, line.digest) for line in digests] == [
        (line.medium, line.position, line.digest) for line in lines
    ]


def test_one_unvoted_version_makes_the_list_unvoted() -> None:
    two = (RuleRef(3, "约", True), RuleRef(4, "约", False))
    assert not msgspec.structs.replace(HEADER, rules=two).adopted
    assert not msgspec.structs.replace(HEADER, rules=()).adopted


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "",
        lambda text: text[:-1],
        lambda text: text + "\n",
        lambda text: text + "x",
        lambda text: text.replace("wall 1", "roof 1"),
        lambda text: text.replace("wall 1", "wall 0"),
        lambda text: text.replace('"posted":1', '"posted":"1"'),
        lambda text: text.replace('"block":null,', ""),
        lambda text: text.replace('{"format"', '{"more":1,"format"'),
        lambda text: text.replace("xiangyue-publication-1", "xiangyue-publication-2"),
        lambda text: "[]\n",
        lambda text: "\n",
    ],
)
def test_what_is_not_a_snapshot_is_refused(change: object) -> None:
    text = snapshot.text(HEADER, lines=[snapshot.line("wall", position=1, content=CONTENT)])
    with pytest.raises(NotAPublicationFile):
        snapshot.parse(change(text))  # type: ignore[operator]
