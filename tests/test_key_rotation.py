"""`rotate_encryption_keys`: every encrypted value of every store, and the old key can go."""

import io
from contextlib import nullcontext

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command
from django.db.models import TextField
from django.db.models.functions import Cast

from campaigns.models import SendingSettings
from tenants import key_rotation
from tenants.key_rotation import encrypted_columns, is_owned, rotate_keys
from tenants.models import IdempotentAnswer, Tenant, TwoFactor
from tenants.scoping.choice import SECRETS
from tests.rows import make_row
from webhooks.privacy.receipts import save_receipt
from xeno.lib.encryption import is_current
from xeno.lib.postgres.scope import tenant_scope

ONE_A_STORE = {SendingSettings}
OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture
def written(settings, anas_store, cys_store, ana):
    """A value in each encrypted column, of both stores, under the old key; and gives the texts."""
    settings.ENCRYPTION_KEYS = [OLD]
    Tenant.objects.update(access_token="shpat_1", refresh_token="shprt_1")
    TwoFactor.objects.create(user=ana, secret="base32")
    for store in (anas_store, cys_store):
        with tenant_scope(store.pk):
            for model in {model for model, _ in encrypted_columns() if is_owned(model)}:
                names = [name for found, name in encrypted_columns() if found is model]
                for _ in range(1 if model in ONE_A_STORE else 3):
                    make_row(model, **dict.fromkeys(names, "secret"))
    settings.ENCRYPTION_KEYS = [NEW, OLD]


def stored():
    """What the tables hold, of no store and of each."""
    found = []
    for store in [None, *Tenant.objects.defer(*SECRETS)]:
        with tenant_scope(store.pk) if store else nullcontext():
            for model, name in encrypted_columns():
                if is_owned(model) == bool(store):
                    rows = model.objects.annotate(as_held=Cast(name, TextField()))
                    found += rows.exclude(as_held="").values_list("as_held", flat=True)
    return found


def run(*options):
    out = io.StringIO()
    call_command("rotate_encryption_keys", *options, stdout=out)
    return out.getvalue()


def test_the_columns_are_those_that_we_know_of():
    known = {(Tenant, "access_token"), (Tenant, "refresh_token"), (TwoFactor, "secret"),
             (IdempotentAnswer, "answer")}  # fmt: skip

    assert known <= set(encrypted_columns())


def test_afterwards_the_old_key_can_be_dropped(written, settings, anas_store):
    count = len(stored())
    assert f"{count:,} of {count:,} values were encrypted anew." in run()

    settings.ENCRYPTION_KEYS = [NEW]
    assert Tenant.objects.get(pk=anas_store.pk).access_token == "shpat_1"
    assert TwoFactor.objects.get().secret == "base32"
    with tenant_scope(anas_store.pk):
        assert [row.answer for row in IdempotentAnswer.objects.all()] == ["secret"] * 3
    assert all(is_current(value) for value in stored())
    assert f"All {count:,} values" in run("--check")


@pytest.mark.parametrize("erased", [True, False])
def test_where_somebody_was_erased_it_says_what_the_old_key_is_still_for(written, erased):
    if erased:
        save_receipt(shop_domain="gone.myshopify.com")

    assert ("Move them to RECEIPT_KEYS" in run()) is erased


def test_a_run_that_was_cut_off_goes_on_where_it_was(written, settings, monkeypatch):
    monkeypatch.setattr(key_rotation, "BATCH", 2)
    count, turned = len(stored()), []

    def rotate_some(token):
        if len(turned) == 4:
            raise KeyboardInterrupt
        turned.append(token)
        return rotate(token)

    rotate = key_rotation.rotate
    monkeypatch.setattr(key_rotation, "rotate", rotate_some)
    with pytest.raises(KeyboardInterrupt):
        rotate_keys()
    monkeypatch.setattr(key_rotation, "rotate", rotate)

    assert rotate_keys().rotated == count - 4
    assert rotate_keys().rotated == 0


def test_what_the_application_writes_meanwhile_is_not_overwritten(written, anas_store, monkeypatch):
    rotate = key_rotation.rotate

    def be_late(token):
        Tenant.objects.filter(pk=anas_store.pk).update(access_token="shpat_2")
        return rotate(token)

    monkeypatch.setattr(key_rotation, "rotate", be_late)
    rotate_keys()

    assert Tenant.objects.get(pk=anas_store.pk).access_token == "shpat_2"


def test_while_a_process_writes_with_the_old_key_it_says_so(written, settings):
    with pytest.raises(CommandError, match="need an older key yet"):
        run("--check")
    assert not any(is_current(value) for value in stored())


def test_a_value_that_no_key_opens_is_named_and_the_others_are_done(written, settings, anas_store):
    settings.ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    Tenant.objects.filter(pk=anas_store.pk).update(access_token="lost")
    settings.ENCRYPTION_KEYS = [NEW, OLD]

    with pytest.raises(CommandError, match=rf"tenants_tenant.access_token {anas_store.pk}\."):
        run()
    assert sum(not is_current(value) for value in stored()) == 1


def test_a_store_that_fails_is_not_passed_over_in_silence(written, monkeypatch):
    broken = key_rotation.rotate_column

    def fail(model, name, done, *, write):
        if is_owned(model):
            raise ZeroDivisionError
        broken(model, name, done, write=write)

    monkeypatch.setattr(key_rotation, "rotate_column", fail)
    with pytest.raises(CommandError, match="Not every store"):
        run()
