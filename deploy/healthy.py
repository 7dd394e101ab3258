"""Ask the centre in this container whether it and its database answer; exit 1 if not.

Its certificate is not checked: the question never leaves the machine, and is no secret.
"""

import json
import ssl
import sys
from http.client import HTTPConnection, HTTPException, HTTPSConnection

PORT = 8080
PATIENCE_S = 4


def is_healthy(port: int) -> bool:
    """Tell whether a centre on this machine answers, by TLS or without."""
    own = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    own.check_hostname, own.verify_mode = False, ssl.CERT_NONE
    # In this order nothing is written to the log: a centre with TLS hangs up on the first.
    for connection in (
        HTTPConnection("127.0.0.1", port, timeout=PATIENCE_S),
        HTTPSConnection("127.0.0.1", port, timeout=PATIENCE_S, context=own),
    ):
        try:
            connection.request("GET", "/v1/health")
            return json.load(connection.getresponse()).get("ok") is True
        except (OSError, HTTPException, ValueError, AttributeError):
            continue
        finally:
            connection.close()
    return False


if __name__ == "__main__":
    sys.exit(not is_healthy(int(sys.argv[1]) if sys.argv[1:] else PORT))
