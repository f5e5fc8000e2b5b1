"""Responsive templates to begin from: tables 600 pixels wide, inline styles, dark mode, phones.

Each is an HTML file beside this one, put into the one layout when it is read; it passes the check
as it is, and says what to write where.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FOLDER = Path(__file__).parent
STORY = "<!-- story -->\n"  # where in the layout a template's own rows stand


@dataclass(frozen=True)
class LibraryTemplate:
    """One template of the library."""

    key: str
    name: str
    description: str
    subject: str
    preheader: str

    @cached_property
    def html(self) -> str:
        """Its HTML, with Liquid: whole, since whoever copies it writes on in all of it."""
        return read("layout").replace(STORY, read(self.key))


def read(name: str) -> str:
    """A file of this folder."""
    return (FOLDER / f"{name}.html").read_text(encoding="utf-8")


LIBRARY = {
    each.key: each
    for each in (
        LibraryTemplate(
            "welcome",
            "Welcome",
            "For who has just agreed to hear from you.",
            "Welcome to {{ store.name }}",
            "What you will hear from us, and how often.",
        ),
        LibraryTemplate(
            "win_back",
            "Win back",
            "For who has not ordered for long.",
            "{{ customer.first_name | default: 'Hello' }}, it has been a while",
            "Much has come in since you last looked.",
        ),
        LibraryTemplate(
            "new_product",
            "New product",
            "One product, one picture, one button.",
            "New at {{ store.name }}",
            "Something that we have worked on for a long time.",
        ),
        LibraryTemplate(
            "abandoned_checkout",
            "Abandoned checkout",
            "For who began an order and did not finish it.",
            "Your basket is still there",
            "Go on where you stopped, or ask us.",
        ),
        LibraryTemplate(
            "newsletter",
            "Newsletter",
            "A main story and two shorter ones.",
            "What is new at {{ store.name }}",
            "The one thing that you should not miss, and two more.",
        ),
    )
}
