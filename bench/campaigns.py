"""Campaigns on the large store: plan and freeze of a million people, and a report on them."""

import json
import os
from collections.abc import Callable
from typing import Any

import django
import psycopg

from bench.figures import REPETITIONS, Figure, in_turn, middle
from bench.large import LARGE_SHOP
from bench.membership import ratio_of, timed, undone

Done = Callable[[], object]
COLUMNS = """tenant_id, campaign_id, customer_id, address, state, reason, free_from, variant,
    not_before, attempts"""
READY = f"""
    DROP TABLE IF EXISTS bench_planned;
    CREATE TABLE bench_planned AS SELECT {COLUMNS} FROM campaigns_message WITH NO DATA;
    GRANT SELECT, INSERT ON bench_planned TO PUBLIC
"""
BARE = f"""
    INSERT INTO campaigns_message ({COLUMNS})
    SELECT {COLUMNS} FROM bench_planned ORDER BY customer_id
"""
MEMBERS = """
    INSERT INTO segments_segmentmember (tenant_id, segment_id, customer_id, valid_from)
    SELECT tenant_id, %(segment)s, id, now() FROM customers_customer
    WHERE tenant_id = %(tenant)s ORDER BY id
"""
SENT = """
    UPDATE campaigns_message SET state = 'sent', handed_at = now(), attempts = 1
    WHERE tenant_id = %(tenant)s AND state = 'queued'
"""
OPENED = """
    INSERT INTO campaigns_touch (tenant_id, message_id, campaign_id, customer_id, kind, happened_at)
    SELECT tenant_id, id, campaign_id, customer_id, kind, now()
    FROM campaigns_message, unnest(ARRAY['delivered', 'opened']) AS kind
    WHERE tenant_id = %(tenant)s AND state = 'sent' AND (kind = 'delivered' OR id %% 3 = 0)
"""


def measurements() -> int:
    """How many single ones there are."""
    return 5 * REPETITIONS


class Crowd:
    """A campaign to everybody in the large store."""

    def __init__(self) -> None:
        from django.utils import timezone

        from campaigns.models import Campaign, Sender
        from segments.models import Segment
        from tenants.models import Tenant

        self.tenant = Tenant.objects.get(shop_domain=LARGE_SHOP)
        self.forget()
        segment = Segment.objects.create(name="Bench: everybody", kind="static")
        sender = Sender.objects.create(name="Bench", email="news@bench.example")
        self.campaign = Campaign.objects.create(
            name="Bench", sender=sender, state="scheduled", scheduled_for=timezone.now()
        )
        self.campaign.audiences.create(segment=segment)
        self.execute(MEMBERS, segment=segment.pk)
        self.execute("VACUUM (ANALYZE) segments_segmentmember")
        self.execute(READY)

    def execute(self, sql: str, **params: Any) -> None:
        """As the tables' owner."""
        with psycopg.connect(os.environ["DATABASE_ADMIN_URL"], autocommit=True) as admin:
            admin.execute(sql, {**params, "tenant": self.tenant.pk} if "%(" in sql else None)

    def forget(self) -> None:
        """What this or an earlier run left."""
        from segments.models import Segment

        self.execute("TRUNCATE campaigns_message, campaigns_touch CASCADE")
        for table in ("audience", "campaign", "sender"):
            self.execute(f"DELETE FROM campaigns_{table} WHERE tenant_id = %(tenant)s")
        for pk in Segment.objects.filter(name="Bench: everybody").values_list("pk", flat=True):
            for table, key in (("segmentmember", "segment_id"), ("segment", "id")):
                self.execute(f"DELETE FROM segments_{table} WHERE {key} = %(pk)s AND"
                             " tenant_id = %(tenant)s", pk=pk)  # fmt: skip

    def ask(self, sql: str) -> Any:
        """One statement over the plan."""
        from campaigns import audience

        return audience.ask(sql, self.tenant, self.campaign, None)

    def select(self) -> None:
        """What the freeze reads, and nothing written."""
        from campaigns.audience import FREEZE

        begin, _, end = FREEZE.partition("INSERT INTO")
        _, _, rows = end.partition(")")
        self.ask(f"{begin} SELECT count(all_), max(address) FROM ({rows}) AS all_")

    def freeze(self) -> None:
        """The product's own."""
        from django.utils import timezone

        from campaigns import audience

        audience.insert_messages(tenant=self.tenant, campaign=self.campaign, now=timezone.now())

    def page(self, after: int) -> None:
        """Fifty rows of the plan."""
        from campaigns import audience

        audience.list_people(tenant=self.tenant, campaign=self.campaign, after=after, most=51)


