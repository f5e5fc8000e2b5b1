"""`manage.py dev`: the whole of Xeno on this machine, until Ctrl-C."""

import os
import signal
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from xeno.embedded import dev
from xeno.embedded.commands import configured
from xeno.embedded.supervisor import Master, follow_parent


def wants_demo() -> bool:
    """Whether the demo store is to be built."""
    return os.environ.get("DEMO", "1").lower() not in ("0", "no", "false", "off")


def wants_standin() -> bool:
    """Whether Shopify is played: to who tries the demo, and has no app at Shopify to connect."""
    real = configured("SHOPIFY_API_KEY") or configured("SHOPIFY_FAKE_URL")
    return wants_demo() and not real and settings.XENO_ENV == "development"


class Command(BaseCommand):
    """Starts the engines, migrates, runs web, worker and beat, and builds the demo store."""

    help = "Run everything on this machine: engines, web, worker, beat and the demo store."
    requires_system_checks: list[str] = []  # the children check, with the engines running

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take what only the Makefile says."""
        meaning = "Stop when the process that started this ends."
        parser.add_argument("--follow-parent", action="store_true", help=meaning)

    def handle(self, *_: Any, **options: Any) -> None:
        """Run until a signal; an orderly stop is a success."""
        master = None
        if options["follow_parent"]:
            master = Master(os.getppid())
            follow_parent(os.getppid())
        # a script's background job would ignore Ctrl-C, and then nothing could stop it politely
        signal.signal(signal.SIGINT, signal.default_int_handler)
        plan = dev.Plan(
            project=settings.BASE_DIR,
            home=settings.XENO_HOME,
            port=settings.PORT,
            demo=wants_demo(),
            static_root=settings.STATIC_ROOT,
            master=master,
            standin_port=dev.find_port(settings.PORT + 1) if wants_standin() else 0,
        )
        try:
            dev.run(plan, self._report)
        except (KeyboardInterrupt, SystemExit):
            self._report("Stopped.")

    def _report(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
