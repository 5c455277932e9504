"""The API's description, held against the rules of OpenAPI, against itself and against the code."""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from openapi_schema_validator import OAS30Validator
from openapi_spec_validator import validate

from docs.generators import public_document
from localstack.cloud.openapi import ANY_METHOD, Document
from localstack.stack import ROOT
from pisar.domain.options import AUTO, KEPT_PROMPT_CHARACTERS, LANGUAGES
from pisar.errors import Misuse, Rejection
from pisar.formats import FORMATS, jobs, openai
from pisar.web import docs
from pisar.web import openai as face
from pisar.web.jobs import DEFAULT_PAGE, MAX_IDEMPOTENCY_KEY, MAX_NAME, MAX_PAGE

PACKAGED = ROOT / "src" / "pisar" / "web" / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(PACKAGED.read_text(encoding="utf-8"))
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
FOREIGN = {"GatewayError"}
"""Objects that may have more than is described: the gateway's own."""

VARIABLES = (
    "cors_origin",
    "gateway_service_account_id",
    "webhook_function_id",
    "authorizer_function_id",
    "jobs_function_id",
    "transcriber_container_id",
)


def resolved(node: Any) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        found = DOCUMENT
        for name in node["$ref"].removeprefix("#/").split("/"):
            found = found[name]
        node = found
    return node


def walk(node: Any, at: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every object of the document and where it is."""
    if isinstance(node, dict):
        yield at, node
    for name, value in node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ():
        yield from walk(value, f"{at}/{name}")


def examples(described: dict[str, Any]) -> list[Any]:
    """Return the examples of a media type, parameter or header, its schema's among them."""
    named = [resolved(one)["value"] for one in described.get("examples", {}).values()]
    alone = [described["example"]] if "example" in described else []
    schema = resolved(described["schema"])
    return [*named, *alone, *([schema["example"]] if "example" in schema else [])]


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {path}", operation


def described() -> dict[str, dict[str, Any]]:
    """Return every media type, parameter and header by where it stands."""
    return {at: node for at, node in walk(DOCUMENT) if "schema" in node and isinstance(node["schema"], dict)}


def bodies() -> dict[str, dict[str, Any]]:
    """Return the media types of every request and every answer."""
    found = {}
    for name, operation in operations():
        content = resolved(operation.get("requestBody", {})).get("content", {})
        found |= {f"{name} {media_type}": one for media_type, one in content.items()}
        for status, response in operation["responses"].items():
            found |= {f"{name} {status} {media_type}": one for media_type, one in resolved(response).get("content", {}).items()}
    return found


def test_the_packaged_description_is_fresh():
    assert PACKAGED.read_text(encoding="utf-8") == public_document.text()


def test_the_description_is_valid():
    validate(DOCUMENT)


def test_the_gateways_document_is_valid():
    text = public_document.GATEWAY_DOCUMENT.read_text(encoding="utf-8")
    validate(public_document.yaml.safe_load(text.replace("+}:", "}:")))  # the cloud's sign for a parameter of several segments


def test_nothing_of_the_cloud_is_told():
    assert re.findall(r"x-yc-|\$\{|function_id|container_id", PACKAGED.read_text(encoding="utf-8")) == []


def test_a_variable_outside_the_clouds_extensions_is_not_published():
    with pytest.raises(ValueError, match="variable"):
        public_document.public({"paths": {}, "info": {"title": "${title}"}})


def test_callers_are_told_of_every_operation_but_telegrams_and_the_pages():
    text = public_document.GATEWAY_DOCUMENT.read_text(encoding="utf-8")
    gateway = Document(text, dict.fromkeys(VARIABLES, "x"))
    served = {f"{method.upper()} {path.resource}" for path in gateway.paths for method in path.operations if method != ANY_METHOD}
    assert served - {name for name, _ in operations()} == {"POST /telegram", "GET /", "GET /page/{version}/{file+}"}
    assert {name for name, _ in operations()} - served == set()


def test_every_operation_has_a_name_of_its_own_a_summary_and_a_tag_that_is_described():
    names = [operation["operationId"] for _, operation in operations()]
    assert sorted(set(names)) == sorted(names)
    assert [name for name, operation in operations() if not operation["summary"].endswith(".")] == []
    tags = {tag["name"] for tag in DOCUMENT["tags"]}
    assert {tag for _, operation in operations() for tag in operation["tags"]} == tags


def test_every_operation_says_who_may_call_it():
    """The header that the gateway looks at first is the one that such callers know."""
    openai, ours, anybody = [{"Bearer": []}, {"ApiKey": []}], [{"ApiKey": []}, {"Bearer": []}], []
    expected = {
        name: openai if "/v1/" in name else ours if re.search("/(me$|jobs|transcri)", name) else anybody for name, _ in operations()
    }
    assert {name: operation["security"] for name, operation in operations()} == expected


def test_every_operation_for_key_holders_tells_of_a_wrong_option():
    """A parameter that nobody knows is refused at each of them."""
    assert [name for name, operation in operations() if operation["security"] and "422" not in operation["responses"]] == []


@pytest.mark.parametrize("where", bodies())
def test_every_body_has_an_example(where: str):
    assert examples(bodies()[where])


@pytest.mark.parametrize("where", described())
def test_every_example_fits_its_schema(where: str):
    one = described()[where]
    strict = OAS30Validator(one["schema"] | {"components": DOCUMENT["components"]}, format_checker=jsonschema.FormatChecker())
    assert [error.message for example in examples(one) for error in strict.iter_errors(example)] == []


def test_every_object_of_ours_is_described_whole():
    inside = [(at, node) for at, node in walk(SCHEMAS) if node.get("type") == "object" and "properties" in node]
    assert {at.split("/")[1] for at, node in inside if node.get("additionalProperties") is not False} == FOREIGN
    answers = [
        (at, node)
        for at, node in inside
        if at.split("/")[1] not in {"TranscribeForm", "OpenAiForm", "Order", "CorrectionsOrder", "ShareOrder", *FOREIGN}
    ]
    optional = {(at, name) for at, node in answers for name in node["properties"].keys() - set(node["required"])}
    assert optional == {
        ("/Job", "upload"),
        ("/Correction", "word"),
        ("/CorrectableWord", "original"),
        ("/VerboseSegment", "original"),
        ("/OpenAiVerboseTranscript", "words"),
        ("/OpenAiVerboseTranscript", "segments"),
    }


def test_the_version_is_the_packages():
    assert DOCUMENT["info"]["version"] == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]


