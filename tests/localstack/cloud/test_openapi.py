import pytest

from localstack.cloud.exchange import Request
from localstack.cloud.openapi import Document, NoRoute, render


def _document(*paths, settings="{}"):
    items = "\n".join(f"  {path}: {{get: {{x-yc-apigateway-integration: {{type: dummy}}}}}}" for path in paths)
    return Document(f"openapi: 3.0.0\nx-yc-apigateway: {settings}\npaths:\n{items}\n", {})


def _found(document, target):
    path, values = document.find(Request("GET", target))
    return path.resource, values


def test_a_template_is_rendered_as_terraform_would():
    text = 'a: "${fn_id}"\nb: "${ fn_id }"\nc: $${var.env}\nd: %%{x}\ne: $latest 100%\n'
    assert render(text, {"fn_id": "d4e"}) == 'a: "d4e"\nb: "d4e"\nc: ${var.env}\nd: %{x}\ne: $latest 100%\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${absent}", "variable absent"),
        ("ok\n${jsonencode(x)}", "line 2"),
        ("%{ if x }", "line 1"),
    ],
)
def test_a_name_that_is_missing_and_an_expression_are_errors(text, message):
    with pytest.raises(ValueError, match=message):
        render(text, {})


def test_a_static_path_wins_over_a_parameter_and_a_parameter_over_a_greedy_one():
    document = _document("/{proxy+}", "/jobs/{id}", "/jobs/new", "/jobs/{id}/text", "/{a}/new")
    assert [_found(document, target) for target in ("/jobs/new", "/jobs/7", "/jobs/7/text", "/x/new", "/jobs/7/other/b")] == [
        ("/jobs/new", {}),
        ("/jobs/{id}", {"id": "7"}),
        ("/jobs/{id}/text", {"id": "7"}),
        ("/{a}/new", {"a": "x"}),
        ("/{proxy+}", {"proxy": "jobs/7/other/b"}),
    ]


def test_a_parameters_value_is_decoded_and_keeps_encoded_slashes_in_one_segment():
    assert _found(_document("/jobs/{job-id}.json"), "/jobs/a%2Fb%20%C3%A9.json?x=1") == ("/jobs/{job-id}.json", {"job-id": "a/b é"})


def test_trailing_slashes_do_not_matter_unless_the_document_says_so():
    assert _found(_document("/jobs"), "/jobs/") == ("/jobs", {})
    assert _found(_document("/"), "/") == ("/", {})
    with pytest.raises(NoRoute):
        _document("/jobs", settings="{ignoreTrailingSlashes: false}").find(Request("GET", "/jobs/"))


def test_an_unknown_path_is_a_404_and_an_unknown_method_a_405():
    document = _document("/jobs")
    with pytest.raises(NoRoute) as caught:
        document.find(Request("GET", "/other"))
    assert caught.value.status == 404
    path, _ = document.find(Request("POST", "/jobs"))
    with pytest.raises(NoRoute) as caught:
        document.operation(path, "POST")
    assert caught.value.status == 405


def test_declared_parameters_are_found_wherever_they_stand():
    document = Document(
        """
        openapi: 3.0.0
        paths:
          /jobs/{id}:
            parameters: [{name: id, in: path}]
            get:
              parameters: [{$ref: "#/components/parameters/format"}, {name: X-Trace, in: header}, {name: absent, in: query}]
              x-yc-apigateway-integration: {type: dummy}
        components: {parameters: {format: {name: format, in: query}}}
        """,
        {},
    )
    request = Request("GET", "/jobs/7?format=srt&format=vtt&undeclared=1", (("x-trace", "t"),))
    path, values = document.find(request)
    route = document.operation(path, "GET").route(request, values, None)
    assert route.parameters == {"id": ["7"], "format": ["srt", "vtt"], "X-Trace": ["t"]}
