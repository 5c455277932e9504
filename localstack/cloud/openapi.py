"""The OpenAPI document that Terraform deploys: rendered as Terraform would, and its routes.

A static path wins over a parameter, a parameter over a greedy one. Only what Pisar's document may use is understood; the
rest is an error when the document is read, not when a request comes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

import yaml

from localstack.cloud.exchange import Request, Route

ANY_METHOD = "x-yc-apigateway-any-method"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
_TEMPLATE = re.compile(r"\$\$\{|%%\{|\$\{\s*(?P<name>[A-Za-z_][\w-]*)\s*\}|\$\{|%\{")
_PARAMETER = re.compile(r"\{([^{}+]+)(\+?)\}")


class NoRoute(Exception):
    """The document has no such path (404), or the path no such method (405, inferred: the cloud's own code is undocumented)."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path."""

    resource: str
    method: str  # as the document writes it: "get", or the extension for any method
    operation_id: str
    integration: Mapping[str, Any]
    parameters: tuple[tuple[str, str], ...]  # where and name, as declared: ("query", "format")
    security: tuple[Mapping[str, Any], ...]

    def route(self, request: Request, path_parameters: Mapping[str, str], authorizer_context: Mapping[str, Any] | None) -> Route:
        """Return what is handed on with a request."""
        return Route(
            resource=self.resource,
            operation_id=self.operation_id,
            path_parameters=path_parameters,
            parameters=dict(_declared(self.parameters, request, path_parameters)),
            operation_context=self.integration.get("context", {}),
            authorizer_context=authorizer_context,
            payload_format_version=str(self.integration.get("payload_format_version", "0.1")),
        )


@dataclass(frozen=True, slots=True)
class Path:
    """One path of the document."""

    resource: str
    pattern: re.Pattern[str]
    names: tuple[str, ...]
    rank: tuple[int, ...]  # per segment: 0 static, 1 parameter, 2 greedy; the least one wins
    operations: Mapping[str, Operation]
    cors: Mapping[str, Any] | None


class Document:
    """A document's routes and security schemes."""

    def __init__(self, text: str, variables: Mapping[str, str]) -> None:
        self._document: dict[str, Any] = yaml.safe_load(render(text, variables))
        settings = self._document.get("x-yc-apigateway", {})
        self.cors: Mapping[str, Any] | None = settings.get("cors")
        self._ignores_trailing_slashes: bool = settings.get("ignoreTrailingSlashes", True)
        self.security_schemes: Mapping[str, Mapping[str, Any]] = self._document.get("components", {}).get("securitySchemes", {})
        self.paths = sorted((self._path(resource, item) for resource, item in self._document["paths"].items()), key=lambda path: path.rank)

    def find(self, request: Request) -> tuple[Path, dict[str, str]]:
        """Return the request's path and its parameters' values; raise NoRoute(404)."""
        wanted = self._trimmed(request.path)
        for path in self.paths:
            if match := path.pattern.fullmatch(wanted):
                return path, {name: unquote(value) for name, value in zip(path.names, match.groups(), strict=True)}
        raise NoRoute(404)

    def operation(self, path: Path, method: str) -> Operation:
        """Return the path's operation for a method; raise NoRoute(405)."""
        operation = path.operations.get(method.lower()) or path.operations.get(ANY_METHOD)
        if operation is None:
            raise NoRoute(405)
        return operation

    def _path(self, resource: str, item: Mapping[str, Any]) -> Path:
        trimmed = self._trimmed(resource)
        pieces = _PARAMETER.split(trimmed)  # literal, name, "+" or "", literal, name, …
        pattern = re.escape(pieces[0])
        for greedy, literal in zip(pieces[2::3], pieces[3::3], strict=True):
            pattern += ("(.+)" if greedy else "([^/]+)") + re.escape(literal)
        return Path(
            resource=resource,
            pattern=re.compile(pattern),
            names=tuple(pieces[1::3]),
            rank=tuple(_rank(segment) for segment in trimmed.split("/")),
            operations={method: self._operation(resource, item, method) for method in (*_METHODS, ANY_METHOD) if method in item},
            cors=item.get("x-yc-apigateway-cors", self.cors),
        )

    def _operation(self, resource: str, item: Mapping[str, Any], method: str) -> Operation:
        operation: Mapping[str, Any] = item[method]
        parameters = [self._resolved(parameter) for parameter in [*item.get("parameters", []), *operation.get("parameters", [])]]
        return Operation(
            resource=resource,
            method=method,
            operation_id=operation.get("operationId", ""),
            integration=operation["x-yc-apigateway-integration"],
            parameters=tuple((parameter["in"], parameter["name"]) for parameter in parameters),
            security=tuple(operation.get("security", self._document.get("security", []))),
        )

    def _resolved(self, node: Mapping[str, Any]) -> Mapping[str, Any]:
        reference: str | None = node.get("$ref")
        if reference is None:
            return node
        found: Any = self._document
        for name in reference.removeprefix("#/").split("/"):
            found = found[name]
        return self._resolved(found)

    def _trimmed(self, path: str) -> str:
        return path.rstrip("/") or "/" if self._ignores_trailing_slashes else path


def render(text: str, variables: Mapping[str, str]) -> str:
    """Return the text as Terraform's templatefile() would, for the part of its language that is plain names.

    "${name}" becomes the variable's value, "$${" and "%%{" lose a sign. Raises ValueError for a missing name, and for
    expressions and directives.
    """

    def replacement(match: re.Match[str]) -> str:
        found = match.group(0)
        if found in {"$${", "%%{"}:
            return found[1:]
        name = match.group("name")
        if name is None:
            raise ValueError(f"line {text.count(chr(10), 0, match.start()) + 1}: only plain names are understood after {found}")
        if name not in variables:
            raise ValueError(f"the document needs the variable {name}, which is not given")
        return variables[name]

    return _TEMPLATE.sub(replacement, text)


def _rank(segment: str) -> int:
    greedy = [parameter.group(2) for parameter in _PARAMETER.finditer(segment)]
    return 0 if not greedy else 2 if "+" in greedy else 1


def _declared(parameters: tuple[tuple[str, str], ...], request: Request, path_parameters: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """Return the declared parameters that the request has, with all their values."""
    query = parse_qs(request.query, keep_blank_values=True)
    found: list[tuple[str, list[str]]] = []
    for where, name in parameters:
        if where == "path":
            values = [path_parameters[name]] if name in path_parameters else []
        elif where == "query":
            values = query.get(name, [])
        else:
            values = [value for key, value in request.headers if where == "header" and key.lower() == name.lower()]
        if values:
            found.append((name, values))
    return found
