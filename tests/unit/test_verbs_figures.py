"""`radar board --month`: on the screen, as a table, as a report, and what is refused."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from radar_core.failures import FAILED, NOT_PERMITTED, OFFLINE, USAGE
from sync.protocol import FIGURES_PATH
from tests.command_line import CommandLine
from tests.figures_told import QUIET, busy, told
from tests.paper_site import GOOD, JSON, PROBLEM, PaperSite, serving
from tests.phones import site_centre


@pytest.fixture
def site() -> Iterator[PaperSite]:
    with serving(PaperSite(site_centre())) as site:
        site.paths[FIGURES_PATH] = lambda _: (200, json.dumps(busy()).encode(), JSON)
        yield site


@pytest.fixture
def radar(tmp_path: Path, site: PaperSite, capfd: pytest.CaptureFixture[str]) -> CommandLine:
    """Give a command line whose phone is enrolled."""
    radar = CommandLine(capfd, tmp_path / "phone")
    assert radar("enrol", site.url, GOOD).code == 0
    return radar


def test_a_month_is_shown_with_the_counts_beside_each_share(radar: CommandLine) -> None:
    lines = radar("board", "HV", "--month", "2026-11", TZ="UTC").out.splitlines()
    assert lines[0] == "West Coast   2026-11   as of 2026-12-01 01:00"
    assert "  on line  86 % (430 of 500)" in lines
    assert "  rounds on time  7 of 9" in lines
    assert "  handling time  mean 5.0 h, median 2.5 h (41)" in lines
    assert "  handling since 2025-12  55 % shorter" in lines
    assert "  satisfaction  92 % (38 of 41 rated)" in lines
    assert not any("together" in line for line in lines)
    assert radar("board", "--month", "2026-11", "--json").data == busy()


def test_a_few_ratings_are_no_percentage_and_longer_is_said_so(
    radar: CommandLine, site: PaperSite
) -> None:
    data = told(QUIET | {"satisfaction": {"count": 2, "of": 9, "stars": 9}})
    data["figures"] |= {"shorter": {"since": "2026-01", "percent": -7}}
    data["projects"] *= 2
    site.paths[FIGURES_PATH] = lambda _: (200, json.dumps(data).encode(), JSON)
    lines = radar("board", "--month", "2026-11").out.splitlines()
    assert lines.count("  satisfaction  4.5 of 5 stars (2 of 9 rated)") == 3
    assert lines.count("  rework  –") == 3
    assert "  handling since 2026-01  7 % longer" in lines
    assert "■ All together" in lines
    data["projects"][0]["figures"] |= {"satisfaction": {"count": 0, "of": 9, "stars": 0}}
    told_by = radar("board", "--month", "2026-11", "--lang", "zh").out
    assert "无人评分（完工 9 单）" in told_by


def test_a_month_is_a_table(radar: CommandLine) -> None:
    out = radar("board", "--month", "2026-11", "--csv", "-").out
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    of = {(row["project"], row["part"], row["name"], row["month"]): row for row in rows}
    assert of["HV", "on_time", "rounds", "2026-11"]["of"] == "9"
    assert of["", "satisfaction", "", "2026-11"]["stars"] == "175"
    assert of["HV", "trend", "", "2025-12"]["mean_s"] == "40000"
    assert of["HV", "rounds", "unknown", "2026-11"]["count"] == "3"
    assert of["HV", "exception", "missed", "2026-11"]["place"] == "A"
    assert of["HV", "phone", "D1", "2026-11"]["staff"] == "G1"


def test_a_report_is_written_to_a_file(radar: CommandLine, tmp_path: Path) -> None:
    out = tmp_path / "report.pdf"
    words = ("board", "HV", "--month", "2026-11", "--pdf", str(out))
    data = radar(*words, "--json").data
    assert data == {"out": str(out), "pages": 1, "month": "2026-11", "projects": ["HV"]}
    assert out.read_bytes().startswith(b"%PDF-")
    assert radar(*words).out == f"✓ 1 pages in {out}.\n"
    said = radar(*words[:-1], str(tmp_path / "no" / "report.pdf"), "--json")
    assert (said.code, said.error["code"]) == (FAILED, "out_not_writable")


@pytest.mark.parametrize(
    "words",
    ["--pdf x.pdf", "--month 2026-11 --pdf x.pdf --csv -", "--month 2026-11 --font a.ttf",
     "--watch --month 2026-11", "--month 2026-11 --pdf x.pdf --bom", "--font a.ttf"],
)  # fmt: skip
def test_words_that_do_not_go_together_are_told(radar: CommandLine, words: str) -> None:
    said = radar("board", *words.split(), "--json")
    assert (said.code, said.error["code"]) == (USAGE, "usage")


@pytest.mark.parametrize("month", ["2026", "2026-13", "november", "-1", "2026-11-01", "9999-01"])
def test_what_is_no_month_is_told_without_asking_the_centre(
    radar: CommandLine, site: PaperSite, month: str
) -> None:
    del site.paths[FIGURES_PATH]
    said = radar("board", f"--month={month}", "--json")
    assert (said.code, said.error["code"]) == (USAGE, "bad_month")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("bad_month", (USAGE, "bad_month")),
        ("not_permitted", (NOT_PERMITTED, "not_permitted")),
        ("broken", (FAILED, "board_refused")),
    ],
)
def test_what_the_centre_refuses_is_told(
    radar: CommandLine, site: PaperSite, code: str, expected: tuple[int, str]
) -> None:
    site.paths[FIGURES_PATH] = lambda _: (400, json.dumps({"code": code}).encode(), PROBLEM)
    said = radar("board", "--month", "2026-11", "--json")
    assert (said.code, said.error["code"]) == expected


def test_without_signal_there_is_no_month(radar: CommandLine, site: PaperSite) -> None:
    site.paths[FIGURES_PATH] = lambda _: (503, b"", {})
    assert radar("board", "--month", "2026-11").code == OFFLINE
