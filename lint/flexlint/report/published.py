"""JSON Schemas as they are published: made from the dataclasses that are written, so that there is one definition.

Comes in: a dataclass and the name of the format. Goes out: the text of its schema. Pydantic is imported only here.
"""

from __future__ import annotations


def json_schema_of(document: type, title: str) -> str:
    """The JSON Schema (draft 2020-12) of a dataclass, as the text of the published file."""
    import json

    from pydantic import TypeAdapter

    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **TypeAdapter(document).json_schema(mode="serialization"),
        "title": title,
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
