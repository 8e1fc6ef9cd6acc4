"""JSON Schemas of the structs that travel, named by their nouns, times marked as such."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct, inspect

Schema = dict[str, Any]


def tag(shape: type[Struct]) -> str:
    """A step's published name; None as a word where it is no step."""
    return str(shape.__struct_config__.tag)


def components(shapes: list[Any], template: str) -> tuple[tuple[Schema, ...], dict[str, Schema]]:
    """References to `shapes` and the schemas of everything inside them; times are marked as such."""
    found = list(structs(inspect.multi_type_info(shapes), set()))
    called = _called([shape.cls for shape in found])
    references, parts = _renamed(msgspec.json.schema_components(shapes, ref_template=template), called)
    for shape in found:
        part = parts[called[shape.cls]]
        part.pop("additionalProperties", None)  # unknown fields are kept out and named, never refused
        if "description" in part:
            part["description"] = " ".join(part["description"].split())
        for field in shape.fields:
            if isinstance(field.type, inspect.DateTimeType):
                part["properties"][field.encode_name].setdefault("format", "date-time")
    return references, parts


def _called(shapes: list[type[Struct]]) -> dict[type[Struct], str]:
    """What each struct is called in a document: steps of two nouns that share a name get the noun before it."""
    names = [shape.__name__ for shape in shapes]
    nouns = [tag(shape).partition(".")[0].capitalize() if names.count(shape.__name__) > 1 else "" for shape in shapes]
    return {shape: noun + shape.__name__ for shape, noun in zip(shapes, nouns, strict=True)}


def _renamed(made: tuple[Any, Any], called: dict[type[Struct], str]) -> tuple[tuple[Schema, ...], dict[str, Schema]]:
    """msgspec tells such structs apart by their modules, which are nobody's business."""
    text = json.dumps(made)
    for shape, name in called.items():
        module = f"{shape.__module__}.{shape.__name__}"
        text = text.replace(f'/{module}"', f'/{name}"').replace(f'"{module}"', f'"{name}"')
    references, parts = json.loads(text)
    return tuple(references), parts


def structs(types: Any, seen: set[Any]) -> Iterator[inspect.StructType]:
    """Every struct inside some types, each once."""
    for one in types:
        if isinstance(one, inspect.StructType):
            if one.cls not in seen:
                seen.add(one.cls)
                yield one
                yield from structs([field.type for field in one.fields], seen)
        elif isinstance(one, inspect.UnionType):
            yield from structs(one.types, seen)
        elif isinstance(one, inspect.Metadata):
            yield from structs([one.type], seen)
        else:
            inner = [getattr(one, name, None) for name in ("item_type", "key_type", "value_type")]
            yield from structs([part for part in inner if part is not None], seen)
