"""Ids of requests."""

import random
import re
from contextvars import ContextVar

CURRENT_ID: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that this task answers, for the log; empty elsewhere."""

_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")


def id_of(sent: str) -> str:
    """Return the id of a request: the one that its caller `sent`, where it is a sane one, else a new one."""
    return sent if _SANE.fullmatch(sent) else new_id()


def new_id() -> str:
    """Return 32 hexadecimal digits that no other request has: a name, not a secret."""
    return f"{random.getrandbits(128):032x}"  # the system's own generator takes longer than the routing
