"""HTML that somebody wrote or that was sent, as the whole answer of a frame's own request.

A page shows it by `<iframe sandbox="" src="…">`, never in its own document: within the frame no
script runs, no form leaves, and nothing is of this site's origin (row 110 of the faults).
"""

from django.http import HttpResponse

from campaigns.content.previewing import PREVIEW_POLICY


def framed(html: str, *, status: int = 200) -> HttpResponse:
    """The answer, which only a page of this site may put into a frame."""
    response = HttpResponse(html, content_type="text/html; charset=utf-8", status=status)
    response["Content-Security-Policy"] = PREVIEW_POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    response["X-Content-Type-Options"] = "nosniff"
    response["Referrer-Policy"] = "no-referrer"
    response["Cache-Control"] = "no-store"
    return response
