"""What the documents say, held against what is there."""

import json
import re
from configparser import ConfigParser
from dataclasses import fields
from fnmatch import fnmatch
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from docs.generators import conversation_table
from localstack.demo import HOPS, sentences, words
from localstack.stack import Stack, StackConfig
from pisar.adapters.model_files import MODELS
from pisar.domain.bucket import PREFIXES
from pisar.owner import costs
from pisar.wiring import settings, settings_doc
from tests.support.composed import services

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCUMENTS = [README, ROOT / "CHANGELOG.md", ROOT / "demo" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
SPOKEN = {voice.path.name: voice.expected or "" for voice in sentences()}
NOT_IN_THE_REPOSITORY = (*PREFIXES, "build/", "check/", "path/", ".pisar/", ".venv/", "ggerganov/")
"""Objects of the bucket, placeholders of the reader's own paths, what the commands make, and a repository of somebody else's."""


def text(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def blocks(document: Path) -> list[str]:
    return re.findall(r"^```\w*\n(.*?)^```", text(document), re.DOTALL | re.MULTILINE)


def inline_code(document: Path) -> list[str]:
    return re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text(document), flags=re.DOTALL | re.MULTILINE))


def rows(document: Path) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in text(document).splitlines() if line.startswith("|")]


def named(document: Path) -> str:
    return str(document.relative_to(ROOT))


each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=named)


@each_document
def test_every_make_command_that_is_named_exists(document: Path):
    targets = set(re.findall(r"^([a-z][a-z-]*):", text(ROOT / "Makefile"), re.MULTILINE))
    commands = set(re.findall(r"(?:^|\s)make ([a-z][a-z-]*)(?!\w)", "\n".join([*inline_code(document), *blocks(document)]), re.MULTILINE))
    assert commands - targets == set()


@each_document
def test_every_path_that_is_named_exists(document: Path):
    paths = [code for code in inline_code(document) if re.fullmatch(r"[\w.][\w.*-]*(/[\w.*<>-]+)*/?", code) and "/" in code]
    ours = [path for path in paths if not path.startswith(NOT_IN_THE_REPOSITORY)]
    assert [path for path in ours if not any(any(home.glob(path.rstrip("/"))) for home in (ROOT, document.parent))] == []


@each_document
def test_every_setting_that_is_named_exists(document: Path):
    stack = Stack()
    stack.close()
    known = {field.metadata["name"] for group in settings.GROUPS for field in fields(group)} | set(stack.local_environment())
    known |= {name for service in services().values() for name in service.get("environment", {})}
    found = set(re.findall(r"\b(?:PISAR|TELEGRAM|AWS)_[A-Z][A-Z_0-9]*[A-Z0-9]\b", text(document)))
    assert found - known == set()


@each_document
def test_every_link_between_documents_leads_somewhere(document: Path):
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text(document))
    assert [target for target in targets if "://" not in target and not (document.parent / target).exists()] == []


def anchors(document: Path) -> set[str]:
    """Return what a link may lead to within a document: its headings, as GitHub names them, and the anchors it sets itself."""
    said = re.sub(r"^```.*?^```", "", text(document), flags=re.DOTALL | re.MULTILINE)
    headings = re.findall(r"^#+ (.+)$", said, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings} | set(re.findall(r'<a id="(.+?)"', said))


@each_document
def test_every_link_into_a_document_leads_to_a_heading_of_it(document: Path):
    links = re.findall(r"\]\(([^)#\s:]*)#([^)\s]+)\)", text(document))
    assert [(target, anchor) for target, anchor in links if anchor not in anchors(document.parent / target if target else document)] == []


def is_ours(dotted: str) -> bool:
    """Say whether a module or package of this name exists, or a module in which the last name is defined."""
    path = ROOT.joinpath("src", *dotted.split("."))
    if path.is_dir() or path.with_suffix(".py").is_file():
        return True
    module = path.parent.with_suffix(".py")
    return module.is_file() and re.search(rf"^(?:def |class )?{path.name}\b", text(module), re.MULTILINE) is not None


@each_document
def test_every_module_that_is_named_exists(document: Path):
    named = [code for code in inline_code(document) if re.fullmatch(r"pisar(\.[A-Za-z_0-9]+)+", code) and not code.endswith(".json")]
    assert [dotted for dotted in named if not is_ours(dotted)] == []


def test_each_word_of_the_glossary_says_what_it_is_and_where_its_rule_lives():
    words = [row for row in rows(ROOT / "docs" / "glossary.md") if row[0] != "word" and not row[0].startswith("---")]
    assert len(words) > 50
    assert [word for word in words if len(word) != 4 or not all(word)] == []
    assert [word[3] for word in words if not re.fullmatch(r"`(src|localstack|tests)/[\w/.]+`", word[3])] == []
    assert [word[3] for word in words if not (ROOT / word[3].strip("`")).exists()] == []
    assert [word[2] for word in words if not word[2].endswith(".")] == []


@each_document
def test_nothing_of_the_machine_it_was_written_on_is_told(document: Path):
    assert re.findall(r"(?<![\w/.])/(?:work|tmp|root|home)\b", text(document)) == []


def test_the_settings_are_fresh():
    assert text(ROOT / "docs" / "settings.md") == settings_doc.document()


def test_the_table_of_the_conversation_is_fresh():
    assert text(ROOT / "docs" / "conversation.md") == conversation_table.document()


def test_the_cost_table_is_fresh():
    document = ROOT / "docs" / "cloud.md"
    assert text(document) == costs.with_table(text(document))


