"""Working at a store's sync from the command line until it has ended: bars, words, an end."""

import time
from contextlib import ExitStack
from typing import Any

from django.core.management.base import CommandError, OutputWrapper

from tenants.models import Tenant
from tenants.shopify.errors import words_of
from webhooks.backfill import running
from webhooks.backfill.models import Sync, SyncPart
from xeno.management.progress import Progress

LOOK_SECONDS = 1.0
PATIENCE_SECONDS = 120  # with a Shopify that cannot be asked: then the workers go on trying


class Follower:
    """Says what it waits for, once, and does not wait for ever."""

    def __init__(self, out: OutputWrapper, *, patience: float = PATIENCE_SECONDS) -> None:
        self.out, self.patience = out, patience
        self.said = ""
        self.troubled_at: float | None = None
        self.shown: dict[str, int] = {}
        self.bars: dict[str, Any] = {}

    def follow(self, tenant: Tenant, sync: Sync) -> Sync:
        """The sync, done; CommandError with the reason when it ends in another way, or when
        Shopify cannot be asked for longer than we have patience."""
        with ExitStack() as stack:
            while Sync.objects.filter(pk=sync.pk, state=Sync.State.RUNNING).exists():
                if not sync.trouble:
                    # The workers' pauses are not ours. In trouble they are: Shopify is spared.
                    running.cut_pause()
                pause = running.advance(tenant=tenant)
                sync.refresh_from_db()
                self.show(sync, stack)
                self.say(sync)
                self.check_patience(tenant, sync)
                if pause != 0 and sync.state == Sync.State.RUNNING:
                    time.sleep(LOOK_SECONDS)  # a worker has it, or Shopify does its part
        sync.refresh_from_db()
        if sync.state == Sync.State.CANCELLED:
            raise CommandError(f"{tenant.shop_domain}: the sync was cancelled.")
        if sync.state == Sync.State.FAILED:
            raise CommandError(f"{tenant.shop_domain}: {words_of(sync.trouble)}")
        return sync

    def show(self, sync: Sync, stack: ExitStack) -> None:
        """Move each part's bar to where the part is."""
        begun = SyncPart.objects.filter(sync=sync, state__in=["applying", "done"], total__gt=0)
        for part in begun.order_by("pk"):
            if part.kind not in self.bars:
                bar = Progress(self.out)(part.get_kind_display(), part.total or 0)
                self.bars[part.kind] = stack.enter_context(bar)
            self.bars[part.kind](part.applied - self.shown.get(part.kind, 0))
            self.shown[part.kind] = part.applied

    def say(self, sync: Sync) -> None:
        """Write what is waited for, where it is something new."""
        part = SyncPart.objects.filter(sync=sync).exclude(state="done").order_by("pk").first()
        words = ""
        if sync.state == Sync.State.RUNNING and sync.trouble:
            words = f"{words_of(sync.trouble)} Waiting for {self.patience:.0f} s at most."
        elif part is not None and part.state == SyncPart.State.ASKED:
            words = f"{part.get_kind_display()}: {part.get_state_display()}."
        if words not in ("", self.said):
            self.out.write(words)
            self.out.flush()
        self.said = words

    def check_patience(self, tenant: Tenant, sync: Sync) -> None:
        """Raise CommandError when Shopify could not be asked for too long."""
        if not sync.trouble or sync.state != Sync.State.RUNNING:
            self.troubled_at = None
            return
        self.troubled_at = self.troubled_at or time.monotonic()
        if time.monotonic() - self.troubled_at >= self.patience:
            raise CommandError(
                f"{tenant.shop_domain}: {words_of(sync.trouble)} This command gives up, the"
                " workers go on with the sync; sync_store --cancel ends it."
            )
