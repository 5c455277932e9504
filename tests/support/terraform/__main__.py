"""`python -m tests.support.terraform up` is `python -m localstack up` on a bucket, notifications and queues that Terraform has made."""

import sys
from typing import Any

from rich.console import Console

from localstack.__main__ import main
from localstack.resources import Made
from tests.support.terraform.resources import make_resources


def _make_and_tell(*where: Any, **how: Any) -> Made:
    made = make_resources(*where, **how)
    told = "The bucket, its notifications and the queues were made by Terraform, from localstack/terraform."
    Console().print(told, soft_wrap=True)
    return made


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], make_resources=_make_and_tell))
