"""What the pages on evidence say is what the command prints.

Whoever changes the example district renews them: python -m bench.evidence --write
"""

import pytest

from bench.evidence import DAYS, DOCS, SEED, lines, renew


@pytest.mark.timeout(300)
def test_the_tables_of_both_pages_are_what_the_command_prints() -> None:
    printed = list(lines(SEED, DAYS))
    english, chinese = (
        (DOCS / name).read_text(encoding="utf-8") for name in ("evidence.md", "zh/evidence.md")
    )
    assert "\n".join(printed) in english
    assert chinese.count(" % |\n") == english.count(" % |\n") > 20
    assert renew(chinese, printed) == chinese
