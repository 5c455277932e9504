"""Each promise broken in a copy of the deployment: `terraform test` must name the run that guards it."""

import re
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tests.support.terraform.command import Terraform, TerraformFailed
from tests.support.terraform.plugin.server import served
from tests.terraform.yandex import ROOT, YandexStandIn


class Broken(NamedTuple):
    file: str
    promise: str
    breach: str
    guard: str

    def __str__(self) -> str:
        return f"{self.file}: {self.breach.strip() or 'without ' + self.promise.strip()}"


TIMES = "times_grow"
LETTERS = "failed_messages_are_kept"
ALONE = "one_recording_has_a_container_to_itself"
BUCKET = "the_bucket_is_encrypted_closed_and_tidied_up"

BROKEN = [
    Broken("queue.tf", "visibility_seconds          = 660", "visibility_seconds          = 600", TIMES),
    Broken("queue.tf", "container_timeout_seconds = 540", "container_timeout_seconds = 600", TIMES),
    Broken("queue.tf", "callback_visibility_seconds = 60", "callback_visibility_seconds = 55", TIMES),
    Broken("queue.tf", "function_timeout_seconds  = 55", "function_timeout_seconds  = 61", TIMES),
    Broken("queue.tf", "letter_retention_seconds = 1209600", "letter_retention_seconds = 86400", TIMES),
    Broken(
        "queue.tf",
        "deadLetterTargetArn = yandex_message_queue.job_dead_letters.arn",
        "deadLetterTargetArn = yandex_message_queue.callbacks.arn",
        LETTERS,
    ),
    Broken(
        "uploads.tf",
        "queue_id           = yandex_message_queue.upload_dead_letters.arn",
        "queue_id           = yandex_message_queue.jobs.arn",
        LETTERS,
    ),
    Broken("transcriber.tf", "concurrency        = 1", "concurrency        = 2", ALONE),
    Broken("transcriber.tf", 'batch_size         = "1"', 'batch_size         = "10"', ALONE),
    Broken("storage.tf", '"left over" = 2', '"left over" = 1', BUCKET),
    Broken("storage.tf", "=> local.days[age] }", '=> local.days[age] if prefix != "texts/" }', BUCKET),
    Broken("storage.tf", "read        = false", "read        = true", BUCKET),
    Broken("storage.tf", "kms_master_key_id = yandex_kms_symmetric_key.bucket.id", 'kms_master_key_id = "another"', BUCKET),
    Broken("storage.tf", "max(var.keep_days, 14) + 1", "max(var.keep_days, 14)", "texts_are_kept_as_long_as_asked"),
    Broken("webhook.tf", '"yandex-cloud"', '"own"', "texts_are_kept_as_long_as_asked"),
    Broken("webhook.tf", 'self.version != ""', "self.version != null", "a_refused_version_of_a_function"),
    Broken("transcriber.tf", 'self.revision_id != ""', "self.revision_id != null", "a_refused_revision_of_the_container"),
    Broken("variables.tf", ' && var.transcriber_tag != "latest"', "", "a_tag_that_moves"),
    Broken("variables.tf", '!can(regex("TOKEN|SECRET", name))', "true", "a_secret_among_the_settings"),
]


@pytest.mark.parametrize("broken", BROKEN, ids=str)
def test_a_broken_promise_is_found(tmp_path: Path, variables: dict[str, Any], broken: Broken):
    root = tmp_path / "terraform"
    shutil.copytree(ROOT / "terraform", root)
    text = (root / broken.file).read_text()
    assert broken.promise in text
    (root / broken.file).write_text(text.replace(broken.promise, broken.breach))
    (tests,) = [path.name for path in (root / "tests").glob("*.tftest.hcl") if f'run "{broken.guard}"' in path.read_text()]
    with served(YandexStandIn()) as environment:
        terraform = Terraform(root, tmp_path / "work", environment, variables)
        terraform.init()
        with pytest.raises(TerraformFailed, match=rf'run "{re.escape(broken.guard)}"\.\.\. fail'):
            terraform.run("test", f"-filter=tests/{tests}")
