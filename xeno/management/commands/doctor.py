"""`manage.py doctor`: what is configured, whether it answers, and what is behind."""

from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from xeno.management.diagnosis.findings import Finding, Level
from xeno.management.diagnosis.inboxes import look_at_stores
from xeno.management.diagnosis.install import (
    look_at_database,
    look_at_redis,
    look_at_settings,
    look_at_worker,
)


class Command(BaseCommand):
    """Exit code 1 when something is wrong; shows no secret."""

    help = "Say what is configured, whether it answers, and what is behind."
    requires_system_checks: list[str] = []  # what they refuse is told here, with the rest

    def handle(self, *_: Any, **__: Any) -> None:
        """Look at one thing after the other and say each at once."""
        problems = self._tell("Settings", look_at_settings())
        problems += self._tell("Database", look_at_database())
        problems += self._tell("Redis", look_at_redis())
        problems += self._tell("Workers", [look_at_worker()])
        problems += self._tell("Stores", look_at_stores())
        if problems:
            raise CommandError(f"Things that are wrong: {problems}.")
        self.stdout.write(self.style.SUCCESS("All is well."))

    def _tell(self, heading: str, findings: Sequence[Finding]) -> int:
        """Print the part; give how much of it is wrong."""
        self.stdout.write(heading)
        for finding in findings:
            self.stdout.write(f"  {finding.level.value} {finding.subject}: {finding.said}")
            if finding.remedy:
                self.stdout.write(f"     -> {finding.remedy}")
        return sum(finding.level is Level.WRONG for finding in findings)
