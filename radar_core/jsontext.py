"""JSON text in and out through CPython's own C coder, without `json`'s import of `re`.

On the scan path importing `json` costs as much as the whole matching. Where the C coder is
not there (another interpreter), `json` itself serves; a property test holds the two equal.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_coder: "Any"
try:
    import _json as _coder
except ImportError:
    _coder = None


class _Strict:
    """What the C scanner asks of its context: strict JSON, no floats that are not numbers."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    memo: dict[str, str] = {}  # noqa: RUF012 - the scanner clears it after each document

    @staticmethod
    def parse_constant(name: str) -> object:
        raise ValueError(f"{name} is not JSON")


def _unknown(value: object) -> object:
    raise TypeError(f"{type(value).__name__} has no JSON form")


def encode(value: object) -> str:
    """Return compact JSON text on one line, characters unescaped; raise ValueError or TypeError."""
    if _coder is None:
        from json import dumps

        return dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    encoder = _coder.make_encoder(
        markers={},
        default=_unknown,
        encoder=_coder.encode_basestring,
        indent=None,
        key_separator=":",
        item_separator=",",
        sort_keys=False,
        skipkeys=False,
        allow_nan=False,
    )
    return "".join(encoder(value, 0))


def decode(text: str) -> object:
    """Return the value of one JSON document; raise ValueError if it is anything else."""
    text = text.strip(" \t\n\r")  # what JSON calls white space; the C scanner wants none around
    if _coder is None:
        from json import loads

        return _loads(text, loads)
    try:
        value, end = _coder.make_scanner(_Strict)(text, 0)
    except (StopIteration, RecursionError, SystemError) as error:
        # SystemError: the scanner's own exception lives in json.decoder, which is not imported.
        raise ValueError("not JSON") from error
    if end != len(text):
        raise ValueError("something follows the JSON document")
    return value


def _loads(text: str, loads: "Callable[..., object]") -> object:
    try:
        return loads(text, parse_constant=_Strict.parse_constant)
    except RecursionError as error:
        raise ValueError("not JSON") from error


def decode_object(text: str) -> dict[str, object]:
    """Return the object that `text` holds; raise ValueError if it holds anything else."""
    value = decode(text)
    if not isinstance(value, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 - one error for bad texts
    return value
