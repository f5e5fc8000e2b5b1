"""What we ask of an answer beside schemathesis's own checks; its command line reads this too."""

from typing import Any

import schemathesis
from schemathesis import checks as known

known.load_all_checks()
(refuses_negative_data,) = known.CHECKS.get_by_names(["negative_data_rejection"])
# No description says what a cursor or a strong password is, so a valid one is no valid request;
# negative data has the check below.
UNSOUND = ("positive_data_acceptance", "negative_data_rejection")
NOT_READ = 412  # If-Match is looked at before the body is
# DRF takes a number for the text of its digits, in every text field.
NUMBER_AS_TEXT = ("was string, became number", "was string, became integer")


@schemathesis.check
def wrong_data_is_refused(ctx: Any, response: Any, case: Any) -> bool | None:
    """What the description does not allow is refused, but for a number where a text belongs."""
    told = str(getattr(getattr(case.meta, "phase", None), "data", ""))
    if response.status_code == NOT_READ or any(words in told for words in NUMBER_AS_TEXT):
        return None
    return refuses_negative_data(ctx, response, case)
