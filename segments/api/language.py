"""The language over the API: what can be asked, text and tree, and whom a query finds."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from segments.advising import advise_with_data
from segments.api.people import show_customers
from segments.compiling.sources import has_data
from segments.definitions import clock_of
from segments.language import Advice, Reading, format_query, read
from segments.language.advice import advise
from segments.language.checking import operators_of, parameter_operators
from segments.language.registry import ATTRIBUTES, PREFIXES, Attribute
from segments.language.shape import from_json, to_json
from segments.models import Segment
from segments.preview import Preview, preview
from segments.serializers import (
    AdviceSerializer,
    AttributeSerializer,
    EstimateSerializer,
    ParsedSerializer,
    PreviewSerializer,
    QuerySerializer,
    SegmentTemplateSerializer,
)
from segments.templates import TEMPLATES
from tenants.roles import Right
from tenants.scoping.rights import holds
from tenants.scoping.viewsets import OfTenant
from xeno.lib.api.filtering import check_parameters


class LanguageViewSet(OfTenant[Any]):
    """What a query can say, what one says, and whom it finds."""

    queryset = Segment.objects.all()
    rights = dict.fromkeys(
        ("list_segment_attributes", "list_segment_templates", "parse_query", "preview_query"),
        Right.VIEW_SEGMENTS,
    )
    pagination_class = None
    filter_backends = ()

    @extend_schema(responses=AttributeSerializer(many=True))
    def list_segment_attributes(self, request: Request) -> Response:
        """Every attribute and function with its operators, values and parameters."""
        check_parameters(request, set())
        return Response([describe(each) for each in (*ATTRIBUTES.values(), *PREFIXES.values())])

    @extend_schema(responses=SegmentTemplateSerializer(many=True))
    def list_segment_templates(self, request: Request) -> Response:
        """Segments to begin from."""
        check_parameters(request, set())
        shown = SegmentTemplateSerializer._declared_fields
        return Response(
            [{name: getattr(each, name) for name in shown} for each in TEMPLATES.values()]
        )

    @extend_schema(request=QuerySerializer, responses=ParsedSerializer)
    def parse_query(self, request: Request) -> Response:
        """A query as text and as a tree; 400 says in each error where it stands."""
        reading = read_body(request.data)
        return Response(
            {
                "query": format_query(reading.node),
                "tree": to_json(reading.node),
                "warnings": show_advice(advice_on(reading)),
            }
        )

    @extend_schema(request=QuerySerializer, responses=PreviewSerializer)
    def preview_query(self, request: Request) -> Response:
        """How many customers a query finds now, and the newest of them.

        Past two seconds the count is an estimate, and `estimate` says of what.
        """
        reading = read_body(request.data)
        found = preview(reading.node, clock=clock_of(tenant=self.tenant))
        may_see = holds(request, Right.VIEW_CUSTOMERS)
        return Response(
            {
                "count": found.count,
                "estimate": show_estimate(found),
                "sample": show_customers(request, found.sample) if may_see else None,
                "warnings": show_advice(advice_on(reading)),
            }
        )


def read_body(body: Any) -> Reading:
    """The query that the body holds, with places in its text; raises SegmentSyntaxError."""
    form = QuerySerializer(data=body)
    form.is_valid(raise_exception=True)
    given: Mapping[str, Any] = form.validated_data
    text = given["query"] if "query" in given else format_query(from_json(given["tree"]))
    return read(text)


def advice_on(reading: Reading) -> tuple[Advice, ...]:
    """All that is odd about the query, by itself and beside the store's data."""
    own = advise(reading.node, rewritten=reading.advice)
    return tuple(dict.fromkeys((*own, *advise_with_data(reading.node))))


def show_advice(advice: tuple[Advice, ...]) -> Any:
    """Warnings, as the API tells them."""
    return AdviceSerializer(advice, many=True).data


def show_estimate(found: Preview) -> dict[str, Any] | None:
    """Of what the count is an estimate; None of an exact one."""
    return EstimateSerializer(found).data if found.estimated else None


def describe(attribute: Attribute) -> dict[str, Any]:
    """An attribute as a client's editor needs it."""
    parameters = [
        {
            "name": each.name,
            "type": each.kind.value,
            "label": each.label,
            "aggregate": each.aggregate,
            "operators": parameter_operators(each),
            "most_values": each.most_values,
        }
        for each in attribute.parameters
    ]
    return {
        "name": attribute.name,
        "type": attribute.kind.value,
        "label": attribute.label,
        "help": attribute.help,
        "operators": operators_of(attribute),
        "values": list(attribute.values),
        "parameters": parameters,
        "takes_argument": attribute.takes_argument,
        "completes": attribute.completes,
        "extension": attribute.extension,
        "has_data": has_data(attribute.name),
    }
