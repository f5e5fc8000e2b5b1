"""Links that a store sends to strangers: the path itself proves which store it is of.

An app registers the prefix of its paths in `AppConfig.ready()`, with a function that reads the
store out of a path. The middleware opens that store's scope for a visit without a user.
"""

from collections.abc import Callable

Finder = Callable[[str], int | None]

FINDERS: dict[str, Finder] = {}


def add_public_links(prefix: str, find_store_id: Finder) -> None:
    """Let paths under the prefix be of the store that the function finds; None: of no store.

    It asks no database: whoever makes up links must cost next to nothing.
    """
    FINDERS[prefix] = find_store_id


def find_finder(path: str) -> Finder | None:
    """Who reads the store out of this path; None for every other path."""
    return next((found for prefix, found in FINDERS.items() if path.startswith(prefix)), None)
