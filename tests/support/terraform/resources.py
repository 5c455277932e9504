"""The bucket, the queues and the notifications of the local cloud, made by `terraform apply` of `localstack/terraform`.

By the real provider where TERRAFORM_MIRROR names a folder that has it (the layout of `terraform providers mirror`), by its rehearsal
elsewhere. Terraform's state is forgotten at once: the storage lives no longer than this process.
"""

import os
import tempfile
from contextlib import nullcontext
from pathlib import Path

from localstack.failures import CannotStart
from localstack.resources import Made
from localstack.stack import CREDENTIALS, ROOT
from tests.support.terraform.command import Terraform, TerraformFailed
from tests.support.terraform.plugin.aws import AwsRehearsal
from tests.support.terraform.plugin.server import served

FOLDER = ROOT / "localstack" / "terraform"
MIRROR = "TERRAFORM_MIRROR"


def make_resources(endpoint_url: str, *, name: str, visibility_timeout: int, callback_visibility_timeout: int, max_deliveries: int) -> Made:
    """Apply the root to a bare storage. Times in seconds. Raises CannotStart with what Terraform has said."""
    variables = {
        "endpoint": endpoint_url,
        "name": name,
        "visibility_timeout_seconds": visibility_timeout,
        "callback_visibility_timeout_seconds": callback_visibility_timeout,
        "max_deliveries": max_deliveries,
    }
    mirror = os.environ.get(MIRROR)
    provider = nullcontext(dict[str, str]()) if mirror else served(AwsRehearsal(CREDENTIALS))
    try:
        with tempfile.TemporaryDirectory(prefix="pisar-terraform-") as work, provider as found:
            terraform = Terraform(FOLDER, Path(work), {**CREDENTIALS, **found}, variables)
            terraform.init(mirror=mirror)
            terraform.apply()
            outputs = terraform.outputs()
    except TerraformFailed as failure:
        raise CannotStart(str(failure)) from failure
    return Made(
        queue_url=outputs["work_queue_urls"]["jobs"],
        dead_letters_url=outputs["dead_letter_queue_urls"]["jobs"],
        callback_queue_url=outputs["work_queue_urls"]["callbacks"],
        event_queue_urls={f"{folder}/": url for folder, url in outputs["event_queue_urls"].items()},
    )