def test_names_and_limits_are_those_of_the_code():
    form, page = SCHEMAS["TranscribeForm"]["properties"], DOCUMENT["paths"]["/jobs"]["get"]["parameters"][0]["schema"]
    transcript = DOCUMENT["paths"]["/jobs/{id}/transcript"]["get"]["parameters"][1]["schema"]
    key = DOCUMENT["paths"]["/jobs"]["post"]["parameters"][0]["schema"]
    assert SCHEMAS["Language"]["enum"] == [AUTO, *LANGUAGES]
    assert SCHEMAS["Job"]["properties"]["prompt"]["maxLength"] == KEPT_PROMPT_CHARACTERS
    assert set(form["response_format"]["enum"]) == set(transcript["enum"]) == set(FORMATS)
    assert set(SCHEMAS["OpenAiForm"]["properties"]["response_format"]["enum"]) == set(openai.FORMATS)
    options = {name.removesuffix("[]") for name in SCHEMAS["OpenAiForm"]["properties"]} - {"file"}
    assert options == {*face.TAKEN, *face.IGNORED}
    assert (page["minimum"], page["default"], page["maximum"]) == (1, DEFAULT_PAGE, MAX_PAGE)
    assert key["maxLength"] == MAX_IDEMPOTENCY_KEY
    assert SCHEMAS["RecordingName"]["maxLength"] == SCHEMAS["Job"]["properties"]["name"]["maxLength"] == MAX_NAME
    assert tuple(SCHEMAS["Job"]["properties"]["state"]["enum"]) == jobs.STATES
    assert DOCUMENT["paths"]["/docs/{asset}"]["get"]["parameters"][0]["schema"]["enum"] == list(docs.ASSETS)


def test_every_reason_to_refuse_is_among_the_codes():
    assert {one.value for one in (*Rejection, *Misuse)} - set(
        SCHEMAS["Error"]["properties"]["error"]["properties"]["code"]["enum"]
    ) == set()
