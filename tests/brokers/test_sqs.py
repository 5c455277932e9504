"""Jobs over SQS. Moto keeps nothing over its death, so that it is not killed here."""

import pytest

from localstack.brokers import Sqs

from .jobs import (  # noqa: F401 - the same tests over each broker
    test_a_broken_recording_is_refused,
    test_a_long_recording_is_cut_and_a_worker_of_its_parts_killed,
    test_a_task_that_outlasts_the_visibility_timeout,
    test_a_voice_message_is_answered_once,
    test_an_engine_killed_mid_job,
    test_an_engine_told_to_stop_finishes_its_job,
    test_errands_killed_at_the_answer,
    test_results_that_can_not_be_kept,
    test_the_api_makes_a_job_that_the_workers_do,
    test_twenty_voice_messages_are_answered_once_each,
)


@pytest.fixture(scope="module")
def broker() -> Sqs:
    return Sqs()
