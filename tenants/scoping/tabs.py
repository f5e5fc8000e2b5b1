"""Tabs above a lower app's list that an upper one fills, such as segments above customers."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from tenants.roles import Right
from tenants.scoping.filtering import ChoiceFilter


class Tab(NamedTuple):
    """A link above a list."""

    title: str
    url: str
    chosen: bool = False


class TabFilter(ChoiceFilter):
    """A filter whose choices stand as tabs above the list too, for who holds its right.

    The subclass reads a bounded number of them, once a page. One that is beyond the bound can be
    chosen by its address all the same.
    """

    right: ClassVar[Right]
    every: ClassVar[str] = "All"
    more: ClassVar[str] = ""  # the route of the page with the others

    def read(self) -> Sequence[tuple[str, str]]:
        """The first tabs: value and title, and the chosen one."""
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, str]]:
        return list(self.read()) if model_admin.holds(request, self.right) else []

    def tabs(self, changelist: Any) -> Iterator[Tab]:
        """All, each of the first, and where there are others."""
        chosen, name = self.value(), str(self.parameter_name)
        known = [value for value, _ in self.lookup_choices]
        yield Tab(self.every, changelist.get_query_string(remove=[name, "p"]), chosen not in known)
        for value, title in self.lookup_choices:
            url = changelist.get_query_string({name: value}, ["p"])
            yield Tab(str(title), url, value == chosen)
        if self.more:
            yield Tab("More…", reverse(self.more))


TABS: dict[str, list[type[TabFilter]]] = defaultdict(list)


def add_tabs(place: str, tabs: type[TabFilter]) -> None:
    """Show these above the list of a model ("customers.Customer"). An app calls it in
    `AppConfig.ready()`; adding them twice shows them once."""
    if tabs not in TABS[place]:
        TABS[place].append(tabs)
