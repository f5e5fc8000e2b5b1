"""Segments in and out as text, tags for their customers, Shopify's own."""

from django.core.files.uploadedfile import SimpleUploadedFile

from customers.models import CustomerTag
from segments.models import Segment
from tests.segment_pages.conftest import PAGES
from xeno.lib.postgres.scope import tenant_scope

TEXT = """[VIP]
number_of_orders >= 5

[Broken]
number_of_ordrs > 1
"""


def names(store):
    with tenant_scope(store.pk):
        return set(Segment.objects.values_list("name", flat=True))


def test_a_text_is_tried_before_it_is_kept(anas, anas_store):
    page = anas.post(f"{PAGES}transfer/", {"text": TEXT, "how": "try"})

    assert [result.outcome for result in page.context["results"]] == ["created", "refused"]
    assert "number_of_ordrs" in page.text
    assert "Import 1" in page.text
    assert names(anas_store) == set()


def test_what_can_be_read_is_imported_and_the_rest_is_told(anas, anas_store):
    page = anas.post(f"{PAGES}transfer/", {"text": TEXT, "how": "import"}, follow=True)

    assert "1 segment imported. 1 could not be read." in page.text
    assert names(anas_store) == {"VIP"}


def test_a_file_does_as_well(anas, anas_store):
    file = SimpleUploadedFile("segments.txt", TEXT.encode())

    anas.post(f"{PAGES}transfer/", {"file": file, "how": "import"})

    assert names(anas_store) == {"VIP"}


def test_a_text_without_segments_is_refused_in_words(anas):
    assert "A segment begins" in anas.post(f"{PAGES}transfer/", {"text": "hello"}).text


def test_an_export_is_a_file_that_comes_back_the_same(anas, anas_store, make):
    make("number_of_orders >= 5", name="VIP", description="Many orders")
    exported = anas.get(f"{PAGES}export-all/")

    again = anas.post(f"{PAGES}transfer/", {"text": exported.text, "how": "try"})

    assert exported.headers["Content-Disposition"].startswith("attachment")
    assert [result.outcome for result in again.context["results"]] == ["same"]


def test_one_segment_is_exported_by_its_name(anas, make):
    answer = anas.get(f"{PAGES}{make('number_of_orders >= 5', name='VIP').pk}/export/")

    assert 'filename="vip.txt"' in answer.headers["Content-Disposition"]
    assert "number_of_orders >= 5" in answer.text


def test_everybody_in_a_segment_is_tagged(anas, anas_store, make, people, keep):
    segment = make("number_of_orders >= 1")
    keep()

    anas.post(f"{PAGES}{segment.pk}/tag/", {"add": "spring, new"})

    with tenant_scope(anas_store.pk):
        tagged = CustomerTag.objects.filter(tag_key="spring", present=True)
        assert set(tagged.values_list("customer__first_name", flat=True)) == {"Kim", "Lee"}


def test_no_tag_at_all_is_refused_in_words(anas, make):
    page = anas.post(f"{PAGES}{make('number_of_orders >= 1').pk}/tag/", {"add": " , "})

    assert "Name a tag" in page.text


def test_a_store_that_is_not_connected_fetches_nothing_and_says_why(anas):
    page = anas.post(f"{PAGES}fetch/", follow=True)

    assert page.redirect_chain[0][0] == f"{PAGES}transfer/"
    assert "connect" in page.text.lower()


def test_the_analyst_may_take_the_text_and_bring_none(bens, anas_store):
    assert bens.get(f"{PAGES}export-all/").status_code == 200
    assert bens.get(f"{PAGES}transfer/").status_code == 200
    for path in ("transfer/", "fetch/"):
        assert bens.post(PAGES + path, {"text": TEXT, "how": "import"}).status_code == 403
    assert names(anas_store) == set()
