"""One run of the program: its flags and settings, its output, the phone it opened."""

import os
import sys

from radar_cli.output import FORMAT, STDERR, Output
from radar_cli.settings import (
    LOCALE,
    WEDGE,
    Setting,
    plain_settings,
    read_settings,
    wished_language,
)
from radar_cli.texts import Texts, language_of
from radar_core.failures import USAGE, Failure, N_

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from commands.phone import Phone, Workplace
    from radar_core.answers import Answer
    from scanners.apart import Reader
    from scanners.wedge import Wedge

VALUE_FLAGS = ("--lang", "--home")
PLAIN_FLAGS = ("--json", "--plain")
RECORDING = frozenset(("scan", "start", "answer", "note", "photo", "sign", "done", "bind"))
"""The verbs that record what a person did."""


def split_flags(argv: "Sequence[str]") -> tuple[dict[str, str], list[str]]:
    """Take the flags that may stand anywhere out of the words; after `--` nothing is a flag.

    The centre's verbs have a `--home` of their own.
    """
    flags: dict[str, str] = {}
    words: list[str] = []
    rest = [_storable(word) for word in argv]
    while rest:
        word = rest.pop(0)
        name, equals, value = word.partition("=")
        if word == "--":
            return flags, [*words, word, *rest]
        if word in PLAIN_FLAGS:
            flags[word[2:]] = "yes"
        elif name == "--lang" or (name == "--home" and words[:1] not in (["serve"], ["admin"])):
            given = bool(rest) and not rest[0].startswith("--")
            flags[name[2:]] = value if equals else rest.pop(0) if given else ""
        else:
            words.append(word)
    return flags, words


def _storable(word: str) -> str:
    """Return a word as text that can be kept, escaped as a picture's text is where not UTF-8.

    Only the name of a file that exists stays as it came.
    """
    try:
        word.encode()
    except UnicodeEncodeError:
        if os.path.lexists(word):
            return word
        return os.fsencode(word).decode("utf-8", "backslashreplace")
    return word


