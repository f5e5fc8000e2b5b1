"""Imports as staff see them: a file, its columns, what would be, a bar, the rows not taken."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from customers.models import Customer
from tests.visits import browser_of
from webhooks.files import working
from webhooks.files.models import Import

TEXT = b"Who,Name\nkim@example.com,Kim\nnonsense,Lee\n"


@pytest.fixture
def browser(ana, in_anas_store):
    return browser_of(ana, in_anas_store)


def test_a_file_is_brought_mapped_previewed_and_imported(browser, in_anas_store):
    browser.post(reverse("admin:webhooks_import_new"), {"file": SimpleUploadedFile("a.csv", TEXT)})
    row = Import.objects.get()
    page = reverse("admin:webhooks_import_change", args=[row.pk])
    meanings = {"column-0": "email", "column-1": "first_name"}
    unmapped = browser.get(page).content.decode()
    preview = browser.get(page, meanings).content.decode()
    browser.post(reverse("admin:webhooks_import_start", args=[row.pk]), meanings)
    running = browser.get(reverse("admin:webhooks_import_progress")).json()

    working.run_imports(tenant=in_anas_store)

    result = browser.get(page).content.decode()
    errors = browser.get(reverse("admin:webhooks_import_errors", args=[row.pk])).content.decode()
    assert "Say of one column" in unmapped
    assert "no e-mail address" in preview
    assert running == {"running": {str(row.pk): 0}}
    assert "Rows that were not taken" in result
    assert errors.splitlines()[1].startswith("3,email,address_not_valid")
    assert Customer.objects.get().first_name == "Kim"


def test_what_cannot_be_read_is_said_on_the_page(browser):
    file = SimpleUploadedFile("a.csv", b"\x00\x00")
    page = browser.post(reverse("admin:webhooks_import_new"), {"file": file})

    assert "no text that can be read" in page.content.decode()
    assert not Import.objects.exists()


def test_the_list_of_customers_offers_it(browser):
    page = browser.get(reverse("admin:customers_customer_changelist")).content.decode()

    assert reverse("admin:webhooks_import_new") in page
