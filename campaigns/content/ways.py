"""Where the addresses in a message lead: the one place that knows tracking's."""

from typing import Protocol

from campaigns.tracking import addresses


class Ways(Protocol):
    """Addresses of one message, all absolute."""

    def click_url(self, message_id: int, link_id: int) -> str:
        """Leads to the link, and counts it."""

    def open_url(self, message_id: int) -> str:
        """The picture that tells of an open."""

    def unsubscribe_url(self, message_id: int) -> str:
        """Where a POST unsubscribes and a GET asks."""

    def preferences_url(self, message_id: int) -> str:
        """The person's preference centre."""


TRACKED: Ways = addresses
# Previews and tests are of no message: what their links lead to says so, and does nothing.
NO_MESSAGE = 0
