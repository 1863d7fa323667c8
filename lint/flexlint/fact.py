"""Classes for facts: named values in slots, made as dataclasses are, at a third of what one costs at the start.

Comes in: a class whose body is annotations with or without defaults (`dataclasses.field` for what each object needs of
its own). Goes out: a class with slots and `__init__`, and nothing else: no comparison by value, no `repr`, which for
a configuration would print its keys. Where either is wanted, or `asdict`, a dataclass or a NamedTuple is right.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, field
from typing import Any, TypeVar, dataclass_transform

C = TypeVar("C")


@dataclass_transform(eq_default=False, field_specifiers=(field,))
def fact(cls: type[C]) -> type[C]:
    """The class with `__slots__` and `__init__`; a subclass of a fact has the parent's values first."""
    body = dict(cls.__dict__)
    body.pop("__dict__", None)
    body.pop("__weakref__", None)
    own = body.get("__annotations__", {})
    inherited: dict[str, Any] = getattr(cls, "__facts__", {})
    facts = inherited | {name: body.pop(name, MISSING) for name in own}
    body["__facts__"] = facts
    body["__slots__"] = tuple(name for name in own if name not in inherited)
    body["__init__"] = _late_initializer(facts)
    metaclass: Any = type(cls)
    made: type[C] = metaclass(cls.__name__, cls.__bases__, body)
    made.__qualname__ = cls.__qualname__
    return made


def names_of(cls: type[object]) -> tuple[str, ...]:
    """The names of the values of a fact, those of its parents first."""
    return tuple(getattr(cls, "__facts__", ()))


def _late_initializer(facts: dict[str, Any]) -> Any:
    """An `__init__` that is made when the first object is: most classes of a run never have one."""

    def initialize(self: object, *values: object, **named: object) -> None:
        made = _initializer(facts)
        for cls in type(self).__mro__:
            if cls.__dict__.get("__init__") is initialize:
                cls.__init__ = made  # type: ignore[misc]
        made(self, *values, **named)

    return initialize


def _initializer(facts: dict[str, Any]) -> Any:
    """`__init__` for these names; a value that is missing is its default, or made anew by its factory."""
    known: dict[str, Any] = {"MISSING": MISSING}
    arguments, lines = ["self"], []
    for name, default in facts.items():
        value = name
        if isinstance(default, Field):
            if default.default_factory is not MISSING:
                known[f"_{name}"] = default.default_factory
                arguments.append(f"{name}=MISSING")
                value = f"_{name}() if {name} is MISSING else {name}"
                default = None
            else:
                default = default.default
        if default is MISSING:
            arguments.append(name)
        elif value == name:
            known[f"_{name}"] = default
            arguments.append(f"{name}=_{name}")
        lines.append(f" self.{name}={value}")
    exec(f"def __init__({','.join(arguments)}):\n" + "\n".join(lines or [" pass"]), known)
    return known["__init__"]
