"""The pages of campaigns for staff."""

from campaigns.admin.listing import CampaignAdmin
from campaigns.admin.mailbox import LocalMailAdmin
from campaigns.admin.senders import SenderAdmin, TopicAdmin
from campaigns.admin.suppressions import SuppressionAdmin
from campaigns.admin.templates import TemplateAdmin

__all__ = [
    "CampaignAdmin",
    "LocalMailAdmin",
    "SenderAdmin",
    "SuppressionAdmin",
    "TemplateAdmin",
    "TopicAdmin",
]
