"""How the pages about an account are drawn and kept from caches, and who may see them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from tenants.lockout import TooManyAttempts
from tenants.models import User
from xeno.lib.errors import Mistake

Page = Callable[..., HttpResponse]


def for_people(view: Page) -> Page:
    """A page of whoever is signed in, with or without a store; others are asked to sign in."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, User):
            target = request.get_full_path() if request.method == "GET" else "/account/"
            return redirect_to_login(target)
        return view(request, request.user, *args, **kwargs)

    return private(checked)


def private(view: Page) -> Page:
    """Kept by no cache, and what is typed in it shown in no report of an error."""
    return sensitive_post_parameters()(never_cache(view))


def of_token(view: Page) -> Page:
    """A page whose address holds a secret, which no Referer repeats.

    Not `no-referrer`: with that, browsers send the page's own form with `Origin: null`, which
    the check against forged requests refuses.
    """

    @wraps(view)
    def hidden(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Referrer-Policy"] = "strict-origin"
        # Django's mark: a refusal would be logged with its path, and so with the secret.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response

    return private(hidden)


def show(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A page with the admin's frame, as far as the person may see it."""
    frame = admin.site.each_context(request)
    layout = "admin/base_site.html" if frame["has_permission"] else "account/without_store.html"
    return rendered(request, template, {**frame, "layout": layout, **context}, status)


def show_bare(
    request: HttpRequest, template: str, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    """A page for anybody: a column in the middle, as the sign-in page is."""
    return rendered(request, template, {**admin.site.each_context(request), **context}, status)


def rendered(
    request: HttpRequest, template: str, context: dict[str, Any], status: int
) -> HttpResponse:
    """The page at once."""
    return TemplateResponse(request, template, context, status=status).render()


def blame(form: Form, mistake: Mistake) -> None:
    """Say what was wrong beside the field that it is about, or above the form."""
    field = mistake.field if mistake.field in form.fields else None
    form.add_error(field, str(mistake))


def refuse(response: HttpResponse, mistake: Mistake) -> HttpResponse:
    """The page with the status of what was wrong, and when to come again."""
    response.status_code = mistake.status
    if isinstance(mistake, TooManyAttempts):
        response.headers["Retry-After"] = str(mistake.retry_after)
    return response
