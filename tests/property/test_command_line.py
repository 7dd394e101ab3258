"""Whatever is typed, `--json` gives one line and a promised exit code, never a traceback."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.command_line import CommandLine
from tests.phones import DAY, FOREIGN, PUMP, STRANGE, code, new_phone, site_centre

CODES = {0, 1, 2, 3, 4, 5, 6, 7}
VERBS = ["scan", "tasks", "start", "answer", "note", "done", "bind", "status", "log", "query",
         "report", "hold", "resume", "part", "assign", "verify", "reject", "cancel", "reopen",
         "excuse", "rate"]  # fmt: skip
THINGS = [code("GATE"), FOREIGN, STRANGE, DAY, PUMP, "GATE", "PU1", "G1", "leak", "yes",
          "HV", "incident:GATE:1"]  # fmt: skip
OPTIONS = ["--", "-h", "--help", "--task", "--most", "3", "--verify", "--lang=zh", "--lang",
           "--version", "-x", "--task=day", "--most=0", "--next",
           "--category", "repair", "--priority=urgent", "--score=0", "--minutes", "--unit=m",
           ""]  # fmt: skip
PATHS = ["./x.jpg", "../..x/", "/dev/null", "tag:", "task:", "place:GATE", "a:b:c"]
words = st.one_of(
    st.sampled_from([*VERBS, "doctor", "nonsense"]),
    st.sampled_from(THINGS),
    st.sampled_from(OPTIONS),
    st.sampled_from(PATHS),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12),
).filter(lambda word: word != "-" and not Path(word).is_dir())
"""Standard input and a folder are waited for: what comes of them has tests of its own."""
lines = st.builds(
    lambda verb, rest: [verb, *rest], st.sampled_from(VERBS), st.lists(words, max_size=5)
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines | st.lists(words, max_size=5))
@example(["note", "GATE", "\x00"])
@example(["query", "\x00"])
def test_any_line_is_answered_in_one_line_with_a_promised_code(
    tmp_path_factory: pytest.TempPathFactory, capfd: pytest.CaptureFixture[str], typed: list[str]
) -> None:
    radar = CommandLine(capfd, _home(tmp_path_factory))
    said = radar("--json", *typed)
    assert said.code in CODES
    assert said.told


_HOMES: list[Path] = []


def _home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the one phone that all lines are typed on."""
    if not _HOMES:
        folder = tmp_path_factory.mktemp("any-line")
        _HOMES.append(new_phone(folder, site_centre(), "G1").world.home)
    return _HOMES[0]
