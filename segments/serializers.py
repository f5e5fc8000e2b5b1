"""Segments, their language and their members as the API shows them."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from customers.serializers import CustomerSerializer
from segments.actions import BLANK_NAME, LONG_NAME, LONGEST_NAME
from segments.jobs.models import SegmentJob
from segments.language import Advice
from segments.models import Segment
from segments.preview import Preview
from xeno.lib.api.rows import IdField, RowSerializer
from xeno.lib.api.schema import ErrorSerializer

MOST_CHARACTERS = 5_000


class SegmentSerializer(RowSerializer):
    """A segment, with how many are in it and how far that follows."""

    id = IdField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    kind = serializers.ChoiceField(choices=Segment.Kind.choices)
    query = serializers.CharField(allow_blank=True, help_text="Empty for a static one")
    shopify_id = IdField(allow_null=True, help_text="Of the segment that it was fetched from")
    template = serializers.CharField(allow_null=True, help_text="That it was made from")
    members_count = serializers.IntegerField()
    as_of = serializers.DateTimeField(
        allow_null=True,
        help_text="Everything written before is in the members; null before the first refresh",
    )
    pending = serializers.BooleanField(help_text="Something written since then waits")
    refreshed_at = serializers.DateTimeField(allow_null=True, help_text="The last whole refresh")
    trouble = serializers.CharField(allow_null=True, help_text="Why it does not follow, as a code")
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField(help_text="When it was last edited")

    def shape(self, row: Any) -> dict[str, Any]:
        fresh = row.freshness
        return {
            "id": str(row.pk),
            "name": row.name,
            "description": row.description,
            "kind": row.kind,
            "query": row.query,
            "shopify_id": None if row.shopify_id is None else str(row.shopify_id),
            "template": row.template or None,
            "members_count": fresh.members_count,
            "as_of": fresh.as_of,
            "pending": fresh.pending,
            "refreshed_at": fresh.refreshed_at,
            "trouble": fresh.trouble or None,
            "created_at": row.created_at,
            "updated_at": row.updated_at,
        }


class NameField(serializers.CharField):
    """What a segment is called; its errors are in Shopify's words."""

    default_error_messages = {"blank": BLANK_NAME, "max_length": LONG_NAME}

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=LONGEST_NAME, **options)


class NewSegmentSerializer(serializers.Serializer[Any]):
    """A segment to be made. With `template`, what is not given is the template's."""

    name = NameField(required=False)
    description = serializers.CharField(required=False, allow_blank=True, max_length=5_000)
    kind = serializers.ChoiceField(
        choices=Segment.Kind.choices, required=False, help_text="dynamic unless you say static"
    )
    query = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, help_text="Of a dynamic one"
    )
    template = serializers.CharField(required=False, help_text="The id of a template")


class SegmentEditSerializer(serializers.Serializer[Any]):
    """What of a segment can be changed; a changed query is refreshed by a worker."""

    name = NameField(required=False)
    description = serializers.CharField(required=False, allow_blank=True, max_length=5_000)
    query = serializers.CharField(required=False, allow_blank=True, trim_whitespace=False)


# --- The language ---------------------------------------------------------------------------


@extend_schema_field(OpenApiTypes.OBJECT)
class TreeField(serializers.JSONField):
    """A query as JSON: `{"all": [...]}`, `{"any": [...]}` or a clause."""


class QuerySerializer(serializers.Serializer[Any]):
    """A query, as text or as a tree of clauses."""

    query = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, help_text="The text"
    )
    tree = TreeField(required=False, help_text="Or the same as JSON")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("query" in attrs) is ("tree" in attrs):
            raise serializers.ValidationError({"query": "Send either query or tree."}, "invalid")
        return attrs


class AdviceSerializer(RowSerializer):
    """Something that is allowed and probably not meant, and where it stands in the text."""

    code = serializers.CharField()
    detail = serializers.CharField()
    line = serializers.IntegerField(help_text="From 1")
    column = serializers.IntegerField(help_text="From 0")
    length = serializers.IntegerField()

    def shape(self, row: Advice) -> dict[str, Any]:
        return {
            "code": row.code,
            "detail": row.message,
            "line": row.at.line,
            "column": row.at.column,
            "length": row.at.length,
        }


