"""The admin of this project: one site of our own, and no page that knows nothing of stores."""

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig


class DashboardConfig(AdminConfig):
    """Makes XenoAdminSite the default site."""

    default_site = "xeno.dashboard.site.XenoAdminSite"

    def ready(self) -> None:
        super().ready()
        from django.contrib.auth.models import Group

        # Groups carry the roles of all stores; tenants/roles.py alone fills them.
        admin.site.unregister(Group)
