"""Pictures of the demo store's pages, by Debian's chromium, for the README and for looking."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xeno.demo.showing import DRAFT_NAME, SENT_NAME
from xeno.demo.store import LOGINS, PASSWORD
from xeno.lib.errors import Mistake

if TYPE_CHECKING:  # a development dependency
    from playwright.sync_api import Browser, Page

SIZES = {"": (1280, 900), "-phone": (390, 844)}
PATIENCE = 20_000  # ms
QUIET = 400  # ms, in which charts are drawn


@dataclass(frozen=True, slots=True)
class Shot:
    """One page: its picture's name, where it is, and the link that leads on to a row of it; of a
    whole page, at a desk, also what one must scroll to."""

    name: str
    path: str
    row: str = ""
    then: str = ""
    whole: bool = False


FIRST = "#result_list tbody tr th a, #result_list tbody tr td a[href$='/change/']"
SENT, DRAFT = (f"#result_list a:has-text('{name}')" for name in (SENT_NAME, DRAFT_NAME))
CUSTOMERS, SEGMENTS = "/admin/customers/customer/", "/admin/segments/segment/"
CAMPAIGNS = "/admin/campaigns/campaign/"
SHOTS = (
    Shot("home", "/admin/", whole=True),
    Shot("customers", CUSTOMERS),
    Shot("customer", f"{CUSTOMERS}?o=-3", FIRST, whole=True),
    Shot("orders", "/admin/orders/order/"),
    Shot("order", "/admin/orders/order/", FIRST),
    Shot("products", "/admin/orders/product/"),
    Shot("checkouts", "/admin/orders/checkout/"),
    Shot("segments", SEGMENTS),
    Shot("segment", SEGMENTS, FIRST),
    Shot("segment-editor", SEGMENTS, FIRST, "edit/"),
    Shot("segment-templates", f"{SEGMENTS}templates/"),
    Shot("campaigns", CAMPAIGNS),
    Shot("campaign-audience", CAMPAIGNS, DRAFT, "audience/"),
    Shot("campaign-content", CAMPAIGNS, DRAFT, "content/"),
    Shot("campaign-plan", CAMPAIGNS, DRAFT, "plan/"),
    Shot("campaign-send", CAMPAIGNS, DRAFT, "send/"),
    Shot("campaign", CAMPAIGNS, SENT),
    Shot("campaign-report", CAMPAIGNS, SENT, "report/", whole=True),
    Shot("campaign-messages", CAMPAIGNS, SENT, "messages/"),
    Shot("calendar", f"{CAMPAIGNS}calendar/"),
    Shot("templates", "/admin/campaigns/template/library/"),
    Shot("mailbox", "/admin/campaigns/localmail/"),
    Shot("suppressions", "/admin/campaigns/suppression/"),
    Shot("sending-settings", "/admin/sending-settings/"),
    Shot("predictions", "/admin/predictions/"),
    Shot("import", "/admin/webhooks/import/new/"),
    Shot("export", "/admin/webhooks/export/new/"),
    Shot("team", "/admin/tenants/membership/"),
    Shot("connection", "/admin/connection/"),
    Shot("account", "/account/"),
)


class NoBrowser(Mistake):
    """There is nothing to take pictures with."""

    code = "no_browser"
    status = 503
    message = (
        "Pictures need playwright (a development dependency: `make lint` installs them) and"
        " Debian's chromium (`apt install chromium`)."
    )


@contextmanager
def opened_browser() -> Iterator["Browser"]:
    """Debian's chromium. Raises NoBrowser."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError as error:
        raise NoBrowser from error
    if found is None:
        raise NoBrowser
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser
        browser.close()


def take_pictures(*, url: str, folder: Path, on_taken: Callable[[int], object]) -> list[Path]:
    """Each page at each size into the folder; calls back with 1 for each picture."""
    folder.mkdir(parents=True, exist_ok=True)
    taken = []
    with opened_browser() as browser:
        for ending, (width, height) in SIZES.items():
            context = browser.new_context(
                base_url=url, viewport={"width": width, "height": height}, reduced_motion="reduce"
            )
            context.set_default_timeout(PATIENCE)
            page = context.new_page()
            sign_in(page)
            for shot in SHOTS:
                open_shot(page, shot)
                taken.append(folder / f"{shot.name}{ending}.png")
                # A window as high as the page: what sticks to its foot is there. On a phone that
                # would be a strip.
                if shot.whole and not ending:
                    whole = page.evaluate("document.documentElement.scrollHeight")
                    page.set_viewport_size({"width": width, "height": whole})
                    page.wait_for_timeout(QUIET)
                page.screenshot(path=taken[-1])
                page.set_viewport_size({"width": width, "height": height})
                on_taken(1)
            context.close()
    return taken


def sign_in(page: "Page") -> None:
    """As the demo store's owner."""
    page.goto("/admin/login/")
    page.locator("[name=username]").fill(LOGINS[0].email)
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/admin/**")


def open_shot(page: "Page", shot: Shot) -> None:
    """The page, when all that comes after it has come."""
    page.goto(shot.path)
    if shot.row:
        row = page.locator(shot.row).first.get_attribute("href") or ""
        page.goto(row.split("?")[0].removesuffix("change/") + (shot.then or "change/"))
    page.wait_for_timeout(QUIET)  # what is typed is counted a moment later
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(QUIET)
