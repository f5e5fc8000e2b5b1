"""What a dead worker leaves on the disk goes after a week."""

import os
import time

from webhooks import tasks
from webhooks.backfill import spool


def test_what_is_older_than_shopifys_own_file_goes(settings, tmp_path):
    settings.XENO_HOME = tmp_path
    for name, age in (("1-1-1", spool.LONGEST_SECONDS + 60), ("1-2-2", 60)):
        (folder := tmp_path / "sync" / name).mkdir(parents=True)
        (folder / "0000.jsonl").write_text("{}")
        os.utime(folder, (time.time() - age,) * 2)

    tasks.remove_old_files()
    assert [folder.name for folder in (tmp_path / "sync").iterdir()] == ["1-2-2"]


def test_where_nothing_was_fetched_there_is_nothing_to_do(settings, tmp_path):
    settings.XENO_HOME = tmp_path / "never made"

    tasks.remove_old_files()
