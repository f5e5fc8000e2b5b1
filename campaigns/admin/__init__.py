"""The pages of campaigns for staff."""

from campaigns.admin.listing import CampaignAdmin

__all__ = ["CampaignAdmin"]
