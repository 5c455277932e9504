"""The protocol's calls, answered for any provider that can make, read, change and erase resources.

A plan is what the configuration says, with every value that is the cloud's left open until it is made. A provider fails by
raising Refused; any other exception is a bug and reaches Terraform as such.
"""

import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Protocol

import grpc
import msgpack

from tests.support.terraform.plugin.messages import PACKAGE, SEVERITY_ERROR, messages
from tests.support.terraform.plugin.schema import Entries, is_computed, replacing, to_schema

WORKERS = 8
GRACE_SECONDS = 2.0
UNKNOWN = msgpack.ExtType(0, b"\0")  # "known after apply", as the protocol writes it

Values = dict[str, Any]


class Refused(Exception):
    """The cloud said no; the message is for the person at Terraform."""


class Provider(Protocol):
    """What is behind the protocol. All kinds of resources in `resources`; values by attribute, blocks as lists of values."""

    source: str
    settings: Entries
    resources: Mapping[str, Entries]

    def configure(self, settings: Values) -> None:
        """Take the provider's own block."""

    def create(self, kind: str, planned: Values) -> Values:
        """Make a resource and return all its values. Raises Refused."""

    def read(self, kind: str, known: Values) -> Values | None:
        """Return a resource's values as they are now, or None when it is gone. Raises Refused."""

    def update(self, kind: str, known: Values, planned: Values) -> Values:
        """Change a resource in place and return all its values. Raises Refused."""

    def delete(self, kind: str, known: Values) -> None:
        """Erase a resource; one that is gone is erased. Raises Refused."""


def is_unknown(value: Any) -> bool:
    """Say whether a planned value is the cloud's to give."""
    return isinstance(value, msgpack.ExtType)


@contextmanager
def served(*providers: Provider) -> Iterator[dict[str, str]]:
    """Serve providers on loopback; give the environment in which Terraform finds them."""
    servers, found = [], {}
    try:
        for provider in providers:
            server = grpc.server(ThreadPoolExecutor(WORKERS))
            servers.append(server)
            server.add_generic_rpc_handlers((_Calls(provider).handlers(),))
            port = server.add_insecure_port("127.0.0.1:0")
            server.start()
            address = {"Network": "tcp", "String": f"127.0.0.1:{port}"}
            found[provider.source] = {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": os.getpid(), "Test": True, "Addr": address}
        yield {"TF_REATTACH_PROVIDERS": json.dumps(found)}
    finally:
        for server in servers:
            server.stop(GRACE_SECONDS).wait()


class _Calls:
    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def handlers(self) -> Any:
        taken = {
            "GetProviderSchema": self._schema,
            "ValidateProviderConfig": _nothing,
            "ValidateResourceConfig": _nothing,
            "ConfigureProvider": self._configure,
            "UpgradeResourceState": self._upgrade,
            "ReadResource": self._read,
            "PlanResourceChange": self._plan,
            "ApplyResourceChange": self._apply,
            "StopProvider": _nothing,
        }
        methods = {
            name: grpc.unary_unary_rpc_method_handler(
                call,
                request_deserializer=getattr(messages, f"{name}Request", messages.Nothing).FromString,
                response_serializer=getattr(messages, f"{name}Response", messages.Nothing).SerializeToString,
            )
            for name, call in taken.items()
        }
        return grpc.method_handlers_generic_handler(f"{PACKAGE}.Provider", methods)

    def _schema(self, _request: Any, _context: Any) -> Any:
        kinds = {kind: to_schema(entries) for kind, entries in self._provider.resources.items()}
        return messages.GetProviderSchemaResponse(provider=to_schema(self._provider.settings), resource_schemas=kinds)

    def _configure(self, request: Any, _context: Any) -> Any:
        self._provider.configure(_unpack(request.config))
        return messages.Nothing()

    def _upgrade(self, request: Any, _context: Any) -> Any:
        return messages.UpgradeResourceStateResponse(upgraded_state=_pack(json.loads(request.raw_state.json)))

    def _read(self, request: Any, _context: Any) -> Any:
        try:
            values = self._provider.read(request.type_name, _unpack(request.current_state))
        except Refused as refusal:
            return messages.ReadResourceResponse(new_state=request.current_state, diagnostics=[_diagnostic(request, refusal)])
        return messages.ReadResourceResponse(new_state=_pack(values))

    def _plan(self, request: Any, _context: Any) -> Any:
        before, after = _unpack(request.prior_state), _unpack(request.proposed_new_state)
        entries = self._provider.resources[request.type_name]
        anew: list[str] = []
        if after is not None and before is not None:
            anew = [name for name in replacing(entries) if before[name] != after[name]]
        if after is not None and (before is None or anew):
            after = _left_open(entries, after)
        paths = [messages.AttributePath(steps=[messages.Step(attribute_name=name)]) for name in anew]
        return messages.PlanResourceChangeResponse(planned_state=_pack(after), requires_replace=paths)

    def _apply(self, request: Any, _context: Any) -> Any:
        kind, before, after = request.type_name, _unpack(request.prior_state), _unpack(request.planned_state)
        try:
            if after is None:
                self._provider.delete(kind, before)
            else:
                after = self._provider.create(kind, after) if before is None else self._provider.update(kind, before, after)
        except Refused as refusal:
            return messages.ApplyResourceChangeResponse(new_state=request.prior_state, diagnostics=[_diagnostic(request, refusal)])
        return messages.ApplyResourceChangeResponse(new_state=_pack(after))


def _nothing(_request: Any, _context: Any) -> Any:
    """Answer what needs no answer: nothing is checked that the schema does not say, and nothing is to be stopped."""
    return messages.Nothing()


def _left_open(entries: Entries, values: Values) -> Values:
    """Return a plan's values with those marked unknown that only the cloud can give."""
    filled = dict(values)
    for name, entry in entries.items():
        if "block" in entry and isinstance(values[name], list):
            filled[name] = [one if is_unknown(one) else _left_open(entry["block"], one) for one in values[name]]
        elif values[name] is None and is_computed(name, entry):
            filled[name] = UNKNOWN
    return filled


def _diagnostic(request: Any, refusal: Refused) -> Any:
    return messages.Diagnostic(severity=SEVERITY_ERROR, summary=f"{request.type_name}: the cloud refused", detail=str(refusal))


def _pack(value: Any) -> Any:
    return messages.DynamicValue(msgpack=msgpack.packb(value))


def _unpack(value: Any) -> Any:
    if value.msgpack:
        # Unknown values may carry what is known of them (extension 12): whatever it is, it goes back as it came.
        return msgpack.unpackb(value.msgpack, strict_map_key=False)
    return json.loads(value.json) if value.json else None
