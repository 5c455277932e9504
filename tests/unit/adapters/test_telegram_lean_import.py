"""The lean import of aiogram, against the plain one: both in interpreters of their own."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent.parent
UPDATES = sorted((ROOT / "tests" / "data" / "events" / "telegram").glob("*.json"))

PLAIN = "from aiogram import Bot, methods, types"
LEAN = "from pisar.adapters.telegram.lean_aiogram import Bot, methods, types"
CHILD = """
import json, resource, sys
{import_}
first = types.Update.model_validate_json(open(sys.argv[1], "rb").read())
usage = resource.getrusage(resource.RUSAGE_SELF)
def shape(value):
    if isinstance(value, types.TelegramObject):
        return [type(value).__name__, {{name: shape(item) for name, item in value}}]
    return [shape(item) for item in value] if isinstance(value, list) else repr(value)
updates = [types.Update.model_validate_json(open(path, "rb").read()) for path in sys.argv[1:]]
answer = {{"ok": True, "result": {{"message_id": 5, "date": 1790000000, "chat": {{"id": 1, "type": "private"}}}}}}
media = types.InputMediaDocument(media=types.BufferedInputFile(b"x", "x.txt"), caption="c")
calls = [
    methods.SendMessage(chat_id=1, text="a", reply_parameters=types.ReplyParameters(message_id=2, allow_sending_without_reply=True)),
    methods.EditMessageText(chat_id=1, message_id=2, text="a", link_preview_options=types.LinkPreviewOptions(is_disabled=True)),
    methods.EditMessageMedia(chat_id=1, message_id=2, media=media),
    methods.GetFile(file_id="f"),
]
def refused(body):
    try:
        return repr(types.Update.model_validate_json(body))
    except ValueError as error:
        return json.loads(error.json(include_url=False))
print(json.dumps({{
    "cpu_seconds": usage.ru_utime + usage.ru_stime,
    "dumps": [update.model_dump(mode="json") for update in updates],
    "shapes": [shape(update) for update in updates],
    "calls": [{{k: repr(v) for k, v in call.model_dump(exclude={{"media"}}, warnings=False).items()}} for call in calls],
    "answers": [shape(methods.Response[returned].model_validate(answer).result) for returned in (types.Message, types.Message | bool)],
    "refusals": [refused(body) for body in (b"", b"[]", b"{{}}", b'{{"update_id": 1, "message": {{"voice": 5}}}}')],
}}))
"""


def child(import_):
    command = [sys.executable, "-c", CHILD.format(import_=import_), *map(str, UPDATES)]
    return json.loads(subprocess.run(command, capture_output=True, check=True, text=True, cwd=ROOT).stdout)


@pytest.fixture(scope="module")
def plain():
    return child(PLAIN)


@pytest.fixture(scope="module")
def lean():
    return child(LEAN)


@pytest.mark.parametrize("part", ["dumps", "shapes", "calls", "answers", "refusals"])
def test_models_behave_as_with_the_plain_import(plain, lean, part):
    assert lean[part] == plain[part]


def test_the_updates_compared_are_many_and_were_read_whole(lean):
    assert len(lean["dumps"]) >= 10
    voice = lean["dumps"][[path.stem for path in UPDATES].index("forwarded_voice")]["message"]
    assert (voice["voice"]["duration"], voice["forward_origin"]["sender_user"]["first_name"]) == (7, "Boris")


def test_the_lean_import_costs_less_than_half_the_cpu(plain, lean):
    assert lean["cpu_seconds"] < plain["cpu_seconds"] / 2


def test_pydantic_is_left_as_it_was():
    code = f"import pydantic; old = dict(vars(pydantic.BaseModel)); {LEAN}; assert dict(vars(pydantic.BaseModel)) == old"
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)


def test_nothing_else_imports_aiogram():
    modules = [*(ROOT / "src").rglob("*.py"), *(ROOT / "functions").rglob("*.py"), *(ROOT / "containers").rglob("*.py")]
    importers = {path.name for path in modules for name in imports(path) if name.split(".")[0] == "aiogram"}
    assert importers == {"lean_aiogram.py"}


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
