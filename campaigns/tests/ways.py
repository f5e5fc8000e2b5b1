"""Addresses as a test reads them."""


class PlainWays:
    """Where a message's addresses lead, unsigned."""

    def click_url(self, message_id: int, link_id: int) -> str:
        return f"https://crm.example/c/{message_id}/{link_id}"

    def open_url(self, message_id: int) -> str:
        return f"https://crm.example/o/{message_id}"

    def unsubscribe_url(self, message_id: int) -> str:
        return f"https://crm.example/u/{message_id}"

    def preferences_url(self, message_id: int) -> str:
        return f"https://crm.example/p/{message_id}"
