"""Which store, message and link an address of ours is about; read without asking anybody."""

from campaigns.tracking.addresses import PATHS
from campaigns.tracking.tokens import Token, unpack


def find_token(path: str) -> Token | None:
    """What the path's token says; None unless we made it, for this very kind of path."""
    for purpose, shape in PATHS.items():
        begin, _, end = shape.partition("{}")
        if path.startswith(begin) and path.endswith(end):
            return unpack(path[len(begin) : len(path) - len(end)], purpose)
    return None


def find_store_id(path: str) -> int | None:
    """The store that the path proves; for the middleware."""
    token = find_token(path)
    return token.tenant_id if token else None


def prefixes() -> list[str]:
    """Where our paths begin."""
    return [shape.partition("{}")[0] for shape in PATHS.values()]