def test_the_readme_is_one_page_and_leads_to_every_other():
    assert len(text(README).splitlines()) <= 220
    pages = {named(page) for page in (ROOT / "docs").glob("*.md")}
    assert pages - set(re.findall(r"\]\(([^)#\s]+)", text(README))) == set()


def test_each_package_that_the_import_contracts_order_is_in_the_architectures_table():
    contracts = ConfigParser()
    contracts.read(ROOT / ".importlinter", encoding="utf-8")
    layers = re.findall(r"pisar\.(\w+)", contracts["importlinter:contract:rooms"]["layers"])
    told = " ".join(row[0] for row in rows(ROOT / "docs" / "architecture.md") if len(row) == 3)
    assert len(layers) > 10
    assert [layer for layer in layers if not re.search(rf"`src/pisar/{layer}(\.py)?`", told)] == []


def test_the_tree_of_the_readme_names_every_top_level_folder():
    ignored = [line.strip("/") for line in text(ROOT / ".gitignore").split()] + [".git"]
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not any(fnmatch(path.name, pattern) for pattern in ignored)}
    tree = next(block for block in blocks(README) if block.startswith(".ci/"))
    assert {line.split("/")[0] for line in tree.splitlines()} == folders


def test_what_is_told_of_the_demo_model_is_what_its_own_document_says():
    demo = ROOT / "demo" / "README.md"
    (words,) = re.findall(r"every byte, (\d+) words", text(demo))
    assert re.findall(r"knows (\d+) words", text(ROOT / "localstack" / "__main__.py")) == [words]


def test_the_models_that_are_listed_are_known_and_as_large_as_it_says():
    shown = {row[0].strip("`"): row[1] for row in rows(ROOT / "docs" / "models.md") if row[1:] and row[1].endswith(" MB")}
    assert shown == {name: f"{MODELS[name].size / 1e6:.0f} MB" for name in shown}
    assert len(shown) == 8


def test_the_answer_in_the_readme_is_what_the_voice_says():
    (answer,) = [json.loads(block) for block in blocks(README) if block.startswith("{")]
    assert words(answer["transcription"]) == words(SPOKEN["ru-1.ogg"])


def test_the_conversation_in_the_readme_says_what_the_voices_say():
    (shown,) = [block for block in blocks(README) if "🎤" in block]
    assert re.findall(r"🎤 (\S+)", shown) == ["ru-1.ogg"]
    said = " ".join(line.strip("│ ") for line in shown.splitlines() if line.startswith("│ ") and line.count("│") == 2)
    assert words(said.partition("… → ")[2])[-len(words(SPOKEN["ru-1.ogg"])) :] == words(SPOKEN["ru-1.ogg"])


def test_the_sentences_are_small_and_each_has_its_text():
    sounds = {path.name: path.stat().st_size for path in (ROOT / "demo" / "sentences").glob("*.ogg")}
    assert sounds.keys() == SPOKEN.keys()
    assert [name for name, size in sounds.items() if size > 20_000] == []
    assert sorted(name[:2] for name in sounds) == ["en"] * 3 + ["ru"] * 3


def test_the_hops_in_the_readme_are_those_the_demonstration_shows_in_its_order():
    shown = [line.split("│")[1].strip() for line in text(README).splitlines() if line.startswith("│") and line.count("│") == 8]
    assert len(shown) == 7
    assert shown == [meaning for _, meaning in HOPS if meaning in shown]


def test_the_times_in_the_architecture_are_the_real_ones_and_grow():
    told = {
        row[2].strip("`") if row[2].startswith("`") else row[0]: row[1] for row in rows(ROOT / "docs" / "architecture.md") if len(row) == 3
    }
    defaults = {field.metadata["name"]: field.default for group in settings.GROUPS for field in fields(group)}
    stack = StackConfig()
    names = (
        "TELEGRAM_TIMEOUT_SECONDS",
        "PISAR_INTAKE_PATIENCE_SECONDS",
        "TELEGRAM_PATIENCE_SECONDS",
        "PISAR_INTAKE_LEASE_SECONDS",
        "PISAR_LEASE_SECONDS",
    )
    expected = {name: f"{defaults[name]:g} s" for name in names}
    expected |= {
        "a function's timeout": f"{stack.function_timeout:g} s",
        "the container's timeout": f"{stack.container_timeout:g} s",
        "the queue's visibility timeout": f"{stack.visibility_timeout:g} s",
    }
    assert {name: told.get(name) for name in expected} == expected
    assert stack.function_timeout < stack.intake_lease == defaults["PISAR_INTAKE_LEASE_SECONDS"]
    assert stack.container_timeout < stack.lease == defaults["PISAR_LEASE_SECONDS"] < stack.visibility_timeout


def test_the_decisions_are_numbered_without_a_gap_and_each_says_its_number():
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [path.name[:4] for path in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    assert [text(path).split()[1] for path in decisions] == [path.name[:4] for path in decisions]


def test_the_picture_is_well_formed_and_says_in_words_what_it_shows():
    picture = ET.fromstring(text(ROOT / "docs" / "images" / "flow.svg"))  # noqa: S314 - our own file
    title = picture.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert f"![{title.text}](docs/images/flow.svg)" in text(README)


def test_the_conversation_that_is_pictured_is_in_the_readme_and_says_what_the_voices_say():
    picture = ET.fromstring(text(ROOT / "docs" / "images" / "conversation.svg"))  # noqa: S314 - our own file
    title = picture.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert f"![{title.text}](docs/images/conversation.svg)" in text(README)
    shown = "".join(picture.itertext()).replace("\xa0", " ")
    assert [name for name in ("ru-1.ogg", "en-2.ogg") if " ".join(words(SPOKEN[name])) not in " ".join(words(shown))] == []
