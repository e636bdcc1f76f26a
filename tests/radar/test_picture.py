"""The radar's picture: nothing touches, nothing is left to chance, and what moved is marked."""

from __future__ import annotations

import random
import xml.etree.ElementTree as ET
from datetime import date
from itertools import combinations
from math import atan2, hypot, pi

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.samples import both, tool
from dkai.catalogue.catalogue import Entry
from dkai.core.errors import UserError
from dkai.radar.picture import QUADRANTS, RADIUS, Picture, draw_up, mark_of
from dkai.radar.svg import WIDTH, Words, draw, shortened, text_width
from dkai.radar.wishes import RINGS

SINCE = date(2026, 8, 1)
SVG = "{http://www.w3.org/2000/svg}"
WORDS = Words(quadrant=lambda name: name.replace("-", ", "), ring=lambda name: name)


def entry(number: int, quadrant: str, ring: str, name: str | None = None) -> Entry:
    id_ = f"tool-{number:04d}"
    return Entry("tool", id_, tool(id_, name=name or f"Tool {number}", quadrant=quadrant, ring__now=ring))


def many(count: int, seed: int = 7) -> list[Entry]:
    """Unevenly spread, as a real radar is, with names of all lengths."""
    chance = random.Random(seed)
    return [
        entry(
            i,
            chance.choices(QUADRANTS, weights=(3, 4, 7, 5))[0],
            chance.choices(RINGS, weights=(3, 7, 4, 2))[0],
            "W" * chance.randint(1, 60) if i % 9 == 0 else None,
        )
        for i in range(count)
    ]


