"""Row 57: a disk that is full offers no half file, and a sync goes on when there is room."""

import zlib
from pathlib import Path

import pytest

from tests.faults.test_disk_full import MB, fill, small_disk
from tests.rows import make_row
from webhooks.backfill import spool
from webhooks.backfill.models import Sync, SyncPart
from webhooks.files import working
from webhooks.files.models import Export, ExportPiece


@pytest.mark.django_db
def test_f057_a_full_disk_refuses_the_download_and_leaves_no_half_file(
    ana, ana_api, in_anas_store, tmp_path: Path, settings
):
    export = make_row(
        Export,
        kind="customers",
        format="csv",
        state="running",
        user=ana,
        key=None,
        segment=None,
        campaign=None,
    )
    working.make_exports(tenant=in_anas_store)
    large = zlib.compress(b"x" * 3 * MB)
    ExportPiece.objects.create(export=export, number=1, content=large)
    with small_disk(tmp_path / "disk", 1) as disk:
        settings.XENO_FILES = disk / "files"
        full = ana_api.get(f"/exports/{export.pk}/file")
        left = list((disk / "files").iterdir())
        fill(disk)
        fuller = ana_api.get(f"/exports/{export.pk}/file")
    settings.XENO_FILES = tmp_path / "files"
    after = ana_api.get(f"/exports/{export.pk}/file")

    assert (full.status_code, full.json()["errors"][0]["code"]) == (503, "no_space")
    assert fuller.status_code == 503
    assert left == []
    assert len(b"".join(after)) > 3 * MB


@pytest.mark.django_db
def test_f057_a_full_disk_leaves_no_half_file_of_a_sync(
    in_anas_store, tmp_path: Path, settings, monkeypatch
):
    sync = make_row(Sync, state="running")
    told = {"sync": sync, "kind": "orders", "state": "applying", "operation_id": 7, "partitions": 2}
    part = make_row(SyncPart, **told)
    lines = [b'{"id":"gid://shopify/Order/%d","note":"%s"}' % (n, b"x" * MB) for n in range(3)]
    monkeypatch.setattr(spool.http, "read_lines", lambda url: iter(lines))

    with small_disk(tmp_path / "disk", 1) as disk:
        settings.XENO_HOME = disk
        with pytest.raises(spool.NoRoom) as refused:
            spool.fetch(part, "https://shop.example/file")
        left = spool.folder_of(part).exists()
    settings.XENO_HOME = tmp_path / "home"

    assert (refused.value.retryable, left) == (True, False)
    assert (spool.fetch(part, "https://shop.example/file") / spool.READY).exists()
