"""The workers' app and the static table of what beat does when."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, task_postrun, task_prerun, worker_init
from django.core.exceptions import ImproperlyConfigured
from django.db import connections
from kombu.transport import redis as transport
from redis.exceptions import ConnectionError as RedisConnectionError

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xeno.settings")

app = Celery("xeno")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_init.connect  # type: ignore[untyped-decorator]
@worker_init.connect  # type: ignore[untyped-decorator]  # Celery's only "before any work"
def refuse_to_start(**kwargs: Any) -> None:
    """Let no worker and no beat work for an install that the web server would refuse to serve."""
    from xeno.checks import refuse_unsafe_production

    try:
        refuse_unsafe_production()
    except ImproperlyConfigured as error:
        raise SystemExit(f"Xeno does not start: {error}") from error


# The rows are the queue; a lost tick costs one interval and nothing else.
app.conf.beat_schedule = {
    "sweep-inbox": {"task": "webhooks.tasks.sweep_inbox", "schedule": 10.0},
    "sweep-segments": {"task": "segments.tasks.sweep_segments", "schedule": 10.0},
    "sweep-numbers": {"task": "orders.tasks.sweep_numbers", "schedule": 10.0},
    "sweep-subscriptions": {"task": "webhooks.tasks.sweep_subscriptions", "schedule": 3600.0},
    "sweep-privacy": {"task": "webhooks.privacy.tasks.sweep_privacy", "schedule": 60.0},
    "sweep-old": {"task": "webhooks.privacy.tasks.sweep_old", "schedule": 3600.0},
    "sweep-files": {"task": "webhooks.files.tasks.sweep_files", "schedule": 30.0},
    "remove-old-files": {"task": "webhooks.tasks.remove_old_files", "schedule": 3600.0},
    "sweep-connections": {
        "task": "webhooks.reconciliation.tasks.sweep_connections",
        "schedule": 300.0,
    },
    "sweep-accounts": {"task": "tenants.tasks.sweep_accounts", "schedule": 30.0},
    "forget-answers": {"task": "tenants.tasks.forget_answers", "schedule": 3600.0},
    "sweep-campaigns": {"task": "campaigns.tasks.sweep_campaigns", "schedule": 10.0},
    "sweep-senders": {"task": "campaigns.tasks.sweep_senders", "schedule": 60.0},
    "worker-alive": {"task": "xeno.tasks.say_alive", "schedule": 10.0},
}


# Celery closes Django's connection after every task; a new one begins with an empty memory of
# tables and plans, which costs more than most tasks. So it is kept for some, and looked at before.
app.conf["CELERY_DB_REUSE_MAX"] = 1_000


@task_prerun.connect  # type: ignore[untyped-decorator]
@task_postrun.connect  # type: ignore[untyped-decorator]
def let_go_of_lost_connections(**kwargs: Any) -> None:
    """Close a connection that has failed or is a minute old, as Django does between requests."""
    if kwargs["task"].request.is_eager:
        return  # within the caller's transaction
    for connection in connections.all(initialized_only=True):
        connection.close_if_unusable_or_obsolete()


class LastingChannel(transport.Channel):
    """A channel of a lost connection that says so.

    kombu (5.7) takes the address from a connection that it has closed, for a task that was
    running when Redis went away: an AttributeError, at which the worker ends.
    """

    def _connparams(self, asynchronous: bool = False) -> Any:
        if self.connection.client is None:
            raise RedisConnectionError("The connection was lost and is closed.")
        return super()._connparams(asynchronous)  # type: ignore[no-untyped-call]


transport.Transport.Channel = LastingChannel