def apart(picture: Picture) -> None:
    """Every mark in its own quarter and ring, and clear of all others."""
    reach = picture.dot * 1.2  # the largest mark, a triangle, is a little more than a dot
    for one, other in combinations(picture.items, 2):
        assert hypot(one.x - other.x, one.y - other.y) >= 2 * reach - 1e-6, (one, other)
    for blip in picture.items:
        band = next(band for band in picture.bands if band.ring == blip.ring)
        assert band.inner + picture.dot <= hypot(blip.x, blip.y) <= band.outer - picture.dot
        turn = (atan2(blip.y, blip.x) + pi) % (2 * pi)
        assert int(turn // (pi / 2)) == QUADRANTS.index(blip.quadrant)
        assert min(abs(blip.x), abs(blip.y)) >= reach


@pytest.mark.parametrize("count", [1, 2, 17, 92, 140, 200, 260])
def test_no_two_dots_touch(count: int) -> None:
    picture = draw_up(many(count), SINCE, "2026-11-24")
    assert len(picture.items) == count
    assert picture.bands[-1].outer == pytest.approx(RADIUS)
    apart(picture)


@given(st.lists(st.tuples(st.sampled_from(QUADRANTS), st.sampled_from(RINGS)), min_size=1, max_size=90))
@settings(max_examples=40, deadline=None)
def test_nor_do_they_for_any_other_radar(places: list[tuple[str, str]]) -> None:
    apart(draw_up([entry(i, *place) for i, place in enumerate(places)], SINCE, "2026-11-24"))


def test_all_in_one_sector() -> None:
    apart(draw_up([entry(i, "read-write", "adopt") for i in range(60)], SINCE, "2026-11-24"))


def test_the_same_tools_give_the_same_picture_in_whatever_order() -> None:
    tools = many(120)
    shuffled = tools[:]
    random.Random(1).shuffle(shuffled)
    assert draw_up(tools, SINCE, "2026-11-24") == draw_up(shuffled, SINCE, "2026-11-24")


def test_numbers_go_by_quarter_ring_and_name() -> None:
    picture = draw_up(
        [entry(1, "build-run", "adopt"), entry(2, "read-write", "hold"), entry(3, "read-write", "adopt", "Å"),
         entry(4, "read-write", "adopt", "b")],
        SINCE, "2026-11-24",
    )  # fmt: skip
    assert [(b.number, b.id) for b in picture.items] == [
        (1, "tool-0004"), (2, "tool-0003"), (3, "tool-0002"), (4, "tool-0001"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("ring", "mark"),
    [
        ({"now": "trial", "since": "2026-07-31"}, ""),
        ({"now": "trial", "since": "2026-08-01"}, "new"),
        ({"now": "trial", "since": "2026-08-01", "history": [{"ring": "assess"}]}, "in"),
        ({"now": "hold", "since": "2026-08-01", "history": [{"ring": "adopt"}, {"ring": "trial"}]}, "out"),
        ({"now": "hold", "since": "2026-07-01", "history": [{"ring": "adopt"}]}, ""),
        ({"now": "trial", "since": "2026-08-01", "history": [{"ring": "trial"}]}, ""),
    ],
)
def test_new_and_moved(ring: dict, mark: str) -> None:
    assert mark_of(Entry("tool", "x", {"ring": ring}), "2026-08-01") == mark


def test_what_was_there_from_the_first_day_is_not_new() -> None:
    ring = {"now": "trial", "since": "2026-08-05"}
    assert mark_of(Entry("tool", "x", {"ring": ring}), "2026-08-01", "2026-08-05") == ""
    assert mark_of(Entry("tool", "x", {"ring": ring}), "2026-08-01", "2026-08-04") == "new"


def test_nothing_and_too_much_are_said() -> None:
    with pytest.raises(UserError) as none:
        draw_up([], SINCE, "2026-11-24")
    assert none.value.code == "empty-plot"
    with pytest.raises(UserError) as crowd:
        draw_up([entry(i, "read-write", "adopt") for i in range(3000)], SINCE, "2026-11-24")
    assert crowd.value.code == "crowded-plot"


def boxes(svg: ET.Element) -> list[tuple[str, float, float, float, float]]:
    """The texts of the lists with the room that they may take: text, left, top, right, bottom."""
    found = []
    for text in svg.findall(f"{SVG}text"):
        size = float(text.get("font-size", "0"))
        width = text_width(text.text or "", size, bold=text.get("font-weight") == "bold")
        x, y = float(text.get("x", "0")), float(text.get("y", "0"))
        left = {"start": x, "middle": x - width / 2, "end": x - width}[text.get("text-anchor", "start")]
        found.append((text.text or "", left, y - size * 0.8, left + width, y + size * 0.22))
    return found


@pytest.mark.parametrize("count", [3, 92, 200])
def test_no_label_lies_upon_another_or_outside(count: int) -> None:
    svg = ET.fromstring(draw(draw_up(many(count), SINCE, "2026-11-24"), WORDS))
    _, _, width, height = map(float, svg.get("viewBox", "").split())
    assert width == WIDTH
    labels = boxes(svg)
    assert len(labels) > count * 2  # number and name
    for text, left, top, right, bottom in labels:
        assert left >= 0 and right <= width and top >= 0 and bottom <= height, text
    for one, other in combinations(labels, 2):
        beside = one[3] <= other[1] + 0.01 or other[3] <= one[1] + 0.01
        above = one[4] <= other[2] + 0.01 or other[4] <= one[2] + 0.01
        assert beside or above, (one, other)


def test_names_are_text_and_nothing_else() -> None:
    nasty = '<script>alert("x")</script>&\x1b[31m'
    text = draw(draw_up([entry(1, "read-write", "adopt", nasty)], SINCE, "2026-11-24"), WORDS)
    assert "<script" not in text
    assert "\x1b" not in text
    svg = ET.fromstring(text)
    assert any("<script>" in (one.text or "") for one in svg.iter(f"{SVG}text"))


def test_every_dot_says_its_name_to_a_screen_reader() -> None:
    svg = ET.fromstring(draw(draw_up(many(20), SINCE, "2026-11-24"), WORDS))
    titles = [title.text or "" for title in svg.iter(f"{SVG}title")]
    assert len(titles) == 21
    assert svg.get("role") == "img"


def test_a_mark_is_a_shape_not_a_colour() -> None:
    moved = tool("m", ring__history=[{"ring": "assess", "since": "2026-01-01", "why": both("Ny.", "New.")}])
    tools = [Entry("tool", "m", moved), Entry("tool", "n", tool("n"))]
    svg = draw(draw_up(tools, SINCE, "2026-11-24"), WORDS)
    assert svg.count("<polygon") == 2 + 1  # two in the legend
    assert svg.count("<rect x=") >= 2


def test_text_that_is_too_wide_is_cut_with_an_ellipsis() -> None:
    assert shortened("short", 200, 12) == "short"
    cut = shortened("W" * 60, 100, 12)
    assert cut.endswith("…")
    assert text_width(cut, 12) <= 100
