"""Jobs over SQS. Moto keeps nothing over its death, so that it is not killed here."""

import pytest

from tests.support.brokers import Sqs

from .jobs import *  # noqa: F403 - the same tests over each broker


@pytest.fixture(scope="module")
def broker() -> Sqs:
    return Sqs()
