"""Rows 75 and 86 of the faults: every role on every page of the admin, as the table says."""

from contextlib import nullcontext

import pytest
from django.contrib import admin
from django.urls import URLResolver, get_resolver, resolve, reverse

from tests.rights.cast import ROLES, holds, ids_of
from tests.rights.pages import PAGES_OF_ADMINS, PAGES_OF_SITE
from tests.rights.unchanged import unchanged, undone, unpainted
from tests.test_walls_routes import NO_SIGN_IN

pytestmark = pytest.mark.django_db

VISITORS = (*ROLES, "operator", "newcomer", "nobody")
ALLOWED = {"GET": {200}, "POST": {200, 302}}
SENT = {"GET": None, "POST": {"post": "yes", "name": "Changed", "role": "analyst"}}
POST = {"post": "yes"}
FORMS = {
    "/admin/switch-store/": {"store": "{tenant}"},
    "/admin/webhooks/export/new/": {"kind": "customers"},
    "/account/name": {"name": "Another"},
    "/account/reset": {"email": "nobody@example.com"},
}
# Rows that only who made them sees: to the others it is as if there were none.
OF_ONE_PERSON = {"Export"}
LOGIN = "Location: /admin/login/"


def patterns(found, prefix=""):
    """Every page of a person's."""
    for pattern in found:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from patterns(pattern.url_patterns, path)
        elif path.startswith(("admin", "account")):
            yield path


def model_of(name):
    """The admin's model of this name."""
    return next(model for model in admin.site._registry if model.__name__ == name)


def url_of(page, asked):
    """The page's path, about the row that is asked for."""
    meta = model_of(page.admin)._meta
    args = [] if page.page in ("changelist", "add") else [asked.ids[meta.model]]
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page.page}", args=args)


def may(name, needs):
    """Whether this page is for them."""
    if name == "nobody" or needs in ("-", "PUBLIC"):
        return needs == "PUBLIC"
    if name == "operator":
        return needs not in ("TEAM", "OWNER")
    return needs == "SIGNED_IN" or (name in ROLES and (needs == "TEAM" or holds(name, needs)))


def path_of(row, asked):
    """The path of a page of the site, about the row that is asked for."""
    return row.path.format(**ids_of(asked), nowhere=NO_SIGN_IN)


def check_refused(name, answer):
    """Nobody is sent to sign in; everybody else is told that they may not."""
    if name == "nobody":
        assert answer.status == 302
        assert LOGIN in answer.headers
    else:
        assert answer.status == 403, name


def of(row):
    """The row as a test's parameter."""
    return pytest.param(row, id=str(row))


def test_f086_every_page_is_in_the_table(shops):
    served = {path.replace("^", "") for path in patterns(get_resolver().url_patterns)}
    asked = [url_of(page, shops.ana.asked) for page in PAGES_OF_ADMINS]
    asked += [path_of(row, shops.ana.asked) for row in PAGES_OF_SITE]
    listed = {resolve(path).route.replace("^", "") for path in asked}
    # What sends on from an older address of a row.
    redirects = {path for path in served if path.endswith("<path:object_id>/")}

    assert served - redirects == listed
    assert {model.__name__ for model in admin.site._registry} == {p.admin for p in PAGES_OF_ADMINS}


@pytest.mark.parametrize("page", map(of, PAGES_OF_ADMINS))
def test_f075_f086_who_may_not_see_a_page_is_refused_and_changes_nothing(page, cast):
    refused = [name for name in VISITORS if not may(name, page.needs)]
    with unchanged(cast.store, cast.foreign_store), unpainted():
        for name in refused:
            browser, url = cast.browsers[name], url_of(page, cast.asked)
            check_refused(name, browser.ask(url, page.method, SENT[page.method]))


@pytest.mark.parametrize("page", map(of, PAGES_OF_ADMINS))
def test_f086_who_may_see_a_page_sees_it(page, cast):
    for name in filter(lambda name: may(name, page.needs), VISITORS):
        with undone():
            answer = cast.browsers[name].ask(
                url_of(page, cast.asked), page.method, SENT[page.method]
            )
            foreign = page.admin in OF_ONE_PERSON and page in ABOUT_ROWS
            assert answer.status in ({302} if foreign else ALLOWED[page.method]), name
            assert LOGIN not in answer.headers


ABOUT_ROWS = [page for page in PAGES_OF_ADMINS if page.page not in ("changelist", "add")]


@pytest.mark.parametrize("page", [of(page) for page in ABOUT_ROWS if page.admin != "User"])
def test_f075_f086_of_another_store_no_role_sees_a_page(page, cast):
    refused = [name for name in ROLES if not may(name, page.needs)]
    with unchanged(cast.store, cast.foreign_store):
        for name in ROLES:
            # One refusal's HTML tells that of all; the rest of an answer is each role's own.
            with nullcontext() if may(name, page.needs) or name == refused[0] else unpainted():
                foreign, absent = (
                    cast.browsers[name].ask(url_of(page, of), page.method, POST).about(of)
                    for of in (cast.shops.cy.asked, cast.shops.cy.absent)
                )
            assert foreign == absent, name
            assert foreign.status == (302 if may(name, page.needs) else 403), name


@pytest.mark.parametrize("row", map(of, PAGES_OF_SITE))
def test_f086_the_pages_of_the_site(row, cast):
    form = {k: v.format(**ids_of(cast.asked)) for k, v in FORMS.get(row.path, {}).items()}
    for name in VISITORS:
        with undone():
            answer = cast.browsers[name].ask(path_of(row, cast.asked), row.method, form or None)
            if may(name, row.needs):
                assert answer.status in row.statuses, name
            else:
                check_refused(name, answer)


@pytest.mark.parametrize("row", [of(row) for row in PAGES_OF_SITE if row.path.startswith(
    "/admin/tenants/")])  # fmt: skip
def test_f075_f086_a_button_about_a_foreign_row_does_what_one_about_none_does(row, cast):
    with unchanged(cast.store, cast.foreign_store):
        for name in ROLES:
            foreign, absent = (
                cast.browsers[name].ask(path_of(row, asked), row.method).about(asked)
                for asked in (cast.shops.cy.asked, cast.shops.cy.absent)
            )
            assert foreign == absent, name
            assert foreign.status in (403, 404), name
