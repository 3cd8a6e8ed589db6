"""The JSON Schema as it is printed and as ``schema.json`` holds it."""

import json

from mechverify.spec.schema import json_schema


def schema_text() -> str:
    """The schema, indented by two, with a newline at the end."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"
