"""Segments of a text become segments, each as a whole or with its reasons."""

import pytest

from segments.exchange.exporting import export_text
from segments.exchange.importing import NothingToImport, import_text
from segments.models import Segment
from tenants.audit import Actor

TEXT = """\
[Regulars of mine]
# Of whom I am fond
    segment('Regulars') MATCHES ()

[Regulars]
    number_of_orders >= 3

[Old words]
    products_purchased(id: 1234) = true AND last_order_date >= 30_days_ago

[Broken]
    number_of_order > 1 AND
    customer_tags = 'vip'

[Empty]
"""


@pytest.fixture
def bring(in_anas_store):
    """Imports a text into Ana's store; what became of each, by the name that was asked for."""

    def bring(text, **options):
        done = import_text(actor=Actor(), tenant=in_anas_store, text=text, **options)
        return {each.asked_name: each for each in done}

    return bring


def outcomes(done):
    return {name: each.outcome.value for name, each in done.items()}


def test_each_is_made_as_a_whole_or_not_at_all(bring):
    done = bring(TEXT)

    assert outcomes(done) == {
        "Regulars of mine": "created", "Regulars": "created", "Old words": "created",
        "Broken": "refused", "Empty": "refused",
    }  # fmt: skip
    assert set(Segment.objects.values_list("name", flat=True)) == {
        "Regulars of mine", "Regulars", "Old words",
    }  # fmt: skip
    assert Segment.objects.get(name="Regulars of mine").description == "Of whom I am fond"


def test_what_is_wrong_is_told_with_its_place(bring):
    done = bring(TEXT)

    misspelt, wrong = done["Broken"].problems
    assert done["Broken"].line == 11
    assert (misspelt.more["line"], misspelt.more["suggestion"]) == (1, "number_of_orders")
    assert wrong.more["line"] == 2
    assert [each.code for each in done["Empty"].problems] == ["blank"]


def test_the_name_is_judged_before_the_query(bring):
    [told] = bring(f"[{'x' * 256}]\nno query").values()

    assert [each.code for each in told.problems] == ["segment_name_not_valid"]


def test_older_spellings_are_rewritten(bring):
    done = bring(TEXT)

    assert done["Old words"].query == (
        "products_purchased MATCHES (id = 1234) AND last_order_date >= -30d"
    )
    assert len(done["Old words"].rewritten) == 2


def test_the_same_again_is_there_already_and_another_of_the_name_gets_a_number(bring):
    bring("[VIP]\n    number_of_orders >= 5\n")

    again = bring("[VIP]\n    number_of_orders >= 5\n")
    other = bring("[VIP]\n    number_of_orders >= 9\n")

    assert (again["VIP"].outcome.value, other["VIP"].outcome.value) == ("same", "created")
    assert other["VIP"].name == "VIP (2)"
    assert Segment.objects.count() == 2


def test_a_dry_run_says_the_same_and_leaves_nothing(bring):
    tried = bring(TEXT, dry_run=True)

    assert not Segment.objects.exists()
    assert outcomes(tried) == outcomes(bring(TEXT))


def test_a_text_without_a_segment_is_refused(bring):
    with pytest.raises(NothingToImport):
        bring("number_of_orders > 3")


def test_what_was_exported_is_there_already(bring, in_anas_store):
    bring(TEXT)
    Segment.objects.create(name="By hand", kind="static")

    text = export_text(tenant=in_anas_store)
    done = bring(text)

    assert "# Put together by hand, so not in this file: By hand" in text
    assert set(outcomes(done).values()) == {"same"}
    assert len(done) == 3


def test_it_is_there_over_the_api(ana_api, in_anas_store):
    told = ana_api.post("/segments/import", {"text": TEXT}, format="json").json()
    text = ana_api.get("/segments/export").json()["text"]

    broken = next(each for each in told["segments"] if each["asked_name"] == "Broken")
    assert (broken["outcome"], broken["line"], broken["problems"][0]["line"]) == ("refused", 11, 1)
    assert "[Regulars]\n    number_of_orders >= 3\n" in text
