"""Campaigns by noun: content and audience, the messages, what came back, who sends."""

from campaigns.models.campaigns import Audience as Audience
from campaigns.models.campaigns import Campaign as Campaign
from campaigns.models.campaigns import Template as Template
from campaigns.models.feedback import Link as Link
from campaigns.models.feedback import ProviderEvent as ProviderEvent
from campaigns.models.feedback import Touch as Touch
from campaigns.models.mailbox import LocalMail as LocalMail
from campaigns.models.messages import Claim as Claim
from campaigns.models.messages import Message as Message
from campaigns.models.permission import Preference as Preference
from campaigns.models.permission import Reach as Reach
from campaigns.models.permission import Suppression as Suppression
from campaigns.models.permission import Topic as Topic
from campaigns.models.sending import Sender as Sender
from campaigns.models.sending import SendingSettings as SendingSettings
from campaigns.models.sending import SendingState as SendingState
