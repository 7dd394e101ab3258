"""The house rules that a machine can check: each a function from a source to its offences."""

import ast
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("radar_cli", "commands", "scanners", "sync", "radar_core", "radar_server")
CODE = (*PACKAGES, "tests", "bench")

FUNCTION_LINES_MAX = 70
FILE_LINES_MAX = 400
NAMES_THAT_SAY_NOTHING = {"util", "utils", "helper", "helpers", "base", "common", "misc", "manager"}

OUTPUT = "radar_cli/output.py"
BOUNDARIES = ("radar_cli/__main__.py", "radar_server/storing.py")
"""Where a fault of any kind ends: in the one sentence; with the one push that has it."""
PURE = (
    "radar_core/",
    "sync/chain.py",
    "sync/clock.py",
    "sync/enrolling.py",
    "sync/framing.py",
    "sync/grading.py",
    "sync/pacing.py",
    "sync/protocol.py",
    "sync/proving.py",
    "sync/signing.py",
)
MADE_BY_TOOLS = {"build", "dist", "node_modules", "__pycache__"}

Offence = tuple[int, str]


@dataclass(frozen=True)
class Source:
    """A Python file: its path from the root, its text, and the tree of that text."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    def walk(self) -> Iterator[ast.AST]:
        return ast.walk(self.tree)

    def calls(self) -> Iterator[tuple[ast.Call, str]]:
        """Yield each call with the dotted name that is called."""
        for node in self.walk():
            if isinstance(node, ast.Call):
                yield node, ast.unparse(node.func)


def project_files() -> Iterator[Path]:
    """Yield every file of the project, and nothing that a tool has made."""
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(
            name
            for name in folders
            if name not in MADE_BY_TOOLS and (name == ".ci" or not name.startswith("."))
        )
        # In a second working tree of the same repository `.git` is a file.
        yield from (Path(folder, name) for name in sorted(files) if name != ".git")


def sources() -> Iterator[Source]:
    """Yield every Python file of the packages, the tests and the benches; their trees are large."""
    paths = (path for path in project_files() if path.suffix == ".py")
    named = ((path.relative_to(ROOT).as_posix(), path) for path in paths)
    yield from (
        Source(name, path.read_text()) for name, path in named if name.split("/")[0] in CODE
    )


def _in_packages(source: Source) -> bool:
    return source.path.split("/")[0] in PACKAGES


def long_functions(source: Source) -> Iterator[Offence]:
    """No function is longer than `FUNCTION_LINES_MAX` lines."""
    for node in source.walk():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES_MAX:
                yield node.lineno, f"{node.name} has {lines} lines"


def long_files(source: Source) -> Iterator[Offence]:
    """No file of a package is longer than `FILE_LINES_MAX` lines."""
    lines = len(source.text.splitlines())
    if _in_packages(source) and lines > FILE_LINES_MAX:
        yield 1, f"{lines} lines"


def silent_openings(source: Source) -> Iterator[Offence]:
    """Every module opens with a docstring."""
    if not ast.get_docstring(source.tree):
        yield 1, "no docstring"


def empty_names(source: Source) -> Iterator[Offence]:
    """No file or folder has a name that says nothing."""
    for part in Path(source.path).with_suffix("").parts:
        if NAMES_THAT_SAY_NOTHING & set(part.lower().split("_")):
            yield 1, f"{part!r} says nothing"


def prints(source: Source) -> Iterator[Offence]:
    """Only the benches print."""
    if not source.path.startswith("bench/"):
        yield from (
            (call.lineno, name) for call, name in source.calls() if name in {"print", "pprint"}
        )


def stray_output(source: Source) -> Iterator[Offence]:
    """Only `OUTPUT` writes to stdout and stderr."""
    if not _in_packages(source) or source.path == OUTPUT:
        return
    streams = {"stdout", "stderr", "__stdout__", "__stderr__"}
    asked = {
        id(node.value)
        for node in source.walk()
        if isinstance(node, ast.Attribute) and node.attr in {"flush", "isatty"}
    }
    for node in source.walk():
        if id(node) in asked:
            continue
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "sys":
            named = {node.attr}
        elif isinstance(node, ast.ImportFrom) and node.module == "sys":
            named = {alias.name for alias in node.names}
        else:
            continue
        yield from ((node.lineno, f"sys.{name}") for name in named & streams)
    for call, name in source.calls():
        if name in {"typer.echo", "typer.secho", "os.write"} and _goes_to_a_stream(call, name):
            yield call.lineno, name


def _goes_to_a_stream(call: ast.Call, name: str) -> bool:
    if name != "os.write":
        return True
    return (
        bool(call.args) and isinstance(call.args[0], ast.Constant) and call.args[0].value in {1, 2}
    )


def wide_nets(source: Source) -> Iterator[Offence]:
    """Only `BOUNDARIES` catch everything."""
    if source.path in BOUNDARIES:
        return
    everything = {"Exception", "BaseException"}
    for node in source.walk():
        if isinstance(node, ast.ExceptHandler):
            caught = {ast.unparse(name) for name in _each(node.type)}
            if node.type is None or caught & everything:
                yield node.lineno, "catches everything"
    for call, name in source.calls():
        if name.endswith("suppress") and everything & {ast.unparse(arg) for arg in call.args}:
            yield call.lineno, "suppresses everything"


def _each(caught: ast.expr | None) -> Iterable[ast.expr]:
    if caught is None:
        return ()
    return caught.elts if isinstance(caught, ast.Tuple) else (caught,)


def impure_calls(source: Source) -> Iterator[Offence]:
    """The pure files ask no clock and open nothing, not even by what needs no import."""
    if not source.path.startswith(PURE):
        return
    clocks = {
        f"{kind}.{ask}" for kind in ("datetime", "date") for ask in ("now", "utcnow", "today")
    }
    for call, name in source.calls():
        if name in {"open", "input", "__import__", "eval", "exec"}:
            yield call.lineno, name
        elif ".".join(name.split(".")[-2:]) in clocks:
            yield call.lineno, f"{name} asks the clock"


def quiet_skips(source: Source) -> Iterator[Offence]:
    """A test that lacks a part says so through `need`, which fails in CI."""
    if source.path == "tests/conftest.py":
        return
    for node in source.walk():
        if isinstance(node, ast.Attribute):
            name = ast.unparse(node)
            if name in {
                "pytest.skip",
                "pytest.importorskip",
                "pytest.mark.skip",
                "pytest.mark.skipif",
            }:
                yield node.lineno, f"{name}: use the fixture `need`"


def mocks(source: Source) -> Iterator[Offence]:
    """Nothing of our own is mocked: a fake keeps the contract, a mock keeps a guess."""
    for node in source.walk():
        if isinstance(node, ast.ImportFrom | ast.Import):
            module = getattr(node, "module", None)
            names = {module} | {alias.name for alias in node.names}
            if names & {"mock", "unittest.mock", "pytest_mock"}:
                yield node.lineno, "imports a mock"


Rule = Callable[[Source], Iterable[Offence]]
RULES: tuple[Rule, ...] = (
    long_functions,
    long_files,
    silent_openings,
    empty_names,
    prints,
    stray_output,
    wide_nets,
    impure_calls,
    quiet_skips,
    mocks,
)
