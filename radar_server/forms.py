"""The forms of requests and answers that are plain JSON, and what OpenAPI says of the others."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from radar_server.problems import PROBLEM_TYPE
from sync.protocol import CONTENT_TYPE

ENROL_BODY_BYTES_MAX = 16 * 1024
NAME_CHARS_MAX = 120
_PRINTABLE = r"^[^\x00-\x1f\x7f]*$"


class EnrolRequest(BaseModel):
    """What a phone says to be enrolled; `signature` proves that it holds the key."""

    model_config = ConfigDict(extra="ignore", strict=True)

    format: Literal[1]
    code: str = Field(max_length=64, pattern=_PRINTABLE)
    public_key: str = Field(pattern="^[0-9a-f]{64}$")
    name: str = Field(max_length=NAME_CHARS_MAX, pattern=_PRINTABLE)
    signature: str = Field(pattern="^[0-9a-f]{128}$")


class Centre(BaseModel):
    """A centre by its epoch, its public key and its name."""

    epoch: str
    key: str
    name: str


class EnrolAnswer(BaseModel):
    """A phone's identity; `name` is its person's."""

    format: Literal[1]
    device: str
    staff: str
    name: str
    centre: Centre


class HealthAnswer(BaseModel):
    """That the centre and its database answer."""

    ok: bool
    centre: str
    version: str


_PROBLEM: dict[str, Any] = {
    "description": "A problem (RFC 9457); `code` says which.",
    "content": {PROBLEM_TYPE: {"schema": {"type": "object", "required": ["code", "status"]}}},
}
_BYTES = {"schema": {"type": "string", "format": "binary"}}

ENROL_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": EnrolRequest.model_json_schema()}},
    },
    "responses": {"default": _PROBLEM},
}
SYNC_FORM: dict[str, Any] = {
    "requestBody": {"required": True, "content": {CONTENT_TYPE: _BYTES}},
    "responses": {
        "200": {"description": "The answer.", "content": {CONTENT_TYPE: _BYTES}},
        "default": _PROBLEM,
    },
}
BOARD_FORM: dict[str, Any] = {
    "parameters": [
        {"name": name, "in": "query", "schema": {"type": "string"}}
        for name in ("district", "project", "scope")
    ],
    "responses": {"default": _PROBLEM},
}
EVENTS_FORM: dict[str, Any] = {
    "responses": {
        "200": {
            "description": "Events, until either side ends it.",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
        "default": _PROBLEM,
    },
}
