"""The base of admin classes whose pages are views of their own, beside Django's list."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from tenants.admin.confirming import ActingAdmin

M = TypeVar("M", bound=models.Model)
View = Callable[..., HttpResponse]


class OwnPagesAdmin(ActingAdmin[M]):
    """A view takes the class, the request, and the ids of its address."""

    def routes(self, before: str, views: Mapping[str, View]) -> list[URLPattern]:
        """Each of the views at its own name below an address."""
        return [
            self.route(f"{before}{name.replace('_', '-')}/", name, view)
            for name, view in views.items()
        ]

    def route(self, address: str, name: str, view: View) -> URLPattern:
        """One view, for whoever the site lets in."""
        return path(
            address,
            self.admin_site.admin_view(bound(self, view)),
            name=f"{self.opts.app_label}_{self.opts.model_name}_{name}",
        )

    def wanted(self, request: HttpRequest, object_id: str, verb: str = "view") -> M | None:
        """The row of this address, for somebody who may do this with it."""
        if not self.may(request, verb):  # the right first: a refusal tells no ids
            raise PermissionDenied
        return self.get_object(request, unquote(object_id))

    def missing(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What Django answers to an id that is not there."""
        told: Any = self._get_obj_does_not_exist_redirect  # type: ignore[attr-defined]
        return told(request, self.opts, object_id)  # type: ignore[no-any-return]


def bound(model_admin: OwnPagesAdmin[M], view: View) -> View:
    """The view as a method of the class: the site finds the missing right by it."""

    def method(self: OwnPagesAdmin[M], request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return view(self, request, **kwargs)

    return method.__get__(model_admin)  # type: ignore[no-any-return]
