"""Workers: every task is one store's, or on a closed list; nothing of one task reaches the next."""

import pytest
from celery import current_app, shared_task
from django.conf import settings

from customers.models import Customer
from tenants.scoping.tasks import TenantTask
from tests.rows import make_row
from xeno.celery import app
from xeno.lib.postgres.scope import NoTenant, find_tenant_id, get_tenant_id, tenant_scope

# Tasks of no store. Each goes from store to store by for_every_tenant, or asks none.
GLOBAL = {
    "campaigns.tasks.sweep_campaigns",
    "campaigns.tasks.sweep_senders",
    "campaigns.tasks.take_in_unplaced",
    "orders.tasks.sweep_numbers",
    "segments.tasks.sweep_segments",
    "tenants.tasks.forget_answers",
    "tenants.tasks.send_account_mail",
    "tenants.tasks.sweep_accounts",
    "webhooks.files.tasks.sweep_files",
    "webhooks.privacy.tasks.sweep_old",
    "webhooks.privacy.tasks.sweep_privacy",
    "webhooks.reconciliation.tasks.sweep_connections",
    "webhooks.tasks.remove_old_files",
    "webhooks.tasks.sweep_inbox",
    "webhooks.tasks.sweep_subscriptions",
    "xeno.tasks.say_alive",
}


def our_tasks():
    app.loader.import_default_modules()
    app.finalize()
    ours = tuple(
        f"{name}."
        for name in ("xeno", "tenants", "customers", "orders", "segments", "campaigns", "webhooks")
    )
    # In one order: each of pytest-xdist's workers must collect the same tests.
    return {name: task for name, task in sorted(app.tasks.items()) if name.startswith(ours)}


TASKS = our_tasks()
STORE_TASKS = {name: task for name, task in TASKS.items() if name not in GLOBAL}


class Busy(Exception):
    pass


seen = []


@shared_task(name="tests.look", base=TenantTask)
def look(tenant, number):
    seen.append((number, get_tenant_id(), Customer.objects.count()))
    if number % 3 == 0:
        raise ValueError(number)


@shared_task(
    name="tests.retry",
    base=TenantTask,
    bind=True,
    autoretry_for=(Busy,),
    max_retries=2,
    default_retry_delay=0,
)
def be_busy(self, tenant, number):
    seen.append((self.request.retries, self.request.args, tenant.pk))
    raise Busy


@pytest.fixture(autouse=True)
def nothing_seen():
    seen.clear()


def test_f077_every_task_is_one_stores_or_on_the_closed_list():
    assert set(TASKS) >= GLOBAL
    for name, task in STORE_TASKS.items():
        assert isinstance(task, TenantTask), f"{name} works for no store: base=TenantTask"


@pytest.mark.parametrize("name", STORE_TASKS)
@pytest.mark.parametrize(
    "given", [(), (None,), ("1",), (True,), (1.0,), ([1],)], ids=lambda given: repr(given)
)
def test_f077_a_stores_task_without_a_store_raises(name, given):
    with pytest.raises(NoTenant):
        STORE_TASKS[name](*given)


@pytest.mark.parametrize("name", STORE_TASKS)
def test_f077_an_open_scope_is_no_substitute_for_the_argument(name, anas_store):
    with tenant_scope(anas_store.pk), pytest.raises(NoTenant):
        STORE_TASKS[name]()


@pytest.mark.parametrize("name", STORE_TASKS)
def test_a_stores_task_has_nothing_to_do_when_the_store_is_gone(name, db):
    assert STORE_TASKS[name](987654321) is None


def test_what_beat_starts_works_for_no_store_or_for_each():
    for entry in app.conf.beat_schedule.values():
        assert entry["task"] in GLOBAL
        assert not entry.get("args"), "beat knows no store"


def test_f078_one_task_after_the_other_each_sees_its_own_store(anas_store, cys_store):
    """One process, stores in turn, every third task fails."""
    for number, store in enumerate((anas_store, cys_store)):
        with tenant_scope(store.pk):
            for _ in range(number + 1):
                make_row(Customer)

    for number in range(12):
        store = (anas_store, cys_store)[number % 2]
        result = look.apply(args=(store.pk, number))
        assert result.failed() == (number % 3 == 0)
        assert find_tenant_id() is None

    expected = {0: (anas_store.pk, 1), 1: (cys_store.pk, 2)}
    assert seen == [(number, *expected[number % 2]) for number in range(12)]


def test_f078_a_task_called_within_another_scope_works_for_its_own_store(anas_store, cys_store):
    with tenant_scope(anas_store.pk):
        look(cys_store.pk, 1)
        assert get_tenant_id() == anas_store.pk

    assert seen == [(1, cys_store.pk, 0)]


def test_a_retry_takes_the_stores_id_along(anas_store):
    """The task's own arguments, not the Tenant that its body got: JSON could not carry it."""
    be_busy.apply(args=(anas_store.pk, 5))

    assert seen == [(retries, (anas_store.pk, 5), anas_store.pk) for retries in range(3)]


def test_ids_travel_and_objects_do_not():
    assert settings.CELERY_TASK_SERIALIZER == "json"
    assert current_app.conf.accept_content == ["json"]
