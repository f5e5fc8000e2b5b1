"""What a store's managers set: its name, its time zone, what its team signs in with."""

from django.db import transaction
from django.db.models.functions import Now

from tenants.audit import Actor, save_audit
from tenants.models import Tenant, TwoFactor
from xeno.lib.errors import Mistake

SETTABLE = ("name", "timezone", "require_two_factor")


class OwnFactorFirst(Mistake):
    """Somebody asked of the team what they do not do themselves: they would be out at once."""

    code = "own_factor_first"
    status = 409
    message = "Turn on two-factor sign-in for yourself first: then you can require it of the team."


@transaction.atomic
def change_store(*, actor: Actor, tenant: Tenant, **wanted: object) -> Tenant:
    """Set some of SETTABLE; ValidationError for a wrong zone or name, or OwnFactorFirst.

    What is as it was is neither written nor noted.
    """
    unknown = wanted.keys() - set(SETTABLE)
    if unknown:
        raise TypeError(f"Nobody sets {', '.join(sorted(unknown))} of a store.")
    store = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    changed = {name: value for name, value in wanted.items() if getattr(store, name) != value}
    if changed.get("require_two_factor"):
        check_requires(actor)
    for name, value in changed.items():
        setattr(store, name, value)
    if changed:
        store.clean_fields(exclude={f.name for f in Tenant._meta.fields} - changed.keys())
        store.save(update_fields=list(changed))
        save_audit(actor=actor, action="store.changed", target=store, fields=changed)
    return store


def check_requires(actor: Actor) -> None:
    """Raise OwnFactorFirst unless the person who acts signs in with a second factor themselves."""
    own = TwoFactor.objects.filter(user=actor.user, confirmed_at__isnull=False)
    if actor.user is not None and not own.exists():
        raise OwnFactorFirst


@transaction.atomic
def dismiss_first_steps(*, actor: Actor, tenant: Tenant) -> None:
    """The list of first steps is shown no more."""
    Tenant.objects.filter(pk=tenant.pk).update(steps_dismissed_at=Now())
    save_audit(actor=actor, action="store.changed", target=tenant, fields=["steps_dismissed_at"])
