"""`manage.py replay_deliveries`: webhooks that were set aside, put back into the inbox."""

from typing import Any

from django.core.management.base import CommandError, CommandParser

from tenants.models import Tenant
from tenants.scoping.commands import TenantCommand
from webhooks.actions import replay_deliveries
from webhooks.models import State

REPLAYABLE = [state.value for state in State if state != State.PENDING]


class Command(TenantCommand):
    """Harmless at any time: an older word never overwrites a newer one."""

    help = "Put webhooks back into the inbox: the parked ones, those of a state, or some by id."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take states or ids, not both."""
        super().add_arguments(parser)
        which = parser.add_mutually_exclusive_group()
        which.add_argument(
            "--state", nargs="+", choices=REPLAYABLE, default=[State.PARKED.value],
            help="all of these states (default: parked)",
        )  # fmt: skip
        which.add_argument("--id", nargs="+", type=int, metavar="N", help="only these")

    def work(self, tenant: Tenant, **options: Any) -> None:
        """Put them back, and say how many; a worker applies them within seconds."""
        ids = options["id"]
        count = replay_deliveries(tenant=tenant, delivery_ids=ids, states=options["state"])
        if ids and not count:
            raise CommandError(f"{tenant.shop_domain} has none of these webhooks to replay.")
        self.stdout.write(f"{tenant.shop_domain}: {count} webhooks are in the inbox again.")
