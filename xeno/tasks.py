"""Tasks of the install itself."""

from celery import shared_task

from xeno.health import note_live_worker


@shared_task
def say_alive() -> None:
    """Leave a sign that a worker takes work; `/readyz` and `doctor` look for it."""
    note_live_worker()
