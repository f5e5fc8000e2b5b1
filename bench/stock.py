"""Campaigns as Django sends them by itself: what the product's way is measured against."""

import re
import time
from typing import Any, ClassVar

from bench.outbox import Outbox


class Stock:
    """Django's own way: a template a message, `EmailMultiAlternatives`, one kept connection."""

    # The library's Liquid in Django's spelling.
    SPELLINGS: ClassVar = [(r"\| default: (['\"].*?['\"])", r"|default:\1")]

    def __init__(self, outbox: Outbox) -> None:
        from django.template import engines

        from campaigns.content.links import hrefs_of
        from campaigns.content.masking import mask, unmask
        from campaigns.content.plain import to_text

        self.outbox = outbox
        html, pieces = mask(outbox.words.html)
        text = unmask(to_text(html), pieces)
        assert list(hrefs_of(html))
        engine = engines["django"]
        self.parts = {
            name: engine.from_string(self.spelt(words))
            for name, words in {
                "subject": outbox.words.subject, "html": outbox.words.html, "text": text,
            }.items()
        }  # fmt: skip
        self.shared = {
            "store": {
                "name": outbox.tenant.name,
                "url": f"https://{outbox.tenant.shop_domain}",
                "postal_address": "1 Harbour Street, York",
            }
        }

    def spelt(self, words: str) -> str:
        """A template of Django's."""
        for liquid, own in self.SPELLINGS:
            words = re.sub(liquid, own, words)
        return words

    def send(self, port: int, people: int) -> float:
        """Seconds for so many."""
        from django.core.mail import get_connection

        from customers.models import Customer

        found = Customer.objects.order_by("pk").values("pk", "email", "first_name")[:people]
        backend = "django.core.mail.backends.smtp.EmailBackend"
        began = time.perf_counter()
        with get_connection(backend, host="127.0.0.1", port=port) as connection:
            for person in found.iterator(1_000):
                self.message(person, connection).send()
        return time.perf_counter() - began

    def message(self, person: dict[str, Any], connection: Any) -> Any:
        """One person's."""
        from django.core.mail import EmailMultiAlternatives

        unsubscribe = f"https://bench.example/u/{person['pk']:044}"
        fields = {
            **self.shared,
            "customer": person,
            "unsubscribe_url": unsubscribe,
            "preferences_url": f"https://bench.example/p/{person['pk']:044}",
        }
        words = {name: part.render(fields) for name, part in self.parts.items()}
        made = EmailMultiAlternatives(
            words["subject"].strip(), words["text"], "Bench <news@bench.example>",
            [person["email"]], connection=connection,
            headers={
                "List-Unsubscribe": f"<{unsubscribe}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )  # fmt: skip
        made.attach_alternative(words["html"], "text/html")
        return made
