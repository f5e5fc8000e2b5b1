"""What a mapping knows beside the body: the delivery it came in."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from webhooks.mapping.decoding import OtherShop, Unreadable


@dataclass(frozen=True, slots=True)
class Envelope:
    """The headers of a delivery, of which only the body was signed."""

    topic: str
    shop_domain: str
    triggered_at: datetime | None
    delivery_id: int = 0  # ours

    def check_same_shop(self, *addresses: object) -> None:
        """Raise OtherShop when an address in the body is another shop's myshopify.com, and
        Unreadable when it is no address."""
        for address in addresses:
            if not isinstance(address, str) or not address:
                continue
            try:
                host = urlsplit(address).hostname if "://" in address else address.lower()
            except ValueError as error:  # such as https://[
                raise Unreadable("An address in it is none.") from error
            if host and host.endswith(".myshopify.com") and host != self.shop_domain:
                raise OtherShop