class Session:
    """What one run works with; made before anything can fail, filled by `begin`."""

    __slots__ = (
        "_phone",
        "_reader",
        "budget_ms",
        "environ",
        "flags",
        "output",
        "position",
        "settings",
    )

    def __init__(self, flags: "Mapping[str, str]", environ: "Mapping[str, str]") -> None:
        self.flags = flags
        self.environ = environ
        self.settings: dict[str, Setting] = {}
        self.output = Output(Texts("en"), json="json" in flags)
        self._phone: Phone | None = None
        self._reader: Reader | None = None
        self.budget_ms = 0
        self.position: Callable[[], Mapping[str, object] | None] | None = None

    def begin(self, *, recording: bool) -> None:
        """Read the settings and the language; raise Failure, in the language if it can be known.

        Wrong settings do not stop a person from `recording` what they did (law 2): they are told,
        and the defaults hold.
        """
        self.output.texts = Texts(language_of(wished_language(self.flags, self.environ)))
        try:
            self._read_settings()
        except Failure as failure:
            if not recording or failure.code == "usage":
                raise
            self.output.talk_failure(failure)
            self.settings = plain_settings(self.flags, self.environ)

    def _read_settings(self) -> None:
        for flag in VALUE_FLAGS:
            if self.flags.get(flag[2:]) == "":
                raise Failure(
                    "usage",
                    N_("{flag} wants a value."),
                    N_("See: radar --help"),
                    exit_code=USAGE,
                    flag=flag,
                )
        self.settings = read_settings(self.flags, self.environ)
        lang = self.settings["lang"]
        if language_of(lang.value) != self.output.texts.language:
            self.output.texts = Texts(language_of(lang.value))
        if lang.source not in LOCALE and lang.value[:2].lower() not in ("en", "zh"):
            raise Failure(
                "unknown_language",
                N_("There is no language {value} here; there are en and zh."),
                N_("Try: radar --lang zh"),
                exit_code=USAGE,
                value=lang.value,
            )

    def workplace(self) -> "Workplace":
        """Return the real world for the verbs."""
        from radar_cli.world import real_workplace

        if self.position is None and self.settings["position"].value == "on":
            from radar_cli.positions import of_phone

            self.position = of_phone(self.environ)
        names = ("home", "timeout_s", "lock_min")
        home, timeout_s, lock_min = (self.settings[name].value for name in names)
        return real_workplace(home, float(timeout_s), self.position, int(lock_min))

    def idle_s(self) -> int:
        """Return after how many seconds without use the phone locks itself; 0 for never."""
        return 60 * int(self.settings["lock_min"].value)

    def phone(self, *, anybody: bool = False) -> "Phone":
        """Open the phone, once; raise Failure `not_enrolled`.

        A shared phone only serves who is signed in: raise Failure `nobody_signed_in`. What shows
        and records nothing of anybody's work is for `anybody`.
        """
        if self._phone is None:
            from commands.phone import Phone

            self._phone = Phone(self.workplace())
        if not anybody:
            self._phone.check_signed_in()
        return self._phone

    def reader(self) -> "Reader":
        """Return the process that reads this run's pictures."""
        if self._reader is None:
            from scanners.apart import Reader

            self._reader = Reader(self.budget_ms)
        return self._reader

    def wedge(self) -> "Wedge":
        """Return what the hand scanner puts around a code."""
        from scanners.wedge import read_wedge

        return read_wedge(*(self.settings[name].value for name in WEDGE))

    def show(self, answer: "Answer") -> int:
        """Write an answer and return its exit code."""
        if self.output.json:
            self.output.answer(answer)
        elif answer.view in ("scan", "scan_line"):
            from radar_cli.scan_view import scan_lines

            lines = scan_lines(answer.data, self.output.texts)
            self.output.answer(answer, lines if answer.view == "scan" else lines[:1])
        else:
            from radar_cli.views import view_lines

            lines = view_lines(answer, self.output.texts)
            if answer.view == "board":
                from radar_cli.output import STDOUT
                from radar_cli.screen import cut_to, size_of

                size = size_of(STDOUT, self.environ)
                lines = lines if size is None else cut_to(lines, size[0])
            self.output.answer(answer, lines)
        return answer.exit_code

    def hear(self, told: "Answer | Failure") -> None:
        """Write an answer or a failure of something that goes on."""
        if isinstance(told, Failure):
            self.output.failure(told)
        else:
            self.show(told)

    def centre_home(self, flag: str) -> str:
        """Return the centre's folder: flag > `RADAR_CENTRE_HOME` > default."""
        if flag or self.environ.get("RADAR_CENTRE_HOME"):
            return flag or self.environ["RADAR_CENTRE_HOME"]
        from platformdirs import user_data_dir

        return user_data_dir("radar-centre", appauthor=False)

    def call_centre(self, verb: str, **arguments: object) -> dict[str, object]:
        """Run one of the centre's own verbs."""
        from radar_cli.centre import call

        return call(verb, **arguments)

    def serving(self, url: str) -> None:
        """Tell that the centre answers; scripts read the address from the one line."""
        if self.output.json:
            data = {"url": url}
            self.output.envelope({"format": FORMAT, "ok": True, "url": url, "data": data})
        else:
            self.output.talk(self.output.texts.say(N_("The centre answers at {url}"), url=url))

    def tell(self, template: str, **values: object) -> None:
        """Write one line of talk, translated: progress of something long."""
        self.output.talk(self.output.texts.say(template, **values))

    def progress(self, template: str, **values: object) -> None:
        """Tell how far something long is, to who sits at a terminal."""
        if os.isatty(STDERR):
            self.tell(template, **values)

    def explain(self, error: Exception) -> Failure | None:
        """Turn what the storage refused into a sentence; None for a bug, which shows itself."""
        if "sync.journal" not in sys.modules:
            return None
        from sync.journal import storage_failure
        from sync.sqlite import errors

        return storage_failure(error) if isinstance(error, errors()) else None

    def tidy(self) -> None:
        """Keep house after the person has their answer."""
        if self._reader is not None:
            self._reader.close()
        if self._phone is not None:
            self._phone.journal.tidy()
