"""Templates over the API: content to begin campaigns from, the library, and how it would look."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from campaigns.api.shapes import LONGEST_BODY, LONGEST_SUBJECT, RowIdField
from campaigns.content import templates, trying
from campaigns.content.library import LIBRARY
from campaigns.content.previewing import preview
from campaigns.filters import TemplateFilter
from campaigns.models import Campaign, Template
from customers.models import Customer
from tenants.audit import get_actor, save_reading
from tenants.roles import Right
from tenants.scoping.viewsets import ROW_ID, OfTenant, TenantViewSet
from xeno.lib.api.filtering import check_parameters
from xeno.lib.api.rows import IdField, RowSerializer


class CampaignTemplateSerializer(RowSerializer):
    """Content to begin a campaign from."""

    id = IdField()
    name = serializers.CharField()
    library = serializers.CharField(allow_null=True, help_text="Which of the library it came from")
    subject = serializers.CharField(allow_blank=True)
    preheader = serializers.CharField(allow_blank=True)
    html = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def shape(self, row: Template) -> dict[str, Any]:
        return {
            "id": str(row.pk),
            "name": row.name,
            "library": row.library or None,
            "subject": row.subject,
            "preheader": row.preheader,
            "html": row.html,
            "text": row.text,
            "created_at": row.created_at,
            "updated_at": row.updated_at,
        }


class TemplateEditSerializer(serializers.Serializer[Any]):
    """What of a template can be changed; campaigns that began from it keep their words."""

    name = serializers.CharField(required=False, max_length=255)
    subject = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_SUBJECT)
    preheader = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_SUBJECT)
    html = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=LONGEST_BODY
    )
    text = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=LONGEST_BODY
    )


class NewTemplateSerializer(TemplateEditSerializer):
    """A template to be made. With `library`, one of the library under this or its own name."""

    library = serializers.CharField(required=False, max_length=255)


class LibraryTemplateSerializer(serializers.Serializer[Any]):
    """A template of the library."""

    key = serializers.CharField()
    name = serializers.CharField()
    subject = serializers.CharField()


class TemplateViewSet(TenantViewSet[Any]):
    """Content to begin campaigns from."""

    queryset = Template.objects.all()
    serializer_class = CampaignTemplateSerializer
    filterset_class = TemplateFilter
    rights = {
        "read": Right.VIEW_CAMPAIGNS,
        "write": Right.EDIT_CAMPAIGNS,
        "list_library_templates": Right.VIEW_CAMPAIGNS,
    }
    ordering = "-id"

    @extend_schema(request=NewTemplateSerializer, responses={201: CampaignTemplateSerializer})
    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Make a template, of your own or of the library's."""
        form = NewTemplateSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = dict(form.validated_data)
        told: dict[str, Any] = {"actor": get_actor(request), "tenant": self.tenant}
        if "library" in given:
            made = templates.create_from_library(
                **told, key=given["library"], name=given.get("name")
            )
        elif "name" in given:
            made = templates.create_template(**told, data=templates.TemplateData(**given))
        else:
            raise ValidationError({"name": [ErrorDetail("Give it a name.", "required")]})
        return self.answer(made, status=201)

    @extend_schema(request=TemplateEditSerializer, responses=CampaignTemplateSerializer)
    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Change a template; only Liquid that cannot be read is refused."""
        template = self.get_object()
        form = TemplateEditSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        templates.edit_template(
            actor=get_actor(request),
            tenant=self.tenant,
            template_id=template.pk,
            **form.validated_data,
        )
        return self.answer(self.find_row())

    def perform_destroy(self, instance: Any) -> None:
        """Delete a template."""
        actor = get_actor(self.request)
        templates.delete_template(actor=actor, tenant=self.tenant, template_id=instance.pk)

    @extend_schema(responses=LibraryTemplateSerializer(many=True), filters=False)
    def list_library_templates(self, request: Request) -> Response:
        """The library: responsive templates, each one request away."""
        check_parameters(request, set())
        return Response(
            [
                {"key": key, "name": found.name, "subject": found.subject}
                for key, found in LIBRARY.items()
            ]
        )


class WordsSerializer(serializers.Serializer[Any]):
    """A message as this customer would get it. Show its HTML in a sandboxed frame only."""

    subject = serializers.CharField()
    html = serializers.CharField()
    text = serializers.CharField()


class CampaignTestSerializer(serializers.Serializer[Any]):
    """To whom of the team a test goes, and as which customer would get it."""

    __test__ = False  # no test class
    addresses = serializers.ListField(
        child=serializers.EmailField(), min_length=1, max_length=trying.MOST
    )
    customer = RowIdField(required=False)
    variant = serializers.CharField(required=False, max_length=1)


class TestedSerializer(serializers.Serializer[Any]):
    """Who gets it, once a worker has sent it."""

    addresses = serializers.ListField(child=serializers.EmailField())


class TryingViewSet(OfTenant[Any]):
    """A campaign as somebody would get it, before it goes out."""

    queryset = Campaign.objects.select_related("sender")
    rights = {"preview_campaign": Right.VIEW_CAMPAIGNS, "test_campaign": Right.EDIT_CAMPAIGNS}
    further_rights = {"preview_campaign": (Right.VIEW_CUSTOMERS,)}
    pagination_class = None
    filter_backends = ()

    @extend_schema(
        parameters=[
            OpenApiParameter("customer", description="Our id; an example, unless you say."),
            OpenApiParameter("variant", description="A, unless you say."),
        ],
        responses=WordsSerializer,
    )
    def preview_campaign(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """The words as a customer would get them; nothing is counted."""
        campaign = self.get_object()
        check_parameters(request, {"customer", "variant"})
        asked = request.query_params
        customer = self.customer(asked["customer"]) if "customer" in asked else None
        words = preview(
            campaign, tenant=self.tenant, customer=customer, variant=asked.get("variant", "A")
        )
        return Response({"subject": words.subject, "html": words.html, "text": words.text})

    @extend_schema(request=CampaignTestSerializer, responses={202: TestedSerializer})
    def test_campaign(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Have a test sent to members of the team, as a customer would get it."""
        campaign = self.get_object()
        form = CampaignTestSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        given = form.validated_data
        people = trying.start_test(
            actor=get_actor(request),
            tenant=self.tenant,
            campaign=campaign,
            addresses=given["addresses"],
            customer=self.customer(str(given["customer"])) if "customer" in given else None,
            variant=given.get("variant", "A"),
        )
        return Response({"addresses": people}, status=202)

    def customer(self, row_id: str) -> Customer:
        """The customer of our id, whose being read is noted; 400 unless they are the store's."""
        found: Customer | None = None
        if ROW_ID.fullmatch(row_id):
            found = Customer.objects.filter(pk=int(row_id)).first()
        if found is None:
            words = "There is no such customer."
            raise ValidationError({"customer": [ErrorDetail(words, "does_not_exist")]})
        save_reading(
            actor=get_actor(self.request),
            action="customer.viewed",
            object_type=Customer._meta.label_lower,
            object_id=row_id,
            seen=[found.pk],
        )
        return found
