"""Refusals as RFC 9457 problem details, with a short code that scripts and phones know."""

import json
from collections.abc import Mapping

PROBLEM_TYPE = "application/problem+json"
TYPE_PREFIX = "urn:radar:problem:"

PROBLEMS: dict[str, tuple[int, str]] = {
    "bad_body": (400, "The body is not a message of this protocol"),
    "bad_format": (400, "The message is of another format than this centre speaks"),
    "bad_head": (400, "The head of the chain is not signed by this device"),
    "bad_month": (400, "There are no figures of such a month"),
    "unknown_device": (401, "This centre does not know the device"),
    "bad_signature": (401, "The request is not signed by this device"),
    "stale_request": (401, "The request was not made just now"),
    "replayed": (401, "The request was used before"),
    "revoked": (403, "This device was revoked"),
    "not_permitted": (403, "Not permitted"),
    "code_wrong": (403, "There is no such enrolment code"),
    "code_expired": (403, "The enrolment code has expired"),
    "code_used": (403, "The enrolment code was used for another device"),
    "not_named": (403, "No action of this device names that"),
    "not_found": (404, "There is nothing here"),
    "not_allowed": (405, "This cannot be done here"),
    "gap": (409, "Actions are missing before these"),
    "fork": (409, "Other actions are held under these numbers"),
    "wrong_hash": (409, "What came together does not have the hash that it is named by"),
    "too_large": (413, "The body is larger than any that a phone sends"),
    "bad_type": (415, "The body is of another type or encoding than this protocol's"),
    "too_fast": (429, "Too many requests came just now"),
    "too_many_tries": (429, "Too many wrong codes came from this address"),
    "broken": (500, "The centre has a fault; its own log says more"),
    "busy": (503, "The centre cannot use its database just now"),
    "no_room": (507, "The centre has no room for photos just now"),
}
"""Every problem that the centre answers with: its status and its title."""


class Problem(Exception):
    """A request that is refused; `members` go into the answer beside the standard ones."""

    def __init__(
        self, code: str, detail: str = "", members: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.status, self.title = PROBLEMS[code]
        self.detail = detail or f"{self.title}."
        self.members = dict(members or {})

    def body(self) -> bytes:
        """Return the problem as JSON."""
        standard: dict[str, object] = {
            "type": TYPE_PREFIX + self.code,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        return json.dumps(standard | self.members, ensure_ascii=False).encode()
