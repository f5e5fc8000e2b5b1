"""Exports in a browser: a bar that moves."""

from itertools import count

from playwright.sync_api import expect

from tenants.models import User
from tests.browser.conftest import PATIENCE
from webhooks.files.models import Export
from xeno.lib.postgres.scope import tenant_scope

expect.set_options(timeout=PATIENCE)


def test_a_bar_goes_on_after_an_answer_that_was_none(anas_page, store):
    with tenant_scope(store.pk):
        ana = User.objects.get(email="ana@example.com")
        export = Export.objects.create(kind="customers", format="csv", user=ana)
    times = count()
    anas_page.route(
        "**/export/progress/",
        lambda route: (
            route.fulfill(json={"running": {str(export.pk): 40}})
            if next(times)
            else route.fulfill(status=503)
        ),
    )

    anas_page.goto("/admin/webhooks/export/")

    expect(anas_page.get_by_text("40 %")).to_be_visible()
