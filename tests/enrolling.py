"""A phone's side of enrolment, where a test wants to have it in hand."""

from radar_server.enrolment import Applicant
from sync.enrolling import CodeKey, application_message, prove, stretch
from sync.keys import KeyPair


def applicant(key: CodeKey, keys: KeyPair, name: str = "a phone") -> Applicant:
    """Return a phone that knows the code and holds the key."""
    message = application_message(key.id, keys.public, name)
    return Applicant(key.id, keys.public, name, prove(key.secret, message), keys.sign(message))


def application(code: str, keys: KeyPair, name: str = "a phone") -> dict[str, object]:
    """Return the form that such a phone sends."""
    made = applicant(stretch(code), keys, name)
    return {
        "format": 1,
        "code_id": made.code_id.hex(),
        "public_key": made.public_key.hex(),
        "name": name,
        "proof": made.proof.hex(),
        "signature": made.signature.hex(),
    }
