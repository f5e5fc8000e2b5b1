"""Every page of the admin, as Cy and as an operator who has Cy's store open: nothing of Ana's.

Rows 73, 75 and 83 of the faults. An admin class that is not listed here fails.
"""

import re

import pytest
from django.contrib import admin
from django.contrib.admin import SimpleListFilter
from django.urls import reverse

from tenants.scoping.tabs import TABS
from tests.canaries import ANA, CY
from tests.rows import owned_models
from tests.visits import Visitor, still
from webhooks.models import Delivery
from webhooks.privacy.tables import children_first
from xeno.lib.postgres.scope import tenant_scope

pytestmark = pytest.mark.usefixtures("transactional_db")

# Every admin class, by its model.
ADMINS = (
    "Tenant", "Membership", "Invitation", "ApiKey", "User", "AuditEntry", "Customer", "Order",
    "Product", "Checkout", "Delivery", "PrivacyRequest", "Sync",
    "Edit", "Segment", "Export", "Import",
    "Campaign", "LocalMail", "Suppression", "Sender", "Topic", "Template",
)  # fmt: skip
# Which of an admin class's actions there are: what a list can do to chosen rows.
ACTIONS = {"Delivery": {"replay"}, "Edit": {"replay"}}
PEOPLE = ("cy", "operator")
# An operator may open any store, so these show them every store and everybody.
OPERATORS_PAGES = ("Tenant", "User")
FOREIGN = [
    (who, name) for who in PEOPLE for name in ADMINS
    if who == "cy" or name not in OPERATORS_PAGES
]  # fmt: skip


@pytest.fixture(scope="module")
def transactional_db(shops):
    """In place of pytest-django's; by this name it knows that a test database is wanted."""


@pytest.fixture(scope="module")
def browsers(shops):
    return {
        "cy": Visitor(shops.cy.owner),
        "operator": Visitor(shops.operator, store=shops.cy.tenant),
    }


@pytest.fixture(params=PEOPLE)
def who(request):
    return request.param


@pytest.fixture
def ask(who, browsers):
    """The page as this person, which shows nothing of Ana's but what an operator may see."""

    def ask(path, method="GET", data=None, *, asked=None, of="row"):
        answer = browsers[who].ask(path, method, data)
        answer = answer.about(asked) if asked else answer
        shop_too = who != "operator" or of not in OPERATORS_PAGES
        assert not ANA.traces(answer.text, shop_too=shop_too), (path, data)
        return answer

    return ask


def model_of(name):
    return next(model for model in admin.site._registry if model.__name__ == name)


def url_of(name, page, *args):
    meta = model_of(name)._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_{page}", args=args)


def filters_of(name):
    """Each filter's parameter with values that mean something, and some that mean nothing."""
    for item in (
        *admin.site._registry[model_of(name)].list_filter,
        *TABS[model_of(name)._meta.label],
    ):
        if isinstance(item, tuple):
            yield f"{item[0]}_from", ["2020-01-01"]
            yield f"{item[0]}_to", ["2030-01-01"]
        else:
            assert issubclass(item, SimpleListFilter)
            options = [str(value) for value, _ in getattr(item, "options", ())]
            yield item.parameter_name, options[:1] or ["r"]


def queries_of(name):
    """Every way to narrow, sort and turn the pages of a list."""
    page = admin.site._registry[model_of(name)]
    yield from ({}, {"q": "r"}, {"p": "2"}, {"all": "", "_facets": "True"}, {"_popup": "1"})
    yield from ({"o": f"-{number}"} for number in range(1, len(page.list_display) + 2))
    yield from ({parameter: value} for parameter, values in filters_of(name) for value in values)


def relations(model, path="", depth=2):
    """Lookups on a model's own columns and through each of its relations."""
    columns = model._meta.concrete_fields
    yield from (f"{path}{column.name}__gte" for column in columns[:: 1 + 3 * bool(path)])
    for column in columns:
        if column.related_model and depth:
            yield f"{path}{column.name}"
            yield from relations(column.related_model, f"{path}{column.name}__", depth - 1)


