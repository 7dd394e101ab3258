"""Failures that a person can meet, and the exit codes that the command line promises.

A failure is one sentence, a hint with the next command, a stable code for scripts and an
exit code. Sentences are templates: whoever shows them translates first and fills in then.
"""

DONE = 0
FAILED = 1
USAGE = 2
UNREADABLE = 3
OFFLINE = 4
DECIDE = 5
NOT_PERMITTED = 6
NOT_ENROLLED = 7
INTERRUPTED = 130


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, do not translate here"
    """Mark a text for the catalogues and return it unchanged."""
    return text


class Failure(Exception):
    """Something a person can meet and act on: `message` and `hint` are templates for `values`.

    `details` are further members of the JSON error, for scripts.
    """

    def __init__(
        self, code: str, message: str, hint: str = "", *, exit_code: int = FAILED, **values: object
    ) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message
        self.hint = hint
        self.exit_code = exit_code
        self.values = values
        self.details: dict[str, object] = {}

    def __str__(self) -> str:
        return self.message.format(**self.values)
