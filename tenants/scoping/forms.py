"""Forms over tenant-owned models, where a duplicate is the person's mistake and not a crash."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError

from xeno.lib.postgres.scope import get_tenant_id


class TenantModelForm(forms.ModelForm):  # type: ignore[type-arg]  # of any tenant-owned model
    """Checks uniqueness within the open store, whose key no form shows.

    Django leaves out every constraint of which one field is not in the form; `tenant` never is.
    """

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        if getattr(self.instance, "tenant_owned", False):
            if self.instance.tenant_id is None:
                self.instance.tenant_id = get_tenant_id()
            excluded.discard("tenant")
        return excluded

    def _update_errors(self, errors: ValidationError) -> None:
        found: dict[str, list[Any]] = getattr(errors, "error_dict", {})
        for error in found.pop(NON_FIELD_ERRORS, []):
            field, error = self._told_at_its_field(error)
            found.setdefault(field, []).append(error)
        super()._update_errors(errors)  # type: ignore[misc]

    def _told_at_its_field(self, error: ValidationError) -> tuple[str, ValidationError]:
        """A "unique with tenant" error in words that a member of the store understands."""
        names = [n for n in (error.params or {}).get("unique_check", ()) if n != "tenant"]
        if error.code != "unique_together" or not names or names[-1] not in self.fields:
            return NON_FIELD_ERRORS, error
        model = self._meta.model._meta
        labels = " and ".join(str(model.get_field(name).verbose_name) for name in names)
        message = f"Another {model.verbose_name} of this store has this {labels}."
        return names[-1], ValidationError(message, code="unique")
