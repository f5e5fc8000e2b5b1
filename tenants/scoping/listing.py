"""Lists that stay fast on a million rows: a count that stops, one indexed sort, no deep pages."""

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property
from django.utils.text import capfirst

from tenants.scoping.tabs import Tab, TabFilter

if TYPE_CHECKING:  # unfold has no types; its class adds nothing to Django's
    from django.contrib.admin.views.main import ChangeList
else:
    from unfold.views import ChangeList

MOST_ROWS = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]  # of whatever is listed
    """Counts at most `MOST_ROWS` rows and pages no further, so OFFSET stays small too."""

    template_name = "admin/capped_pagination.html"
    most_rows = MOST_ROWS

    @cached_property
    def found(self) -> int:
        """How many rows there are, or one more than are counted."""
        rows: Any = self.object_list
        return int(rows.order_by().values("pk")[: self.most_rows + 1].count())

    @cached_property
    def count(self) -> int:
        return min(self.found, self.most_rows)

    @property
    def capped(self) -> bool:
        """Whether there are more rows than `count` says."""
        return self.found > self.most_rows


class CappedChangeList(ChangeList):
    """A changelist that sorts by what the admin class says has an index, and by nothing else."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().__init__(request, *args, **kwargs)
        if not self.is_popup:  # there one does select
            self.title = capfirst(str(self.opts.verbose_name_plural))
        self.next_step = self.model_admin.find_next_step(request)  # type: ignore[attr-defined]

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        # The header would offer "Show all" for any other figure; the foot says the count.
        self.full_result_count = self.result_count

    @property
    def tabs(self) -> list[Tab]:
        """What stands above the list."""
        shown = [spec for spec in self.filter_specs if isinstance(spec, TabFilter)]
        return [tab for spec in shown for tab in spec.tabs(self)]

    @property
    def many(self) -> str:
        """What its rows are called where there is not just one."""
        return self.model_admin.many or str(self.opts.verbose_name_plural)  # type: ignore[attr-defined]

    def get_ordering_field(self, field_name: Any) -> Any:
        # Django hides the link of an unsortable column but still obeys ?o= for it.
        if self.sortable_by is not None and field_name not in self.sortable_by:
            return None
        return super().get_ordering_field(field_name)

    def _get_deterministic_ordering(self, ordering: list[Any]) -> list[str]:
        # One column and the key in the same direction: that is how the indexes are made.
        first = str(ordering[0]) if ordering else "-pk"
        if first.lstrip("-") in ("pk", "id"):
            return [first]
        return [first, "-pk" if first.startswith("-") else "pk"]