class ParsedSerializer(serializers.Serializer[Any]):
    """A query in both of its forms, written as it is written best."""

    query = serializers.CharField()
    tree = TreeField()
    warnings = AdviceSerializer(many=True, help_text="Older spellings were rewritten: `rewritten`")


class EstimateSerializer(RowSerializer):
    """That only some customers were asked: the count is their share of all."""

    asked = serializers.IntegerField(help_text="So many customers were asked")
    of = serializers.IntegerField(help_text="Of so many")
    error = serializers.IntegerField(help_text="The count is within it in 19 cases of 20")

    def shape(self, row: Preview) -> dict[str, Any]:
        return {"asked": row.asked, "of": row.of, "error": row.error}


class PreviewSerializer(serializers.Serializer[Any]):
    """Whom a query finds now."""

    count = serializers.IntegerField()
    estimate = EstimateSerializer(
        allow_null=True, help_text="Null where the count is exact: it took at most two seconds"
    )
    sample = CustomerSerializer(
        many=True, allow_null=True, help_text="25 at most; null without the right to see customers"
    )
    warnings = AdviceSerializer(many=True)


class ParameterSerializer(serializers.Serializer[Any]):
    """A parameter of a function."""

    name = serializers.CharField()
    type = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF's own word
    aggregate = serializers.BooleanField(help_text="It tests the chosen events together")
    operators = serializers.ListField(child=serializers.CharField())
    most_values = serializers.IntegerField(help_text="Of IN")


class AttributeSerializer(serializers.Serializer[Any]):
    """What can be asked of a customer."""

    name = serializers.CharField(help_text="A family ends with a dot, such as `customer.`")
    type = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]  # DRF's own word
    help = serializers.CharField(allow_blank=True)
    operators = serializers.ListField(child=serializers.CharField())
    values = serializers.ListField(child=serializers.CharField(), help_text="Of an enum")
    parameters = ParameterSerializer(many=True)
    takes_argument = serializers.BooleanField(help_text="Written name('argument')")
    completes = serializers.CharField(allow_blank=True, help_text="What its values are, by name")
    extension = serializers.BooleanField(help_text="Ours: Shopify does not know it")
    has_data = serializers.BooleanField(help_text="Without data it is empty for everybody")


class SegmentTemplateSerializer(serializers.Serializer[Any]):
    """A segment to begin from: POST /segments with its id as `template`."""

    id = serializers.CharField()
    name = serializers.CharField()
    purpose = serializers.CharField()
    query = serializers.CharField()
    default = serializers.BooleanField(help_text="Shopify makes it in each new store")


# --- Members --------------------------------------------------------------------------------


class SegmentCustomerSerializer(CustomerSerializer):
    """A customer in a segment."""

    joined_at = serializers.DateTimeField(help_text="Of this stay")


class MembershipSerializer(RowSerializer):
    """That a customer was in a segment, from when to when."""

    customer = IdField()
    joined_at = serializers.DateTimeField()
    left_at = serializers.DateTimeField(allow_null=True)

    def shape(self, row: Any) -> dict[str, Any]:
        return {
            "customer": str(row["customer"]),
            "joined_at": row["valid_from"],
            "left_at": row["valid_to"],
        }


class DiffSerializer(serializers.Serializer[Any]):
    """Who came or went between two moments, in pages."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = MembershipSerializer(many=True)
    joined = serializers.IntegerField(help_text="How many joined")
    left = serializers.IntegerField(help_text="How many left")
    to = serializers.DateTimeField()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "from": serializers.DateTimeField()}


class GrowthSerializer(serializers.Serializer[Any]):
    """A segment on one of the store's days."""

    day = serializers.DateField()
    joined = serializers.IntegerField()
    left = serializers.IntegerField()
    members = serializers.IntegerField(help_text="At the day's end")


