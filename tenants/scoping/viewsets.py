"""The base of viewsets over tenant-owned rows: the right is declared, the store is checked.

A request of a store is one transaction, rolled back when it is answered with 400 or above.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeVar

from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponseBase
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from tenants.audit import get_actor, save_reading
from tenants.models import Tenant
from tenants.roles import Right
from tenants.scoping import idempotency
from tenants.scoping.transaction import READING, answer_in_transaction
from tenants.scoping.versions import check_version, etag_of
from tenants.scoping.visit import get_tenant, get_visit

M = TypeVar("M", bound=Model)

ROW_ID = re.compile(r"[1-9][0-9]{0,18}")


class OfTenant(GenericViewSet[M]):
    """A viewset that is a declaration: queryset, serializer, filters, orderings, rights.

    `personal` says that its rows tell of people, and by what name the audit trail notes that
    somebody read them: `customer` for `customer.listed` and `customer.viewed`.
    """

    rights: ClassVar[Mapping[str, Right]] = {}
    # Beside that of `rights`, such as to see people in what is not about people.
    further_rights: ClassVar[Mapping[str, tuple[Right, ...]]] = {}
    orderings: ClassVar[Mapping[str, str]] = {"id": "id"}
    ordering: ClassVar[str] = "id"
    personal: ClassVar[str] = ""
    # What changes without an edit, such as when a key was last used: no part of the ETag.
    volatile: ClassVar[frozenset[str]] = frozenset()
    lookup_value_regex = "[^/]+"
    http_method_names = ("get", "post", "put", "patch", "delete", "head")
    claimed: int | None = None  # the row that holds this request's Idempotency-Key

    @property
    def tenant(self) -> Tenant:
        """The store that the request is for."""
        return get_tenant(self.request)

    # --- One transaction, one answer ------------------------------------------------------
    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        def answer() -> HttpResponseBase:
            response = super(OfTenant, self).dispatch(request, *args, **kwargs)
            return self.kept(response)

        if get_visit(request).tenant is None:
            return super().dispatch(request, *args, **kwargs)  # refused, whatever it asks
        return answer_in_transaction(answer, method=str(request.method))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        # After the rights: who lost theirs is not told the first answer again.
        key = idempotency.find_key(request.headers) if request.method == "POST" else None
        if key is not None:
            self.claimed = idempotency.claim_key(
                request=request._request, visit=get_visit(request), key=key
            )

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, idempotency.AnsweredBefore):
            return exc.kept.response()  # type: ignore[return-value]  # DRF takes any of Django's
        return super().handle_exception(exc)

    def kept(self, response: HttpResponseBase) -> HttpResponseBase:
        """The response, kept for who sends this request again."""
        if self.claimed is not None and response.status_code < 400:
            if isinstance(response, Response):
                response.render()
            idempotency.keep_answer(row_id=self.claimed, response=response)
        return response

    # --- One row --------------------------------------------------------------------------
    def get_object(self) -> M:
        """The row by our id, of this store; every other id gets the same 404.

        For a write with If-Match the row is locked, and 412 unless it is what the client saw.
        """
        row = self.find_row()
        wanted = self.request.headers.get("If-Match")
        if wanted is not None and self.request.method not in READING:
            model: Any = type(row) if isinstance(row, Model) else self.get_queryset().model
            # A statement of its own: a query of `values()` and joins cannot lock one table.
            lock = model._base_manager.filter(pk=self.kwargs[self.lookup_field])
            list(lock.select_for_update().values_list("pk"))
            row = self.find_row()
            check_version(wanted, self.edited_part(self.represent(row)))
        return row

    def find_row(self) -> M:
        """The row that the path names, if the view shows it."""
        row_id = self.kwargs[self.lookup_field]
        # The pattern keeps out what int() takes too: signs, spaces, every alphabet's digits.
        if not ROW_ID.fullmatch(row_id):
            raise Http404
        row: M = get_object_or_404(self.get_queryset(), pk=row_id)
        self.check_object_permissions(self.request, row)
        return row

    def represent(self, row: M) -> Any:
        """What GET shows of the row, of which its ETag is made."""
        return self.get_serializer(row).data

    def edited_part(self, shown: Any) -> Any:
        """What of a representation changes by edits alone."""
        return {name: value for name, value in shown.items() if name not in self.volatile}

    def answer(self, row: M, *, status: int = 200, **more: Any) -> Response:
        """The row with its ETag; `more` is what only this answer tells, such as a secret."""
        shown = self.represent(row)
        tag = {"ETag": etag_of(self.edited_part(shown))}
        return Response({**shown, **more} if more else shown, status=status, headers=tag)

    # --- The audit trail of what was read ---------------------------------------------------
    def note_reading(self, verb: str, rows: Iterable[Any], object_id: str = "") -> None:
        """Note that the caller saw these rows, where they tell of people."""
        if self.personal:
            ids = [row["id"] if isinstance(row, dict) else row.pk for row in rows]
            save_reading(
                actor=get_actor(self.request),
                action=f"{self.personal}.{verb}",
                object_type=self.queryset.model._meta.label_lower,  # type: ignore[union-attr]
                object_id=object_id,
                seen=ids,
            )


class TenantReadViewSet(OfTenant[M]):
    """List and read: a right for `read`."""

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        rows = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        self.note_reading("listed", rows)
        return self.get_paginated_response(self.get_serializer(rows, many=True).data)

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        self.note_reading("viewed", [row], object_id=self.kwargs[self.lookup_field])
        return self.answer(row)


class TenantViewSet(TenantReadViewSet[M]):
    """List, read, create, change and delete: rights for `read` and `write`.

    A subclass overrides `perform_create`, `perform_update` and `perform_destroy`, which call
    an action; a serializer that writes names what it wrote as its `instance`.
    """

    def create(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        form = self.get_serializer(data=request.data)
        form.is_valid(raise_exception=True)
        self.perform_create(form)
        return self.answer(form.instance, status=201)  # type: ignore[arg-type]

    def update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        row = self.get_object()
        form = self.get_serializer(row, data=request.data, partial=kwargs.get("partial", False))
        form.is_valid(raise_exception=True)
        self.perform_update(form)
        return self.answer(form.instance)  # type: ignore[arg-type]

    def partial_update(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return self.update(request, *args, partial=True, **kwargs)

    def destroy(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.perform_destroy(self.get_object())
        return Response(status=204)

    def perform_create(self, serializer: BaseSerializer[M]) -> None:
        """Write the new row; may be overridden to call an action."""
        serializer.save()

    def perform_update(self, serializer: BaseSerializer[M]) -> None:
        """Write the changed row; may be overridden to call an action."""
        serializer.save()

    def perform_destroy(self, instance: M) -> None:
        """Delete the row; may be overridden to call an action."""
        instance.delete()
