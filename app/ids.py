"""Ids of requests."""

import random


def new_id() -> str:
    """Return 32 hexadecimal digits that no other request has: a name, not a secret."""
    return f"{random.getrandbits(128):032x}"  # the system's own generator takes longer than the routing
