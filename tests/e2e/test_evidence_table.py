"""What the pages on evidence say is what the command prints."""

import pytest

from bench.evidence import DAYS, SEED, lines
from tests.house import ROOT


@pytest.mark.timeout(300)
def test_the_tables_of_both_pages_are_what_the_command_prints() -> None:
    printed = list(lines(SEED, DAYS))
    english = (ROOT / "docs/evidence.md").read_text(encoding="utf-8")
    assert "\n".join(printed) in english
    rows = [line.partition(" | ")[2] for line in printed if line.startswith("| ")]
    chinese = (ROOT / "docs/zh/evidence.md").read_text(encoding="utf-8").splitlines()
    figures = [row for row in rows if not row.startswith("rounds")]
    assert len(figures) > 20
    assert [line.partition(" | ")[2] for line in chinese if line.endswith(" % |")] == figures
    shares, count = printed[-2].rpartition(": ")[2], printed[-1].split()[1].rstrip(".")
    assert f"{count} 次扫描：{shares}。" in "\n".join(chinese)
