"""Our questions to the Admin API, a file each; a test holds them against Shopify's schema."""

from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent


@cache
def document(name: str) -> str:
    """The text of `<name>.graphql`."""
    return (FOLDER / f"{name}.graphql").read_text()


def names() -> list[str]:
    """Every document that there is."""
    return sorted(path.stem for path in FOLDER.glob("*.graphql"))
