"""How the API narrows lists of campaigns, their messages and what they go by."""

from django.db.models import QuerySet
from django_filters import rest_framework as filters

from campaigns.models import Campaign, Message, Suppression
from campaigns.models.messages import in_state


class CampaignFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """By how far they have come."""

    state = filters.ChoiceFilter(choices=Campaign.State.choices)


class MessageFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """By what became of them, why not, and which variant it was."""

    state = filters.ChoiceFilter(choices=Message.State.choices, method="by_state")
    reason = filters.ChoiceFilter(choices=Message.Reason.choices)
    variant = filters.CharFilter(label="A, B…")

    def by_state(self, found: QuerySet[Message], name: str, state: str) -> QuerySet[Message]:
        """As the index of the list finds them."""
        return found.filter(in_state(state))


class SenderFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """By the address."""

    email = filters.CharFilter(label="The whole address, as it is written.")


class TopicFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """By the exact name."""

    name = filters.CharFilter(label="The whole name, as it is written.")


class TemplateFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """By the exact name."""

    name = filters.CharFilter(label="The whole name, as it is written.")


class SuppressionFilter(filters.FilterSet):  # type: ignore[misc]  # no types
    """By why, and by the address."""

    reason = filters.ChoiceFilter(choices=Suppression.Reason.choices)
    address = filters.CharFilter(label="The whole address, in lower case.")
