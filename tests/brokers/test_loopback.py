"""RabbitMQ with the files of containers/rabbitmq: nobody but this machine reaches any of its ports."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from localstack.stack import ROOT
from tests.support.brokers import RabbitMq

pytestmark = pytest.mark.slow

SHIPPED = ROOT / "containers" / "rabbitmq"
LISTENING = "0A"
LOOPBACK = {"0100007F", "00000000000000000000000001000000"}
"""127.0.0.1 and ::1, as the kernel writes them."""


class Shipped(RabbitMq):
    """RabbitMQ whose addresses are those of the files."""

    def _command(self) -> tuple[list[str], Mapping[str, str]]:
        command, environment = super()._command()
        shipped = (SHIPPED / "rabbitmq.conf").read_text().replace("5672", str(self.port))
        conf = self.folder / "rabbitmq.conf"
        conf.write_text("".join(line for line in conf.read_text().splitlines(True) if "listeners" not in line) + shipped)
        ours = {"RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS", "ERL_EPMD_ADDRESS"}
        kept = {name: value for name, value in environment.items() if name not in ours}
        return command, kept | {"RABBITMQ_CONF_ENV_FILE": str(SHIPPED / "rabbitmq-env.conf")}

    def ports(self) -> set[int]:
        return {self.port, *self._spare}


def listening() -> list[tuple[str, int]]:
    """Return address and port of each socket of this machine that listens, the address as the kernel writes it."""
    rows = [row.split() for kind in ("tcp", "tcp6") for row in Path(f"/proc/net/{kind}").read_text().splitlines()[1:]]
    return [(row[1].split(":")[0], int(row[1].split(":")[1], 16)) for row in rows if row[3] == LISTENING]


def test_broker_node_and_port_mapper_listen_on_loopback_alone():
    with Shipped() as broker:
        found = [(address, port) for address, port in listening() if port in broker.ports()]
        assert {port for _, port in found} == broker.ports()
        assert {address for address, _ in found} <= LOOPBACK
