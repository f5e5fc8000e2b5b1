"""A store whose campaigns the bench sends, frozen anew for every repetition."""

from typing import Any
from uuid import uuid4

import psycopg

from bench.arrival import make_store

PEOPLE = """
    INSERT INTO customers_customer (tenant_id, shopify_id, email, first_name, last_name, country,
        email_consent, orders_count, total_spent, orders_count_source, total_spent_source,
        created_at, updated_at, triggered_at, version_order_id, synced_at)
    SELECT %(tenant)s, 6000000000 + n, 'c' || n || '@example.com', 'Ada' || n %% 997,
        'Abbott' || n, 'GB', 'subscribed', 0, 0, 'computed', 'computed', now(), now(), now(), 0,
        now()
    FROM generate_series(1, %(people)s) n
"""
MEMBERS = """
    INSERT INTO segments_segmentmember (tenant_id, segment_id, customer_id, valid_from)
    SELECT tenant_id, %(segment)s, id, now() FROM customers_customer
    WHERE tenant_id = %(tenant)s ORDER BY id LIMIT %(people)s
"""


class Outbox:
    """A store with people, and campaigns to all of them."""

    def __init__(self, admin_url: str, people: int) -> None:
        from campaigns.content.library import LIBRARY
        from campaigns.models import Sender, SendingSettings
        from tenants.models import Tenant
        from xeno.lib.postgres.scope import tenant_scope

        self.admin_url, self.people = admin_url, people
        self.tenant = Tenant.objects.get(pk=make_store(admin_url))
        self.words = LIBRARY["newsletter"]
        self.execute(PEOPLE, {"people": people})
        self.execute("VACUUM (ANALYZE) customers_customer", {})
        with tenant_scope(self.tenant.pk):
            SendingSettings.objects.create(postal_address="1 Harbour Street, York", provider="smtp")
            self.sender = Sender.objects.create(name="Bench", email="news@bench.example")

    def execute(self, sql: str, params: dict[str, Any]) -> None:
        """One statement as the tables' owner."""
        with psycopg.connect(self.admin_url, autocommit=True) as admin:
            admin.execute(sql, {**params, "tenant": self.tenant.pk})

    def freeze(self, people: int) -> Any:
        """A campaign to so many of them, frozen; those before it are forgotten."""
        from django.db.models.functions import Now
        from django.utils import timezone

        from campaigns.models import Campaign
        from campaigns.sending import starting
        from segments.models import Segment

        for table in ("campaigns_message", "campaigns_link", "campaigns_audience",
                      "campaigns_campaign", "segments_segmentmember"):  # fmt: skip
            self.execute(f"DELETE FROM {table} WHERE tenant_id = %(tenant)s", {})
        segment = Segment.objects.create(name=uuid4().hex, kind="static")
        self.execute(MEMBERS, {"segment": segment.pk, "people": people})
        self.execute("VACUUM (ANALYZE) campaigns_message, segments_segmentmember", {})
        made = Campaign.objects.create(
            name="Spring", sender=self.sender, subject=self.words.subject, html=self.words.html,
            preheader=self.words.preheader, state="scheduled", scheduled_for=timezone.now(),
        )  # fmt: skip
        made.audiences.create(segment=segment)
        assert starting.freeze(tenant=self.tenant, campaign=made)
        starting.analyze()
        Campaign.objects.filter(pk=made.pk).update(progressed_at=Now())
        made.refresh_from_db()
        return made
