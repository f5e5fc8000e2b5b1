"""The two commands: what one prints, the other reads."""

import io

import pytest
from django.core.management import CommandError, call_command

from segments.models import Segment

TEXT = "[VIP]\n    number_of_orders >= 5\n\n[Wrong]\n    number_of_order >= 5\n"


def run(name, *arguments):
    out = io.StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


def test_a_file_is_imported_and_exported_again(in_anas_store, tmp_path):
    file = tmp_path / "segments.txt"
    file.write_text(TEXT)

    tried = run("import_segments", in_anas_store.shop_domain, str(file), "--dry-run")
    assert "VIP: made." in tried
    assert not Segment.objects.exists()

    said = run("import_segments", in_anas_store.shop_domain, str(file))
    assert "Wrong (line 4): refused.\n    Line 1 Column 0:" in said
    text = run("export_segments", in_anas_store.shop_domain)
    assert text.endswith("[VIP]\n    number_of_orders >= 5\n")


def test_a_file_that_is_not_there_is_said(in_anas_store):
    with pytest.raises(CommandError, match="No such file"):
        run("import_segments", in_anas_store.shop_domain, "/nowhere/segments.txt")
