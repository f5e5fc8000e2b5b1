"""Mistakes about campaigns that a person or a program can be told of."""

from xeno.lib.errors import Mistake

LONGEST_NAME = 255


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


class WordsChanged(Mistake):
    """What is to be approved is not what was read."""

    code = "words_changed"
    status = 409
    message = "The words were changed since you read them: read them again."


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


class CampaignNameNotValid(Mistake):
    """An empty, too long or unprintable name."""

    code = "campaign_name_not_valid"
    message = f"A name has 1 to {LONGEST_NAME} printable characters."


class VariantsNotValid(Mistake):
    """Variants that cannot be told apart, or that differ in nothing."""

    code = "variants_not_valid"
    message = "Variants are called B, C, D and E, each once, and each says something else than A."


class AudienceNotValid(Mistake):
    """A segment that the store does not have, or that is both in and out."""

    code = "audience_not_valid"


class RowNotThere(Mistake):
    """A sender or topic that the store does not have."""

    code = "row_not_there"


class PersonMustApprove(Mistake):
    """Behind the API key that approves stands nobody."""

    code = "person_must_approve"
    status = 403
    message = "Nobody in particular made this API key: a person has to approve the campaign."


class SenderInUse(Mistake):
    """Campaigns that have left, or will, name this sender."""

    code = "sender_in_use"
    status = 409
    message = "Campaigns go out, or went out, from this sender."


class SenderAddressTaken(Mistake):
    """Another sender of the store has this address."""

    code = "sender_address_taken"
    status = 409
    message = "There is a sender with this address."


class TopicNameTaken(Mistake):
    """Another topic of the store is called so."""

    code = "topic_name_taken"
    status = 409
    message = "There is a topic with this name."


class TopicInUse(Mistake):
    """Campaigns are about this topic."""

    code = "topic_in_use"
    status = 409
    message = "Campaigns are about this topic."


class QuietHoursNotValid(Mistake):
    """Quiet hours with one end, or none in between."""

    code = "quiet_hours_not_valid"
    message = "Quiet hours have a beginning and another end, or neither."
