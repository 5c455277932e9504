"""The messages of Terraform's plugin protocol 6 that a rehearsal takes and gives, as protobuf classes made here at import.

By message: each field's number and type, as Terraform numbers them; "*" before a type repeats it, "{}" makes it the value of a map
by string. Fields that are not listed are skipped when read, as protobuf has it.
"""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PACKAGE = "tfplugin6"
SEVERITY_ERROR = 1
NESTING_LIST, NESTING_SET = 2, 3

_FIELDS: Mapping[str, Mapping[str, tuple[int, str]]] = {
    "DynamicValue": {"msgpack": (1, "bytes"), "json": (2, "bytes")},
    "RawState": {"json": (1, "bytes")},
    "Step": {"attribute_name": (1, "string")},
    "AttributePath": {"steps": (1, "*Step")},
    "Diagnostic": {"severity": (1, "int64"), "summary": (2, "string"), "detail": (3, "string")},
    "Attribute": {
        "name": (1, "string"),
        "type": (2, "bytes"),
        "required": (4, "bool"),
        "optional": (5, "bool"),
        "computed": (6, "bool"),
        "sensitive": (7, "bool"),
        "deprecated": (9, "bool"),
    },
    "NestedBlock": {
        "type_name": (1, "string"),
        "block": (2, "Block"),
        "nesting": (3, "int64"),
        "min_items": (4, "int64"),
        "max_items": (5, "int64"),
    },
    "Block": {"attributes": (2, "*Attribute"), "block_types": (3, "*NestedBlock")},
    "Schema": {"block": (2, "Block")},
    "Nothing": {},
    "GetProviderSchemaResponse": {"provider": (1, "Schema"), "resource_schemas": (2, "{}Schema")},
    "ConfigureProviderRequest": {"config": (2, "DynamicValue")},
    "UpgradeResourceStateRequest": {"type_name": (1, "string"), "raw_state": (3, "RawState")},
    "UpgradeResourceStateResponse": {"upgraded_state": (1, "DynamicValue")},
    "ReadResourceRequest": {"type_name": (1, "string"), "current_state": (2, "DynamicValue")},
    "ReadResourceResponse": {"new_state": (1, "DynamicValue"), "diagnostics": (2, "*Diagnostic")},
    "PlanResourceChangeRequest": {
        "type_name": (1, "string"),
        "prior_state": (2, "DynamicValue"),
        "proposed_new_state": (3, "DynamicValue"),
    },
    "PlanResourceChangeResponse": {"planned_state": (1, "DynamicValue"), "requires_replace": (2, "*AttributePath")},
    "ApplyResourceChangeRequest": {"type_name": (1, "string"), "prior_state": (2, "DynamicValue"), "planned_state": (3, "DynamicValue")},
    "ApplyResourceChangeResponse": {"new_state": (1, "DynamicValue"), "diagnostics": (3, "*Diagnostic")},
}


def _made() -> SimpleNamespace:
    file = descriptor_pb2.FileDescriptorProto(name="pisar/terraform_plugin.proto", package=PACKAGE, syntax="proto3")
    for name, fields in _FIELDS.items():
        message = file.message_type.add(name=name)
        for field, (number, kind) in fields.items():
            _add(message, field, number, kind)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return SimpleNamespace(**{name: message_factory.GetMessageClass(pool.FindMessageTypeByName(f"{PACKAGE}.{name}")) for name in _FIELDS})


def _add(message: Any, name: str, number: int, kind: str) -> None:
    kinds = descriptor_pb2.FieldDescriptorProto
    label = kinds.LABEL_REPEATED if kind.startswith(("*", "{}")) else kinds.LABEL_OPTIONAL
    field = message.field.add(name=name, number=number, label=label)
    bare = kind.lstrip("*{}")
    if kind.startswith("{}"):
        entry = message.nested_type.add(name=f"{name.title().replace('_', '')}Entry")
        entry.options.map_entry = True
        _add(entry, "key", 1, "string")
        _add(entry, "value", 2, bare)
        field.type, field.type_name = kinds.TYPE_MESSAGE, f".{PACKAGE}.{message.name}.{entry.name}"
    elif bare in _FIELDS:
        field.type, field.type_name = kinds.TYPE_MESSAGE, f".{PACKAGE}.{bare}"
    else:
        field.type = kinds.Type.Value(f"TYPE_{bare.upper()}")


messages = _made()
"""The classes, by name."""
