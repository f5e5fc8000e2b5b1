"""`manage.py export_segments`: a store's segments as one text."""

from typing import Any

from segments.exchange.exporting import export_text
from tenants.models import Tenant
from tenants.scoping.commands import TenantCommand


class Command(TenantCommand):
    """What it prints is what `import_segments` reads."""

    help = "Print every dynamic segment of the store: its name, description and query."

    def work(self, tenant: Tenant, **options: Any) -> None:
        """Print the text."""
        self.stdout.write(export_text(tenant=tenant), ending="")
