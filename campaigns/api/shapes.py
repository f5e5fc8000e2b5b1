"""Campaigns as the API shows and takes them."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from campaigns.actions import KEYS, MOST_SEGMENTS
from campaigns.models import Campaign
from campaigns.models.campaigns import CHANNELS
from xeno.lib.api.rows import IdField, RowSerializer

LONGEST_SUBJECT = 998  # of a header's line, by RFC 5322
LONGEST_BODY = 1_000_000
LONGEST_WAIT = 720  # hours
MOST_TESTED = 10_000_000


class VariantSerializer(serializers.Serializer[Any]):
    """What differs from A; what is left out is A's."""

    key = serializers.ChoiceField(choices=[(key, key) for key in KEYS], help_text="B, then C…")
    subject = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_SUBJECT)
    preheader = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_SUBJECT)
    html = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=LONGEST_BODY
    )
    text = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=LONGEST_BODY
    )


class CampaignInListSerializer(RowSerializer):
    """A campaign without its bodies."""

    id = IdField()
    name = serializers.CharField()
    channel = serializers.ChoiceField(choices=CHANNELS)
    state = serializers.ChoiceField(choices=Campaign.State.choices)
    pause_reason = serializers.CharField(
        allow_null=True, help_text="by_hand, late, segment or restored"
    )
    subject = serializers.CharField(allow_blank=True)
    sender = IdField(allow_null=True)
    topic = IdField(allow_null=True)
    include = serializers.ListField(child=IdField(), help_text="Segments whose members it is for")
    exclude = serializers.ListField(child=IdField(), help_text="Segments whose members it leaves")
    scheduled_for = serializers.DateTimeField(allow_null=True)
    clock = serializers.ChoiceField(choices=Campaign.Clock.choices)
    started_at = serializers.DateTimeField(allow_null=True)
    frozen_at = serializers.DateTimeField(
        allow_null=True, help_text="When its audience was written down; measuring begins here"
    )
    finished_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()

    def shape(self, row: Campaign) -> dict[str, Any]:
        audience = sorted(row.audiences.all(), key=lambda each: each.segment_id)
        return {
            "id": str(row.pk),
            "name": row.name,
            "channel": row.channel,
            "state": row.state,
            "pause_reason": row.pause_reason or None,
            "subject": row.subject,
            "sender": id_of(row.sender_id),
            "topic": id_of(row.topic_id),
            "include": [str(each.segment_id) for each in audience if not each.excluded],
            "exclude": [str(each.segment_id) for each in audience if each.excluded],
            "scheduled_for": row.scheduled_for,
            "clock": row.clock,
            "started_at": row.started_at,
            "frozen_at": row.frozen_at,
            "finished_at": row.finished_at,
            "created_at": row.created_at,
            "updated_at": row.updated_at,
        }


class CampaignSerializer(CampaignInListSerializer):
    """A campaign with what it says, its test, and its approval."""

    preheader = serializers.CharField(allow_blank=True)
    html = serializers.CharField(allow_blank=True)
    text = serializers.CharField(allow_blank=True, help_text="Empty: made from the HTML")
    variants = VariantSerializer(many=True)
    decided_by = serializers.ChoiceField(choices=Campaign.Decision.choices)
    decided_at_size = serializers.IntegerField(
        help_text="People a variant before the decision; 0: all are divided and none is decided"
    )
    decided_after_hours = serializers.IntegerField()
    winner = serializers.CharField(allow_null=True)
    holdout_percent = serializers.DecimalField(max_digits=4, decimal_places=2)
    lateness_hours = serializers.IntegerField()
    content_hash = serializers.CharField(help_text="Of the words, the variants and the sender")
    approved = serializers.BooleanField(help_text="These very words are")
    approved_at = serializers.DateTimeField(allow_null=True)

    def shape(self, row: Campaign) -> dict[str, Any]:
        return {
            **super().shape(row),
            "preheader": row.preheader,
            "html": row.html,
            "text": row.text,
            "variants": row.variants,
            "decided_by": row.decided_by,
            "decided_at_size": row.decided_at_size,
            "decided_after_hours": row.decided_after_hours,
            "winner": row.winner or None,
            "holdout_percent": str(row.holdout_percent),
            "lateness_hours": row.lateness_hours,
            "content_hash": row.content_hash,
            "approved": bool(row.approved_hash) and row.approved_hash == row.content_hash,
            "approved_at": row.approved_at,
        }


def id_of(number: int | None) -> str | None:
    """Our id as text."""
    return None if number is None else str(number)


class RowIdField(IdField):
    """One of our ids in a body; digits only."""

    def to_internal_value(self, data: Any) -> Any:
        text = super().to_internal_value(data)
        if not (text.isascii() and text.isdecimal() and len(text) < 19):
            self.fail("invalid")
        return int(text)


class SegmentsField(serializers.ListField):
    """Ids of segments."""

    child = RowIdField()

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=MOST_SEGMENTS, **kwargs)


class CampaignEditSerializer(serializers.Serializer[Any]):
    """What can be said of a draft."""

    name = serializers.CharField(required=False, max_length=255)
    subject = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_SUBJECT)
    preheader = serializers.CharField(required=False, allow_blank=True, max_length=LONGEST_SUBJECT)
    html = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=LONGEST_BODY
    )
    text = serializers.CharField(
        required=False, allow_blank=True, trim_whitespace=False, max_length=LONGEST_BODY
    )
    variants = VariantSerializer(many=True, required=False)
    sender = RowIdField(required=False, allow_null=True)
    topic = RowIdField(required=False, allow_null=True)
    decided_by = serializers.ChoiceField(choices=Campaign.Decision.choices, required=False)
    decided_at_size = serializers.IntegerField(required=False, min_value=0, max_value=MOST_TESTED)
    decided_after_hours = serializers.IntegerField(
        required=False, min_value=1, max_value=LONGEST_WAIT
    )
    holdout_percent = serializers.DecimalField(
        required=False,
        max_digits=4,
        decimal_places=2,
        min_value=Decimal(0),
        max_value=Decimal(50),
    )
    clock = serializers.ChoiceField(choices=Campaign.Clock.choices, required=False)
    lateness_hours = serializers.IntegerField(required=False, min_value=1, max_value=LONGEST_WAIT)
    include = SegmentsField()
    exclude = SegmentsField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        for name in ("sender", "topic"):
            if name in attrs:
                attrs[f"{name}_id"] = attrs.pop(name)
        return attrs


class NewCampaignSerializer(CampaignEditSerializer):
    """A draft to be made. With `template`, words that are not given are the template's."""

    name = serializers.CharField(max_length=255)
    template = RowIdField(required=False)


class CopySerializer(serializers.Serializer[Any]):
    """What the copy is called; unless you say, the same with “(copy)”."""

    name = serializers.CharField(required=False, max_length=255)


class ScheduleSerializer(serializers.Serializer[Any]):
    """When it goes out, in the time of the campaign's clock."""

    at = serializers.DateTimeField()


class ResumeSerializer(serializers.Serializer[Any]):
    """Whether a late one is still to go out."""

    confirm = serializers.BooleanField(default=False)


class CancelledSerializer(serializers.Serializer[Any]):
    """How many messages had left, or were leaving, when it was cancelled."""

    left = serializers.IntegerField()
