"""Mistakes about campaigns that a person or a program can be told of."""

from xeno.lib.errors import Mistake


class CampaignNotDraft(Mistake):
    """What is said and to whom is changed only before it is scheduled."""

    code = "campaign_not_draft"
    status = 409
    message = "Only a draft can be changed. Copy the campaign to say something else."


class CampaignNotInState(Mistake):
    """The campaign is not where this step begins."""

    code = "campaign_not_in_state"
    status = 409

    def __init__(self, state: str, step: str) -> None:
        super().__init__(f"A campaign that is {state} cannot be {step}.")


class CampaignNotSendable(Mistake):
    """Something is missing without which nothing goes out."""

    code = "campaign_not_sendable"
    status = 409


class ApprovalMissing(Mistake):
    """The store wants somebody else to have approved these very words."""

    code = "approval_missing"
    status = 409
    message = (
        "This store has campaigns approved by somebody else before they go out,"
        " and these words have not been approved as they are now."
    )


class OwnApproval(Mistake):
    """Nobody approves their own words."""

    code = "own_approval"
    status = 403
    message = "Somebody else than who wrote it has to approve it."


class LatenessNotConfirmed(Mistake):
    """It would go out long after it was meant to."""

    code = "lateness_not_confirmed"
    status = 409
    message = "This campaign is late. Resume it with “confirm” if it is still to go out."


class ScheduledInThePast(Mistake):
    """A time that is over."""

    code = "scheduled_in_the_past"
    message = "Choose a time that is still to come, or send it now."


class MessageNotUncertain(Mistake):
    """Its outcome is known already."""

    code = "message_not_uncertain"
    status = 409
    message = "What became of this message is known."
