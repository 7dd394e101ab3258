"""The forms of requests and answers that are plain JSON, and what OpenAPI says of the others."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from radar_server.problems import PROBLEM_TYPE, PROBLEMS, TYPE_PREFIX
from sync.enrolling import PROOF_HEADER
from sync.protocol import CONTENT_TYPE
from sync.signing import DEVICE_HEADER, SIGNATURE_HEADER

ENROL_BODY_BYTES_MAX = 16 * 1024
AUTHORITY_TYPE = "application/x-x509-ca-cert"
"""What browsers take a certificate of an authority by, to install it."""
NAME_CHARS_MAX = 120
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"


class EnrolRequest(BaseModel):
    """What a phone says to be enrolled.

    `proof` shows that it knows the code, `signature` that it holds the key.
    """

    model_config = ConfigDict(extra="ignore", strict=True)

    format: Literal[1]
    code_id: str = Field(pattern="^[0-9a-f]{64}$")
    public_key: str = Field(pattern="^[0-9a-f]{64}$")
    name: str = Field(max_length=NAME_CHARS_MAX, pattern=_PRINTABLE)
    proof: str = Field(pattern="^[0-9a-f]{64}$")
    signature: str = Field(pattern="^[0-9a-f]{128}$")


class Centre(BaseModel):
    """A centre by its epoch, its public key and its name."""

    epoch: str
    key: str
    name: str


class EnrolAnswer(BaseModel):
    """A phone's identity; `name` is its person's, `projects` are a shared phone's.

    `authority` holds certificates as PEM, which alone vouch for the centre from now on; empty where
    the system's authorities do.
    """

    format: Literal[1]
    device: str
    staff: str
    name: str
    projects: list[str]
    centre: Centre
    authority: str


class HealthAnswer(BaseModel):
    """That the centre and its database answer."""

    ok: bool
    centre: str
    version: str


_HEX_SIGNATURE: dict[str, Any] = {"type": "string", "pattern": "^[0-9a-f]{128}$"}
_SIGNED: dict[str, Any] = {
    SIGNATURE_HEADER: {
        "description": "The centre's own, over this answer to a request that was signed.",
        "schema": _HEX_SIGNATURE,
    }
}
_WHO: list[dict[str, Any]] = [
    {
        "name": DEVICE_HEADER,
        "in": "header",
        "required": True,
        "description": "The device's id.",
        "schema": {"type": "string"},
    },
    {
        "name": SIGNATURE_HEADER,
        "in": "header",
        "required": True,
        "description": "The device's, over this request: Ed25519, in hexadecimal.",
        "schema": _HEX_SIGNATURE,
    },
]


def _problem(codes: list[str], more: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of problems (RFC 9457) with one of these codes and these members."""
    statuses = sorted({PROBLEMS[code][0] for code in codes})
    return {
        "type": "object",
        "required": ["type", "title", "status", "detail", "code", *_needed(more)],
        "properties": {
            "type": {"type": "string", "enum": [TYPE_PREFIX + code for code in codes]},
            "title": {"type": "string"},
            "status": {"type": "integer", "enum": statuses},
            "detail": {"type": "string"},
            "code": {"type": "string", "enum": codes},
        }
        | more,
    }


def _needed(more: dict[str, Any]) -> list[str]:
    """A fork before all that was shown has neither a receipt nor what lies in quarantine."""
    return [name for name in more if name not in ("receipt", "quarantined")]


_QUARANTINED: dict[str, Any] = {"type": "array", "items": {"type": "array"}}
_RECEIPT: dict[str, Any] = {"type": "object"}
_MEMBERS: dict[str, dict[str, Any]] = {
    "bad_format": {"formats": {"type": "array", "items": {"type": "integer"}}},
    "gap": {"expected": {"type": "integer", "minimum": 1}},
    "fork": {
        "common": {"type": ["integer", "null"], "minimum": 0},
        "receipt": {"anyOf": [_RECEIPT, {"type": "null"}]},
        "quarantined": _QUARANTINED,
    },
}


def _refusals(*codes: str) -> dict[str, Any]:
    """Return the answers with these problems by status; a fault and a flood may be anywhere."""
    responses: dict[str, Any] = {}
    named = (*codes, "too_fast", "broken", "busy")
    for status in sorted({PROBLEMS[code][0] for code in named}):
        here = [code for code in named if PROBLEMS[code][0] == status]
        plain = [code for code in here if code not in _MEMBERS]
        schemas = [_problem(plain, {})] if plain else []
        schemas += [_problem([code], _MEMBERS[code]) for code in here if code in _MEMBERS]
        schema = schemas[0] if len(schemas) == 1 else {"anyOf": schemas}
        responses[str(status)] = {
            "description": "Refused; nothing was stored, but with `revoked`: " + ", ".join(here),
            "headers": _SIGNED,
            "content": {PROBLEM_TYPE: {"schema": schema}},
        }
    return responses