def test_f075_every_admin_class_is_listed():
    assert {model.__name__ for model in admin.site._registry} == set(ADMINS)
    for model, page in admin.site._registry.items():
        assert {action.__name__ if callable(action) else action for action in page.actions} == (
            ACTIONS.get(model.__name__, set())
        )
        assert not page.inlines


@pytest.mark.parametrize("name", ADMINS)
def test_f075_no_list_shows_what_is_anas(name, ask, who):
    shown = 0
    for query in list(queries_of(name))[: None if who == "cy" else 2]:
        answer = ask(url_of(name, "changelist"), data=query, of=name)
        assert answer.status in (200, 302, 403), query
        shown += bool(CY.traces(answer.body))

    assert shown or (who, name) == ("cy", "User")


@pytest.mark.parametrize(("who", "name"), [case for case in FOREIGN if case[0] == "cy"])
def test_f083_searching_for_anas_words_finds_what_searching_for_none_does(name, ask, shops):
    """The search field, the filters by word, and the links from other pages."""
    words = ANA.traces(str(vars(shops.ana.rows[model_of(name)])))
    fields = ["q", *(parameter for parameter, _ in filters_of(name))]
    word = max(words)  # letters, not digits
    for field in fields:
        found, none = (
            ask(url_of(name, "changelist"), data={field: said}, asked=Word(said))
            for said in (word, "y" * len(word))
        )
        assert found == none, (field, word)


class Word:
    """A searched word, which the page repeats in its field."""

    def __init__(self, word):
        self.word = word

    def hide(self, text):
        return re.sub(self.word, "ASKED", text, flags=re.IGNORECASE)


@pytest.mark.parametrize("page", ["change", "history", "delete"])
@pytest.mark.parametrize(("who", "name"), [case for case in FOREIGN if case[0] == "operator"])
def test_f075_f083_a_foreign_row_is_as_absent_as_none(name, page, ask, shops):
    model, before = model_of(name), shops.fingerprint()

    for method, data in (("GET", None), ("POST", {"post": "yes", "name": "Cy was here"})):
        foreign, absent = (
            ask(url_of(name, page, asked.ids[model]), method, data, asked=asked)
            for asked in (shops.ana.asked, shops.ana.absent)
        )
        assert foreign == absent

    assert shops.fingerprint() == before


@pytest.mark.parametrize("name", ADMINS)
def test_f075_cys_own_pages_show_hers_alone(name, ask, shops):
    pk = shops.cy.asked.ids[model_of(name)]

    answers = [ask(url_of(name, page, pk), of=name) for page in ("change", "history", "delete")]
    answers.append(ask(url_of(name, "add"), of=name))

    if answers[0].status == 200:
        assert CY.traces(answers[0].body)
        assert CY.traces(answers[1].body)
    assert all(answer.status in (200, 302, 403) for answer in answers)


@pytest.mark.parametrize("page", ["/admin/", "/admin/choose-store/", "/admin/jsi18n/",
                                  "/admin/password_change/", "/admin/search/?s=r", "/account/",
                                  "/account/two-factor"])  # fmt: skip
def test_f075_no_page_of_the_site_shows_what_is_anas(page, ask):
    ask(page, of="Tenant" if page == "/admin/choose-store/" else "")


# --- Autocomplete and dropdowns ---------------------------------------------------------


def keys():
    """Every foreign key of every model that there is a page for."""
    for model in admin.site._registry:
        for column in model._meta.concrete_fields:
            if column.related_model:
                yield column


@pytest.mark.parametrize("column", keys(), ids=str)
def test_f075_no_autocomplete_offers_what_is_anas(column, ask):
    meta, target = column.model._meta, column.related_model.__name__
    for term in ("", "rowof", "shopof"):
        query = {"app_label": meta.app_label, "model_name": meta.model_name,
                 "field_name": column.name, "term": term}  # fmt: skip
        ask("/admin/autocomplete/", data=query, of=target)


