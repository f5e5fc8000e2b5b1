"""A real browser on a live server: Debian's chromium, which playwright drives and never downloads.

`.ci/run` installs it and says so with XENO_BROWSER=1: then a missing one is a failure, not a skip.
"""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from conftest import PASSWORD, make_member
from tenants.roles import Role

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE = 15_000  # ms; a slow machine is no fault of the page


@pytest.fixture(scope="package")
def chromium(django_db_setup: None) -> Iterator[Browser]:
    if CHROMIUM is None:
        if os.environ.get("XENO_BROWSER") == "1":
            pytest.fail("chromium should be here")
        pytest.skip("there is no chromium: apt install chromium")
    # Playwright's loop runs in this thread, and Django would refuse the tests' own queries; both
    # end with these tests.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGS))
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser, live_server, settings) -> Iterator[BrowserContext]:
    """A window of its own; whatever a page complains of fails the test."""
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    settings.DEBUG = False
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": 1280, "height": 900}
    )
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


@pytest.fixture
def store(transactional_db, anas_store):
    make_member(anas_store, "ana@example.com", Role.OWNER)
    return anas_store


@pytest.fixture
def anas_page(window: BrowserContext, store) -> Iterator[Page]:
    """Ana's, signed in by the form."""
    page = window.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto("/admin/login/")
    page.get_by_label("E-mail", exact=False).fill("ana@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/")
    yield page
    assert complaints == []
