"""The tenants app: who works here, for which store, behind which walls."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class TenantsConfig(AppConfig):
    """Registers the check that every tenant-owned model has its walls."""

    name = "tenants"

    def ready(self) -> None:
        from tenants.scoping.checks import check_walls
        from xeno.lib.postgres import any_of, differs, prefix  # noqa: F401  # registers lookups

        register(Tags.models)(check_walls)
