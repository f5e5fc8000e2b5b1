"""The project itself as an app: its commands, checks, templates and static files."""

from django.apps import AppConfig
from django.core.checks import Tags, register


class XenoConfig(AppConfig):
    """Registers the checks of settings, of the database's roles and of Redis."""

    name = "xeno"

    def ready(self) -> None:
        from xeno import checks
        from xeno.celery import app

        app.set_default()  # shared tasks of every process, the web's too, belong to it

        register(Tags.security)(checks.check_environment)
        register(Tags.security)(checks.check_secrets)
        register(Tags.database)(checks.check_database_role)
        register(Tags.database)(checks.check_queue)
