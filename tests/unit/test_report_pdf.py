"""The monthly report as a PDF: what it says in both languages, that all of it is on the paper."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pypdfium2
import pytest

from radar_cli import report_pdf as report
from radar_cli.report_layout import LEFT, PAGE, WIDTH, Bar, Line, lay_out_report
from radar_cli.texts import Texts
from radar_core.failures import FAILED, USAGE, Failure
from scanners.label_fonts import built_in_font, system_fonts
from tests.conftest import Need
from tests.figures_told import MISSED, PHONE, QUIET, busy, told

LONG = "Night round of both towers and all basements " * 9
MARGIN_PT = (LEFT - 1) * 72 / 25.4


@pytest.fixture(autouse=True)
def chinese(need: Need) -> None:
    """Every report here may be in Chinese."""
    letters = {letter for font in system_fonts() for letter in font.letters}
    need("fonts-droid-fallback", {ord(char) for char in "月报望海湾处理时长"} <= letters)


def pages_of(data: dict[str, Any], language: str) -> list[Any]:
    pdf, count = report.report_pdf(data, Texts(language))
    pages = list(pypdfium2.PdfDocument(pdf))
    assert len(pages) == count
    return pages


def texts_of(data: dict[str, Any], language: str) -> list[str]:
    found = [page.get_textpage().get_text_bounded() for page in pages_of(data, language)]
    return [" ".join(text.split()) for text in found]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            ["Harbour View", "Monthly report 2026-11", "West Coast HV", "86 % (430 of 500)",
             "7 of 9", "> 99 % (999 of 1000)", "100 % (20 of 20)", "< 1 % (1 of 400)",
             "mean 5.0 h, median 2.5 h (41)", "mean 25 min, median 2.3 d (44)", "55 % shorter",
             "92 % (38 of 41 rated)", "5 % (2 of 41)", "done 7", "missed 1", "unknown 3",
             "4 tasks are unknown", "Exceptions: 1 of 12", "Night round", "Tower A", "never",
             "Ann", "page 1 of 1", "11.1 h", "2025-12", "n = 30"],
        ),
        (
            "zh",
            ["望海湾", "2026-11 月报", "西海岸 HV", "86 % (430 / 500)", "55 %", "漏做 1", "不明 3",
             "4 项任务不明", "夜间巡更", "A座", "安", "第 1 页", "2.5 小时"],
        ),
    ],
)  # fmt: skip
def test_a_report_says_every_figure_in_the_language_of_who_reads_it(
    language: str, expected: Sequence[str]
) -> None:
    (text,) = texts_of(busy(), language)
    missing = [one for one in expected if one not in text]
    assert missing == [], text
    if language == "zh":
        assert "Exceptions" not in text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_month_in_which_nothing_happened_is_a_page_that_says_so(language: str) -> None:
    (text,) = texts_of(told(QUIET), language)
    assert "–" in text
    assert "%" not in text
    assert ("Nothing is unknown" if language == "en" else "没有不明的任务") in text


def test_the_longest_list_takes_two_pages_and_each_project_begins_on_a_new_one() -> None:
    states = dict.fromkeys(("planned", "due", "in_progress", "done", "done_late", "missed"), 3)
    data = busy(
        rounds=states, exceptions=[MISSED] * 20, exceptions_count=1234, phones=[PHONE] * 300
    )
    first, second = texts_of(data, "en")
    assert "page 2 of 2" in second
    assert "… and 285 more." in second
    data["projects"].append(told(QUIET, name="Park")["projects"][0])
    assert "Park" in texts_of(data, "en")[2]
    assert "Park" not in first + second


@pytest.mark.parametrize("language", ["en", "zh"])
def test_long_names_are_cut_and_nothing_leaves_the_paper(language: str) -> None:
    name = {"name": LONG, "name_zh": "西海岸物业" * 90}
    place = {"id": "X", "path": LONG, "path_zh": "地下室" * 99}
    row = MISSED | {"title": LONG, "title_zh": "夜间巡更" * 90, "place": place}
    data = busy(**name, exceptions=[row] * 20, phones=[PHONE | name] * 15)
    data["district"] |= name
    for page in pages_of(data, language):
        width, height = page.get_size()
        written = page.get_textpage()
        assert "…" in written.get_text_bounded()
        for at in range(written.count_chars()):
            left, bottom, right, top = written.get_charbox(at)
            assert MARGIN_PT <= left <= right <= width - MARGIN_PT
            assert 0 < bottom <= top < height


def test_no_two_texts_of_a_report_lie_upon_each_other() -> None:
    for page in lay_out_report(busy(exceptions=[MISSED] * 20), Texts("en")):
        lines = sorted((s for s in page if isinstance(s, Line)), key=lambda s: (s.y, s.x))
        for one, other in pairwise(lines):
            if one.y == other.y and not other.right:
                assert one.x + one.width <= other.x + 0.01
        for bar in (shape for shape in page if isinstance(shape, Bar)):
            assert bar.x >= LEFT
            assert bar.x + bar.width <= LEFT + WIDTH + 0.01
            assert 0 <= bar.y <= bar.y + bar.height <= PAGE[1]


def test_the_longest_month_has_the_highest_bar_and_one_without_work_has_none() -> None:
    data = busy()
    data["projects"][0]["figures"]["trend"][3] |= {"count": 0, "mean_s": None, "median_s": None}
    (page,) = lay_out_report(data, Texts("en"))
    bars = [s for s in page if isinstance(s, Bar) and s.ink in {0xA9BBCC, 0x2B5C8A}]
    means = [month["mean_s"] or 0 for month in data["projects"][0]["figures"]["trend"]]
    for bar, mean_s in zip(bars, filter(None, means), strict=True):
        assert bar.height == pytest.approx(bars[0].height * mean_s / means[0])


def test_the_same_figures_give_the_same_bytes() -> None:
    assert report.report_pdf(busy(), Texts("zh")) == report.report_pdf(busy(), Texts("zh"))


def test_a_letter_that_no_font_has_is_told_and_never_printed_as_a_box(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(report, "system_fonts", lambda: iter([built_in_font()]))
    with pytest.raises(Failure) as caught:
        report.report_pdf(busy(), Texts("zh"))
    assert (caught.value.code, caught.value.exit_code) == ("label_letter_missing", FAILED)
    with pytest.raises(Failure) as caught:
        report.report_pdf(busy(), Texts("zh"), ["no.ttf"])
    assert (caught.value.code, caught.value.exit_code) == ("label_font", USAGE)
