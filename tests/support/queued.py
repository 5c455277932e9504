"""How many messages wait in the queues of a deployment, over each broker, for who has to know that none is left."""

from localstack.cloud.clients import sqs_client
from pisar.adapters.celery_queue import Role
from tests.support.brokers import Broker

COUNTS = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]


def waiting(broker: Broker) -> int:
    """Return how many messages wait in a broker's queues or are held by somebody (RabbitMQ: wait alone)."""
    queues = [role.queue for role in Role]
    if broker.name == "redis":
        import redis  # noqa: PLC0415 - only for that broker

        with redis.Redis.from_url(broker.url) as client:
            return sum(client.llen(queue) + client.zcard(f"{queue}-unacked-index") for queue in queues)
    if broker.name == "rabbitmq":
        from kombu import Connection  # noqa: PLC0415 - only for that broker

        with Connection(broker.url) as connection:
            return sum(connection.default_channel.queue_declare(queue, passive=True).message_count for queue in queues)
    endpoint = broker.environment()["AWS_ENDPOINT_URL_SQS"]
    sqs = sqs_client(endpoint)
    return waiting_in_sqs(endpoint, *(sqs.get_queue_url(QueueName=queue)["QueueUrl"] for queue in queues))


def waiting_in_sqs(endpoint: str, *urls: str) -> int:
    """Return how many messages wait in queues of SQS or are held by somebody.

    They are counted twice: a message that becomes visible, or moves to the dead letters, between two counts is in neither.
    """
    sqs = sqs_client(endpoint)
    found = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=COUNTS) for url in urls * 2]  # type: ignore[arg-type]
    return sum(int(number) for one in found for number in one["Attributes"].values())
