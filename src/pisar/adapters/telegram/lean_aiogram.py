"""aiogram imported in a third of the time; the only place that imports it.

`import aiogram` builds the pydantic schema of all its types and methods, hundreds of them, of which a process needs a
dozen: seconds of CPU, and a small function has a fraction of a core. Here the models stay unbuilt during the import, and
each is built the first time it is used, from the same namespace as aiogram would have used. What they accept and return is
the same. Two public knobs of pydantic do it, `model_rebuild` and the `defer_build` of `model_config`; both are put back on
BaseModel at once, and only aiogram's own base classes keep the namespace.

Delete when aiogram builds its models lazily itself.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import BaseModel, ConfigDict

_NAMESPACE: dict[str, Any] = {}
_build = BaseModel.__dict__["model_rebuild"].__func__


@contextmanager
def _models_unbuilt() -> Iterator[None]:
    base: Any = BaseModel
    config, rebuild = base.model_config, base.__dict__["model_rebuild"]
    base.model_config = ConfigDict(defer_build=True)
    base.model_rebuild = classmethod(_keep_namespace)
    try:
        yield
    finally:
        base.model_config = config
        base.model_rebuild = rebuild


def _keep_namespace(_cls: type[BaseModel], /, *, _types_namespace: Mapping[str, Any] | None = None, **_: Any) -> None:
    _NAMESPACE.update(_types_namespace or {})


def _build_with_namespace(cls: type[BaseModel], /, **options: Any) -> bool | None:
    # pydantic calls this when a model is first used.
    return _build(cls, **options | {"_types_namespace": _NAMESPACE})  # type: ignore[no-any-return]


with _models_unbuilt():
    from aiogram import Bot, exceptions, methods, types
    from aiogram.client.session.aiohttp import AiohttpSession
    from aiogram.client.telegram import TelegramAPIServer
    from aiogram.utils.token import TokenValidationError

if _NAMESPACE:  # empty if somebody imported aiogram before us: then its models are built
    _bases: tuple[Any, ...] = (types.TelegramObject, methods.TelegramMethod, methods.Response)
    for _base in _bases:
        _base.model_rebuild = classmethod(_build_with_namespace)

__all__ = ["AiohttpSession", "Bot", "TelegramAPIServer", "TokenValidationError", "exceptions", "methods", "types"]
