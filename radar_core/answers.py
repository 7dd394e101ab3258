"""What a verb returns: data for scripts, and the name of the view that shows it to a person."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


class Answer:
    """The result of a verb. `data` is what `--json` prints, `view` how a person sees it."""

    __slots__ = ("data", "exit_code", "view")

    def __init__(self, view: str, data: "Mapping[str, object]", exit_code: int = 0) -> None:
        self.view = view
        self.data = dict(data)
        self.exit_code = exit_code