class ChooseSerializer(serializers.Serializer[Any]):
    """Customers: by their ids, or all who are in another segment, or whom a query finds now."""

    customers = serializers.ListField(
        child=serializers.RegexField(r"\A[1-9][0-9]{0,18}\Z"),
        required=False,
        max_length=10_000,
        help_text="Our ids",
    )
    segment = serializers.RegexField(
        r"\A[1-9][0-9]{0,18}\Z", required=False, help_text="The id of another segment"
    )
    query = serializers.CharField(required=False, trim_whitespace=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if len(attrs) != 1:
            words = "Send one of customers, segment and query."
            raise serializers.ValidationError({"customers": words}, "invalid")
        return attrs


class MovedSerializer(serializers.Serializer[Any]):
    """How many it was news for."""

    moved = serializers.IntegerField()


class VerdictSerializer(serializers.Serializer[Any]):
    """One clause, or several joined by `and` or `or` (then `parts` has them as verdicts)."""

    clause = serializers.CharField(allow_null=True, help_text="As it is written")
    joined = serializers.ChoiceField(choices=["and", "or"], allow_null=True)
    holds = serializers.BooleanField()
    facts = serializers.DictField(help_text="What decided it, by name")
    parts = serializers.ListField(child=serializers.DictField())


class ExplanationSerializer(serializers.Serializer[Any]):
    """Why a customer is in a segment, or is not."""

    segment = IdField()
    customer = IdField()
    member = serializers.BooleanField(help_text="Whether they are in it as of now")
    holds = serializers.BooleanField(help_text="Whether its query finds them right now")
    verdict = VerdictSerializer(allow_null=True, help_text="Null for a static segment")
    changes_on = serializers.DateField(
        allow_null=True, help_text="The day on which the answer changes by itself"
    )


# --- Work, and texts ------------------------------------------------------------------------


class TagSerializer(serializers.Serializer[Any]):
    """Tags for everybody in a segment; Shopify is told by itself."""

    add = serializers.ListField(child=serializers.CharField(), required=False, max_length=20)
    remove = serializers.ListField(child=serializers.CharField(), required=False, max_length=20)


class ImportedSerializer(serializers.Serializer[Any]):
    """What became of one segment of an import."""

    asked_name = serializers.CharField()
    outcome = serializers.ChoiceField(choices=["created", "same", "refused"])
    name = serializers.CharField(allow_blank=True, help_text="What it is called here")
    segment = IdField(allow_null=True)
    line = serializers.IntegerField(help_text="Where it stands in a text; 0 where there is none")
    problems = ErrorSerializer(many=True)
    rewritten = serializers.ListField(
        child=serializers.CharField(), help_text="Older spellings that have today's in their place"
    )


class SegmentJobSerializer(RowSerializer):
    """Work on segments: `done` of `total` customers or segments, of which `changed` were news."""

    id = IdField()
    kind = serializers.ChoiceField(choices=SegmentJob.Kind.choices)
    state = serializers.ChoiceField(choices=SegmentJob.State.choices)
    segment = IdField(allow_null=True)
    add_tags = serializers.ListField(child=serializers.CharField())
    remove_tags = serializers.ListField(child=serializers.CharField())
    total = serializers.IntegerField(allow_null=True, help_text="Null where nobody knows yet")
    done = serializers.IntegerField()
    changed = serializers.IntegerField()
    trouble = serializers.CharField(allow_null=True, help_text="Why it waits or failed, as a code")
    report = ImportedSerializer(many=True)
    created_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)

    def shape(self, row: SegmentJob) -> dict[str, Any]:
        return {
            "id": str(row.pk),
            "kind": row.kind,
            "state": row.state,
            "segment": None if row.segment_id is None else str(row.segment_id),
            "add_tags": row.add_tags,
            "remove_tags": row.remove_tags,
            "total": row.total,
            "done": row.done,
            "changed": row.changed,
            "trouble": row.trouble or None,
            "report": row.report,
            "created_at": row.created_at,
            "finished_at": row.finished_at,
        }


class TextSerializer(serializers.Serializer[Any]):
    """Segments as one text."""

    text = serializers.CharField()


class ImportSerializer(serializers.Serializer[Any]):
    """A text of segments."""

    text = serializers.CharField(max_length=2_000_000, trim_whitespace=False)
    dry_run = serializers.BooleanField(default=False, help_text="Only say what would become of it")


class ImportResultSerializer(serializers.Serializer[Any]):
    """What became of each segment of the text."""

    dry_run = serializers.BooleanField()
    segments = ImportedSerializer(many=True)