def _answer(content_type: str, schema: dict[str, Any], about: str) -> dict[str, Any]:
    content = {content_type: {"schema": schema}}
    return {"200": {"description": about, "headers": _SIGNED, "content": content}}


def _enrolled() -> dict[str, Any]:
    answer = _answer("application/json", EnrolAnswer.model_json_schema(), "Enrolled.")
    answer["200"]["headers"] = {
        PROOF_HEADER: {
            "description": "Over this answer: whoever made it knows the code. HMAC-SHA-256.",
            "required": True,
            "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        }
    }
    return answer


def _asking(*names: str) -> list[dict[str, Any]]:
    """Return the parameters of a signed question."""
    return _WHO + [{"name": name, "in": "query", "schema": {"type": "string"}} for name in names]


_BYTES: dict[str, Any] = {"type": "string", "format": "binary"}
_TEXT: dict[str, Any] = {"type": "string"}
_COUNT: dict[str, Any] = {"type": "integer", "minimum": 0}
_COUNTS: dict[str, Any] = {"type": "object", "additionalProperties": _COUNT}


def _object(*optional: str, **properties: dict[str, Any]) -> dict[str, Any]:
    required = [name for name in properties if name not in optional]
    return {"type": "object", "required": required, "properties": properties}


_PIECE = ("from", "size")
_NAMES = {"id": _TEXT, "name": _TEXT, "name_zh": _TEXT}
_NULL = {"type": "null"}
_TEXT_OR_NULL = {"anyOf": [_TEXT, _NULL]}
_MOMENT_OR_NULL = {"anyOf": [{"type": "string", "format": "date-time"}, _NULL]}
_NOT_ALWAYS = (
    *("staff", "place", "after", "reason", "doubts", "level"),
    *("priority", "assignee", "response_due", "response", "resolution"),
)
_EXCEPTION = _object(
    *_NOT_ALWAYS,
    kind=_TEXT,
    task=_TEXT,
    title=_TEXT,
    title_zh=_TEXT,
    at={"type": "string", "format": "date-time"},
    staff=_TEXT,
    place=_object(id=_TEXT, path=_TEXT, path_zh=_TEXT),
    after={},
    reason=_TEXT,
    doubts={"type": "object", "additionalProperties": _TEXT},
    level=_COUNT,
    priority=_TEXT,
    assignee=_TEXT_OR_NULL,
    response_due=_MOMENT_OR_NULL,
    response=_TEXT_OR_NULL,
    resolution=_TEXT,
)
_CALLED = {"staff": _TEXT, "name": _TEXT, "name_zh": _TEXT}
_PHONE = _object(**_CALLED, device=_TEXT, last_sync=_MOMENT_OR_NULL)
_PERSON = _object(**_CALLED, work=_COUNTS, given=_COUNT, at=_MOMENT_OR_NULL, as_of=_MOMENT_OR_NULL)
_PROJECT = _object(
    **_NAMES,
    rounds=_COUNTS,
    cleaning=_COUNTS,
    maintenance=_COUNTS,
    sla=_COUNTS,
    as_of={"type": "object", "additionalProperties": _MOMENT_OR_NULL},
    exceptions={"type": "array", "items": _EXCEPTION},
    exceptions_count=_COUNT,
    people={"type": "array", "items": _PERSON},
    phones={"type": "array", "items": _PHONE},
    tags=_COUNT,
    assets=_COUNT,
    quarantined=_COUNT,
)
_BOARD = _object(
    format={"type": "integer", "const": 1},
    as_of={"type": "string", "format": "date-time"},
    district={"anyOf": [_object(**_NAMES), {"type": "null"}]},
    projects={"type": "array", "items": _PROJECT},
)
_SHARE = _object(count=_COUNT, of=_COUNT)
_COUNT_OR_NULL = {"anyOf": [_COUNT, _NULL]}
_TIMES = _object(count=_COUNT, mean_s=_COUNT_OR_NULL, median_s=_COUNT_OR_NULL)
_FIGURES = _object(
    on_line=_SHARE,
    on_time=_object(rounds=_SHARE, cleaning=_SHARE, maintenance=_SHARE),
    sla=_object(response=_SHARE, resolution=_SHARE),
    handling=_TIMES,
    response=_TIMES,
    trend={"type": "array", "items": _TIMES},
    shorter={"anyOf": [_object(since=_TEXT, percent={"type": "integer"}), _NULL]},
    satisfaction=_object(count=_COUNT, of=_COUNT, stars=_COUNT),
    rework=_SHARE,
)
_MONTH = _object(
    format={"type": "integer", "const": 1},
    as_of={"type": "string", "format": "date-time"},
    month=_TEXT,
    district={"anyOf": [_object(**_NAMES), _NULL]},
    figures=_FIGURES,
    projects={
        "type": "array",
        "items": _object(
            **_NAMES,
            over={"type": "boolean"},
            rounds=_COUNTS,
            cleaning=_COUNTS,
            maintenance=_COUNTS,
            as_of={"type": "object", "additionalProperties": _MOMENT_OR_NULL},
            figures=_FIGURES,
            exceptions={"type": "array", "items": _EXCEPTION},
            exceptions_count=_COUNT,
            phones={"type": "array", "items": _PHONE},
        ),
    },
)

_THING = _object(
    format={"type": "integer", "const": 1},
    as_of={"type": "string", "format": "date-time"},
    kind=_TEXT,
    id=_TEXT,
    ref=_TEXT,
    project=_TEXT,
    what={"type": "object"},
    where={"anyOf": [{"type": "object"}, _NULL]},
    due={"type": "array", "items": {"type": "object"}},
    history={"type": "array", "items": {"type": "object"}},
    data_as_of=_MOMENT_OR_NULL,
)

AUTHORITY_FORM: dict[str, Any] = {
    "responses": _answer(AUTHORITY_TYPE, _TEXT, "Certificates as PEM: the phones check by them.")
    | {"204": {"description": "The authorities of the system vouch for the centre."}}
    | _refusals(),
}
ENROL_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": EnrolRequest.model_json_schema()}},
    },
    "responses": _enrolled()
    | _refusals(
        "bad_body",
        "bad_signature",
        "code_wrong",
        "code_expired",
        "code_used",
        "too_large",
        "too_many_tries",
    ),
}
SYNC_FORM: dict[str, Any] = {
    "parameters": [
        *_WHO,
        {
            "name": "Content-Encoding",
            "in": "header",
            "schema": {"type": "string", "enum": ["zstd", "gzip", "identity"]},
        },
    ],
    "requestBody": {"required": True, "content": {CONTENT_TYPE: {"schema": _BYTES}}},
    "responses": _answer(CONTENT_TYPE, _BYTES, "Receipt and news; see the protocol.")
    | _refusals(
        "bad_body",
        "bad_format",
        "bad_head",
        "unknown_device",
        "bad_signature",
        "revoked",
        "gap",
        "fork",
        "too_large",
        "bad_type",
    ),
}
BOARD_FORM: dict[str, Any] = {
    "parameters": _asking("district", "project", "scope"),
    "responses": _answer("application/json", _BOARD, "The board.")
    | _refusals("unknown_device", "bad_signature", "revoked", "not_permitted"),
}
QUERY_FORM: dict[str, Any] = {
    "parameters": [
        *_WHO,
        {"name": "thing", "in": "query", "required": True, "schema": _TEXT},
        {"name": "most", "in": "query", "schema": {"type": "integer", "minimum": 0}},
    ],
    "responses": _answer("application/json", _THING, "What is known of it.")
    | _refusals("unknown_device", "bad_signature", "revoked", "not_permitted", "not_found"),
}
FIGURES_FORM: dict[str, Any] = {
    "parameters": _asking("district", "project", "scope", "month"),
    "responses": _answer("application/json", _MONTH, "The figures of a month.")
    | _refusals("bad_month", "unknown_device", "bad_signature", "revoked", "not_permitted"),
}
EVENTS_FORM: dict[str, Any] = {
    "parameters": _WHO,
    "responses": {
        "200": {
            "description": "Events, until either side ends it.",
            "content": {"text/event-stream": {"schema": _TEXT}},
        }
    }
    | _refusals("unknown_device", "bad_signature", "revoked"),
}
_NAMED: list[dict[str, Any]] = [
    *_WHO,
    {
        "name": "sha256",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
    },
]
BRING_FORM: dict[str, Any] = {
    "parameters": [
        *_NAMED,
        *({"name": name, "in": "query", "required": True, "schema": _COUNT} for name in _PIECE),
    ],
    "requestBody": {"content": {"application/octet-stream": {"schema": _BYTES}}},
    "responses": _answer(
        "application/json",
        _object(held=_COUNT, arrived={"type": "boolean"}, gone={"type": "boolean"}),
        "Where the blob stands; `gone` is there where it was deleted on schedule.",
    )
    | _refusals(
        "bad_body",
        "unknown_device",
        "bad_signature",
        "not_named",
        "not_found",
        "too_large",
        "wrong_hash",
        "no_room",
    ),
}
SHOW_FORM: dict[str, Any] = {
    "parameters": _NAMED,
    "responses": _answer("application/octet-stream", _BYTES, "The blob.")
    | _refusals("bad_body", "unknown_device", "bad_signature", "revoked", "not_found"),
}
HEALTH_FORM: dict[str, Any] = {"responses": _refusals()}
