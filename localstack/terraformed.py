"""The bucket, the queues and the notifications of the local cloud, made by `terraform apply` of `localstack/terraform`.

By the real provider where TERRAFORM_MIRROR names a folder that has it (the layout of `terraform providers mirror`), by its rehearsal
elsewhere. Terraform's state is forgotten at once: the storage lives no longer than this process.
"""

import os
import tempfile
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from localstack.failures import CannotStart
from localstack.plugin.aws import AwsRehearsal
from localstack.plugin.server import served
from localstack.terraform_command import Terraform, TerraformFailed

FOLDER = Path(__file__).parent / "terraform"
MIRROR = "TERRAFORM_MIRROR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What Terraform has made: URLs of queues; `event_queue_urls` by the prefix of the keys they are told of."""

    queue_url: str
    dead_letters_url: str
    callback_queue_url: str
    event_queue_urls: Mapping[str, str]


def make_resources(
    endpoint_url: str, keys: Mapping[str, str], *, name: str, visibility_timeout: int, callback_visibility_timeout: int, max_deliveries: int
) -> Made:
    """Apply the root to a bare storage. Times in seconds. Raises CannotStart with what Terraform has said."""
    variables = {
        "endpoint": endpoint_url,
        "name": name,
        "visibility_timeout_seconds": visibility_timeout,
        "callback_visibility_timeout_seconds": callback_visibility_timeout,
        "max_deliveries": max_deliveries,
    }
    mirror = os.environ.get(MIRROR)
    provider = nullcontext(dict[str, str]()) if mirror else served(AwsRehearsal(keys))
    try:
        with tempfile.TemporaryDirectory(prefix="pisar-terraform-") as work, provider as found:
            terraform = Terraform(FOLDER, Path(work), {**keys, **found}, variables)
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