def frozen(crowd: Crowd, on_done: Done) -> list[Figure]:
    """The freeze beside rows that lie ready, and the plan beside the freeze's reading."""
    from campaigns import audience
    from xeno.lib.upsert import run

    crowd.ask(audience.FREEZE.replace("INTO campaigns_message", "INTO bench_planned"))
    [(people,)] = run("SELECT count(*) FROM bench_planned", [])
    [(queued,)] = run("SELECT count(*) FROM bench_planned WHERE state = 'queued'", [])

    def rolled_back(work: Callable[[], object]) -> float:
        took = []
        with undone():
            took.append(timed(work))
        return took[0]

    base, ours = in_turn(
        lambda: rolled_back(lambda: run(BARE, [])),
        lambda: rolled_back(crowd.freeze),
        on_done=on_done,
    )
    told = f"freeze of {people:,} people, {queued:,} of them to be written to"
    against = "bare INSERT … SELECT of the same rows, which lie ready"
    figures = [ratio_of(told, against, base, ours, 1.25, 1.1)]
    base, ours = in_turn(
        lambda: timed(crowd.select),
        lambda: timed(lambda: crowd.ask(audience.SUMMARY)),
        on_done=on_done,
    )
    figures.append(
        ratio_of("plan: everybody counted by reason", "what the freeze reads", base, ours, 1.25, 1)
    )
    [(middle_id,)] = run("SELECT max(customer_id) - count(*) / 2 FROM bench_planned", [])
    took = [timed(lambda: crowd.page(middle_id)) for _ in range(REPETITIONS)]
    return [*figures, limit(f"plan: a page of 50 of {people:,}, in the middle", took, 100, 30)]


def reported(crowd: Crowd, on_done: Done) -> Figure:
    """The whole report when everybody has got it."""
    from django.db.models.functions import Now

    from campaigns.models import Campaign
    from campaigns.numbers.report import make_report

    crowd.freeze()
    crowd.execute(SENT)
    crowd.execute(OPENED)
    Campaign.objects.filter(pk=crowd.campaign.pk).update(
        state="sent", started_at=Now(), frozen_at=Now(), finished_at=Now()
    )
    crowd.campaign.refresh_from_db()
    crowd.execute("VACUUM (ANALYZE) campaigns_message, campaigns_touch")
    took = []
    for _ in range(REPETITIONS):
        took.append(timed(lambda: make_report(tenant=crowd.tenant, campaign=crowd.campaign)))
        on_done()
    return limit("report on them, once sent, a third of them opened", took, 10_000, 3_000)


def limit(work: str, took: list[float], gate: float, aim: float) -> Figure:
    """A row about milliseconds."""
    shown = f"{middle(took):,.0f} ms"
    return Figure(work, "–", shown, "–", middle(took), shown, gate, aim, more_is_better=False)


def main() -> None:
    """Print the figures, one JSON a line, and a line `done` for each measurement."""
    django.setup()
    from tenants.models import Tenant
    from xeno.lib.postgres.scope import tenant_scope

    def on_done() -> None:
        print("done", flush=True)

    with tenant_scope(Tenant.objects.get(shop_domain=LARGE_SHOP).pk):
        crowd = Crowd()
        for figure in [*frozen(crowd, on_done), reported(crowd, on_done)]:
            print(json.dumps(figure.as_dict()), flush=True)
        crowd.forget()


if __name__ == "__main__":
    main()
