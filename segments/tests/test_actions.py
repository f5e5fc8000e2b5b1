"""Segments are made, changed and deleted; each in the audit trail."""

import pytest

from customers.tests.builders import make_customer
from segments import due, keeping, removing
from segments.actions import (
    SegmentData,
    SegmentHasNoQuery,
    SegmentInUse,
    SegmentNameNotValid,
    SegmentNameTaken,
    create_segment,
    delete_segment,
    edit_segment,
)
from segments.language.problems import SegmentSyntaxError
from segments.models import Segment, SegmentMember, SegmentState
from segments.tests.conftest import inside
from tenants.audit import Actor
from tenants.models import AuditEntry, Tenant
from xeno.lib.errors import Mistake

pytestmark = pytest.mark.django_db
REGULARS = "number_of_orders > 5"


@pytest.fixture
def store(in_anas_store: Tenant) -> Tenant:
    return in_anas_store


def create(store: Tenant, *, imported: bool = False, **fields: object) -> Segment:
    data = SegmentData(**{"name": "Regulars", "query": REGULARS, **fields})
    return create_segment(actor=Actor(), tenant=store, data=data, imported=imported)


def edit(store: Tenant, segment: Segment, **fields: str) -> list[str]:
    return edit_segment(actor=Actor(), tenant=store, segment_id=segment.pk, **fields)


def test_a_segment_is_made_as_it_is_told(store):
    segment = create(store, name="  Regulars ", description="Six and more", template="regulars")

    assert (segment.name, segment.query, segment.kind) == ("Regulars", REGULARS, "dynamic")
    assert (segment.description, segment.template) == ("Six and more", "regulars")
    assert SegmentState.objects.get(segment=segment).stale_since is not None
    assert [line.action for line in AuditEntry.objects.all()] == ["segment.created"]


@pytest.mark.parametrize(
    ("fields", "mistake"),
    [
        ({"name": " "}, SegmentNameNotValid),
        ({"name": "x" * 256}, SegmentNameNotValid),
        ({"name": "a\nb"}, SegmentNameNotValid),
        ({"query": ""}, SegmentHasNoQuery),
        ({"kind": "static"}, SegmentHasNoQuery),
        ({"query": "number_of_orders >"}, SegmentSyntaxError),
    ],
)
def test_what_is_no_segment_is_refused(store, fields, mistake):
    with pytest.raises(mistake):
        create(store, **fields)
    assert not Segment.objects.exists()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (" ", "Name can't be blank"),
        (f" {'x' * 256} ", "Name is too long (maximum is 255 characters)"),
    ],
)
def test_the_name_is_judged_before_the_query_and_in_shopifys_words(store, name, told):
    segment = create(store)

    for write in (lambda: create(store, name=name, query="no query"),
                  lambda: edit(store, segment, name=name, query="no query")):  # fmt: skip
        with pytest.raises(SegmentNameNotValid) as refused:
            write()
        assert str(refused.value) == told


def test_a_taken_name_is_refused_and_numbered_only_at_import(store):
    create(store)

    with pytest.raises(SegmentNameTaken):
        create(store)
    imported = [create(store, imported=True).name for _ in range(2)]

    assert imported == ["Regulars (2)", "Regulars (3)"]


def test_a_changed_query_is_refreshed_and_keeps_the_old_members_until_then(store, keep):
    few, many = make_customer(store), make_customer(store, orders_count=6)
    segment = create(store)
    keep()

    changed = edit(store, segment, query="number_of_orders < 6", description="")
    meanwhile = inside(segment)
    keep()

    assert changed == ["query"]
    assert meanwhile == {many.pk}
    assert inside(segment) == {few.pk}


def test_what_is_not_changed_is_not_noted(store):
    segment = create(store)

    assert edit(store, segment, query=REGULARS, name="Regulars") == []
    assert AuditEntry.objects.count() == 1


def test_a_query_that_cannot_be_read_changes_nothing(store):
    segment = create(store)

    with pytest.raises(SegmentSyntaxError):
        edit(store, segment, query="no query", name="Other")

    segment.refresh_from_db()
    assert (segment.name, segment.query) == ("Regulars", REGULARS)


def test_the_space_around_a_query_counts_and_is_not_kept(store):
    segment = create(store, query=f" {REGULARS}\n")
    longer = "number_of_orders > 6".ljust(5_001)

    with pytest.raises(SegmentSyntaxError):
        create(store, name="Longer", query=longer)
    with pytest.raises(SegmentSyntaxError):
        edit(store, segment, query=longer)

    assert [each.query for each in Segment.objects.all()] == [REGULARS]


def test_a_segment_cannot_lead_back_to_itself(store):
    first = create(store, name="First")
    create(store, name="Second", query="segment('First') MATCHES ()")

    with pytest.raises(Mistake) as refused:
        edit(store, first, query="segment('Second') MATCHES ()")

    assert refused.value.code == "segments_in_a_circle"


def test_a_name_that_another_query_uses_stays(store):
    first = create(store, name="First")
    create(store, name="Second", query="segment('First') MATCHES ()")

    with pytest.raises(SegmentInUse):
        edit(store, first, name="Other")

    first.refresh_from_db()
    assert first.name == "First"


@pytest.mark.parametrize("naming", ["segment(", "segment (", "segment\n(", "segment/* */("])
def test_a_segment_follows_the_query_of_one_that_it_names(store, keep, naming):
    kim, lee = make_customer(store, orders_count=6), make_customer(store, orders_count=1)
    first = create(store, name="First")
    second = create(store, name="Second", query=f"{naming}'First') MATCHES ()")
    keep()
    before = inside(second)

    edit(store, first, query="number_of_orders < 6")
    keep()

    assert before == {kim.pk}
    assert inside(second) == {lee.pk}


def test_a_segment_that_another_names_is_not_deleted(store):
    first = create(store, name="First")
    create(store, name="Second", query=f"segment('{first.pk}') MATCHES ()")

    with pytest.raises(SegmentInUse):
        delete_segment(actor=Actor(), tenant=store, segment_id=first.pk)
    assert Segment.objects.filter(pk=first.pk).exists()


def test_a_deleted_segment_is_gone_at_once_and_its_rows_batch_by_batch(store, keep, monkeypatch):
    monkeypatch.setattr(removing, "MEMBERS", removing.MEMBERS.replace("5000", "2"))
    monkeypatch.setattr(removing, "BATCH", 2)
    people = [make_customer(store, orders_count=6) for _ in range(3)]
    segment = create(store)
    keep()

    delete_segment(actor=Actor(), tenant=store, segment_id=segment.pk)
    seen, rows = Segment.objects.exists(), SegmentMember.objects.count()
    create(store)  # the name is free
    assert due.is_due(tenant=store)
    keeping.keep(tenant=store, seconds=60)

    assert (seen, rows) == (False, len(people))
    assert not SegmentMember.objects.filter(segment_id=segment.pk).exists()
    assert SegmentState.objects.count() == 1
