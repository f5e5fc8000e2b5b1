"""Every encrypted value under the first of `ENCRYPTION_KEYS`, so that the others can be dropped.

Which columns those are is asked of the models. A value is written only over the one that was read,
so that what the application writes meanwhile stays; what is under the first key already is passed
over, so that a run that was cut off is simply started again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db.models import Model, TextField, Value
from django.db.models.functions import Cast

from tenants.models import Tenant
from tenants.scoping.everywhere import for_every_tenant
from xeno.lib.encryption import EncryptedTextField, is_current, rotate
from xeno.lib.errors import Mistake

BATCH = 500  # rows read at once; each is written by itself, and no lock outlives that


class RotationBrokenOff(Mistake):
    """A store's values could not be gone through; the log says why."""

    code = "rotation_broken_off"
    status = 500
    message = "Not every store could be gone through: see the log, and run it again."


@dataclass
class Rotation:
    """What became of the values: by column, how many; and which ones no key opens."""

    seen: int = 0
    rotated: int = 0
    left: int = 0  # under an older key: only counted, or changed by somebody meanwhile
    unreadable: list[str] = field(default_factory=list)


def encrypted_columns() -> Iterator[tuple[type[Model], str]]:
    """Every column that is encrypted, whichever app it is of."""
    for model in apps.get_models():
        for column in model._meta.concrete_fields:
            if isinstance(column, EncryptedTextField):
                yield model, column.name


def rotate_keys(*, write: bool = True) -> Rotation:
    """Go through all values, of no store and of each; without `write` they are only counted."""
    done = Rotation()
    columns = list(encrypted_columns())
    for model, name in columns:
        if not is_owned(model):
            rotate_column(model, name, done, write=write)
    finished = []

    def of_store(tenant: Tenant) -> None:
        for model, name in columns:
            if is_owned(model):
                rotate_column(model, name, done, write=write)
        finished.append(tenant.pk)

    if for_every_tenant(of_store, reason="key rotation") != len(finished):
        raise RotationBrokenOff
    return done


def is_owned(model: type[Model]) -> bool:
    """Whether its rows are a store's, and seen within its scope alone."""
    return bool(getattr(model, "tenant_owned", False))


def rotate_column(model: type[Model], name: str, done: Rotation, *, write: bool) -> None:
    """Bring the values of one column, of the open store if it has one, under the first key."""
    # As the database holds it: the field itself would decrypt what it reads.
    rows = model.objects.annotate(stored=Cast(name, TextField())).exclude(stored="")  # type: ignore[attr-defined]
    after = 0
    while batch := list(
        rows.filter(pk__gt=after).order_by("pk").values_list("pk", "stored")[:BATCH]
    ):
        for pk, stored in batch:
            done.seen += 1
            if is_current(stored):
                continue
            try:
                renewed = rotate(stored)
            except InvalidToken:
                done.unreadable.append(f"{model._meta.db_table}.{name} {pk}")
                continue
            same = rows.filter(pk=pk, stored=stored)
            if write and same.update(**{name: Value(renewed, TextField())}):
                done.rotated += 1
            else:
                done.left += 1
        after = batch[-1][0]
