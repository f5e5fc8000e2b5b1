"""The base of management commands that work for one store."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from tenants.models import Tenant
from xeno.lib.postgres.scope import tenant_scope


def get_store(domain: str) -> Tenant:
    """The store of this shop domain; CommandError, with what to do, when there is none."""
    tenant = Tenant.objects.filter(shop_domain=domain.lower()).first()
    if tenant is None:
        raise CommandError(f"There is no store {domain}. Make it with create_store, or see doctor.")
    return tenant


class TenantCommand(BaseCommand):
    """A command whose first argument is a shop domain; `work` runs within that store's scope."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("shop_domain", help="such as demo.myshopify.com")

    def handle(self, *args: Any, **options: Any) -> None:
        tenant = get_store(options["shop_domain"])
        with tenant_scope(tenant.pk):
            self.work(tenant, **options)

    def work(self, tenant: Tenant, **options: Any) -> None:
        """What the command does, within the scope of its store."""
        raise NotImplementedError
