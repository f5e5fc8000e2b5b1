"""`manage.py refresh_segments`: bring a store's segments in step now, as a worker would."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from segments.by_hand import refresh_all
from segments.models import Segment
from tenants.models import Tenant
from tenants.scoping.commands import TenantCommand
from xeno.management.progress import Progress


class Command(TenantCommand):
    """Harmless at any time: it writes only who joined and who left."""

    help = "Refresh the members of a store's dynamic segments, or of one of them."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--segment", metavar="NAME", help="only the segment of this name")

    def work(self, tenant: Tenant, **options: Any) -> None:
        """Refresh, and say how many joined and left."""
        wanted = Segment.objects.dynamic()
        if name := options["segment"]:
            wanted = wanted.filter(name=name)
            if not wanted:
                raise CommandError(f"The store has no dynamic segment called {name!r}.")
        ids = list(wanted.order_by("pk").values_list("pk", flat=True))
        with Progress(self.stdout)("Refreshing", len(ids)) as advance:
            done = refresh_all(tenant=tenant, segment_ids=ids, on_progress=advance)
        self.stdout.write(
            f"{tenant.shop_domain}: {done.joined} joined and {done.left} left"
            f" {done.segments} segments."
        )
        for trouble in done.troubles:
            self.stdout.write(trouble)
