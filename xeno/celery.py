"""The workers' app and the static table of what beat does when."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xeno.settings")

app = Celery("xeno")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# The rows are the queue; a lost tick costs one interval and nothing else.
app.conf.beat_schedule = {
    "sweep-inbox": {"task": "webhooks.tasks.sweep_inbox", "schedule": 10.0},
    "worker-alive": {"task": "xeno.tasks.say_alive", "schedule": 10.0},
}