def test_f075_no_form_offers_a_choice_of_rows(rf, shops):
    """A dropdown's choices are a list of a table, whoever looks."""
    request = rf.get("/")
    request.user, request.tenant = shops.operator, shops.cy.tenant
    with tenant_scope(shops.cy.tenant.pk):
        for model, page in admin.site._registry.items():
            row = shops.cy.rows[model]
            for field in page.get_form(request, row, change=True).base_fields.values():
                assert not hasattr(field, "queryset"), (model, field)


# --- Row 73: what the address bar may ask -----------------------------------------------


@pytest.mark.parametrize(
    ("who", "name"), [("operator" if name == "User" else "cy", name) for name in ADMINS]
)
def test_f073_no_lookup_goes_through_a_relation(name, ask):
    page = admin.site._registry[model_of(name)]
    for lookup in relations(model_of(name)):
        if lookup not in page.linked_by:
            assert ask(url_of(name, "changelist"), data={lookup: "1"}, of=name).status == 400, (
                lookup
            )


@pytest.mark.parametrize("name", ["Order", "Checkout", "LocalMail"])
def test_f073_a_link_to_a_foreign_row_lists_nothing(name, ask, shops):
    for link in admin.site._registry[model_of(name)].linked_by:
        target = model_of(name)._meta.get_field(link).related_model
        foreign, absent = (
            ask(url_of(name, "changelist"), data={link: asked.ids[target]}, asked=asked)
            for asked in (shops.ana.asked, shops.ana.absent)
        )
        assert foreign == absent
        own = ask(url_of(name, "changelist"), data={link: shops.cy.asked.ids[target]})
        assert len(CY.traces(own.body)) > len(CY.traces(foreign.body))


# --- Actions ----------------------------------------------------------------------------


@pytest.mark.parametrize("across", ["0", "1"])
def test_f075_an_action_on_foreign_rows_does_what_one_on_none_does(across, ask, shops):
    for name, actions in ACTIONS.items():
        for action in actions:
            before = shops.fingerprint()
            foreign, absent = (
                ask(url_of(name, "changelist"), "POST", {
                    "action": action, "_selected_action": [asked.ids[model_of(name)]],
                    "select_across": across,
                }, asked=asked)
                for asked in (shops.ana.asked, shops.ana.absent)
            )  # fmt: skip
            assert foreign.status == absent.status
            assert across == "1" or foreign == absent
            assert shops.fingerprint() == before


def test_f075_a_replay_of_own_and_foreign_rows_replays_the_own(ask, shops):
    before, chosen = (
        shops.fingerprint(),
        [shop.asked.ids[Delivery] for shop in (shops.ana, shops.cy)],
    )
    with tenant_scope(shops.cy.tenant.pk):
        Delivery.objects.filter(pk=chosen[1]).update(state="parked")

    answer = ask(url_of("Delivery", "changelist"), "POST",
                 {"action": "replay", "_selected_action": chosen})  # fmt: skip

    assert answer.said == ("1 of 1 chosen deliveries will be applied again.",)
    assert shops.fingerprint() == before


# --- Last: nothing at all depends on what Ana has ------------------------------------------


def test_f075_what_cy_sees_is_the_same_when_ana_has_nothing(browsers, shops):
    """Sums, counts and orders too, which hold no canary."""
    pages = ["/admin/", *(url_of(name, "changelist") for name in ADMINS)]
    pages += [url_of(name, "change", shops.cy.asked.ids[model_of(name)]) for name in ADMINS]
    pages.remove(url_of("AuditEntry", "changelist"))  # tells of this very reading
    before = {page: still(browsers["cy"].ask(page).body) for page in pages}

    empty_of(shops.ana.tenant, shops.owner)

    for page, body in before.items():
        assert still(browsers["cy"].ask(page).body) == body, page


def empty_of(tenant, owner):
    """Throw away every row of one store."""
    for model in children_first(owned_models()):
        owner.execute(f'DELETE FROM "{model._meta.db_table}" WHERE tenant_id = %s', (tenant.pk,))
