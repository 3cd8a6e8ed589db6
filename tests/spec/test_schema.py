"""The JSON Schema knows the keys that the reader knows."""

import json
import re
from pathlib import Path
from typing import Any

from mechverify.spec.schema import json_schema
from mechverify.spec.sections import keys


def test_is_json_with_descriptions() -> None:
    schema = json_schema()
    assert json.loads(json.dumps(schema)) == schema
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    for part in (schema, *(schema["$defs"][n] for n in ("model", "input", "variable", "claim"))):
        assert part["additionalProperties"] is False
        assert all(p["description"] for p in part["properties"].values())


def test_one_table_drives_both() -> None:
    schema = json_schema()
    assert list(schema["properties"]) == [k.name for k in keys.SPEC]
    assert list(schema["$defs"]["claim"]["properties"]) == [k.name for k in keys.CLAIM]
    assert schema["required"] == ["mechverify", "title", "inputs"]


def test_references_resolve() -> None:
    schema = json_schema()
    names = re.findall(r'"\$ref": "#/\$defs/(\w+)"', json.dumps(schema))
    assert names
    assert set(names) <= set(schema["$defs"])


def fits(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """A validator for the few words of JSON Schema that ours uses."""
    if "$ref" in schema:
        schema = {**root["$defs"][schema["$ref"].rsplit("/", 1)[1]], **{k: v for k, v in schema.items() if k != "$ref"}}
    if "anyOf" in schema and not any(fits(value, s, root) for s in schema["anyOf"]):
        return False
    if "const" in schema and (value != schema["const"] or isinstance(value, bool) != isinstance(schema["const"], bool)):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    kinds = {"string": str, "number": (int, float), "integer": int, "boolean": bool, "array": list, "object": dict}
    wanted = schema.get("type", [])
    wanted = [wanted] if isinstance(wanted, str) else wanted
    if wanted and not any(isinstance(value, kinds[w]) and (w == "boolean") == isinstance(value, bool) for w in wanted):
        return False
    if "pattern" in schema and isinstance(value, str) and re.search(schema["pattern"], value) is None:
        return False
    if isinstance(value, list):
        return len(value) >= schema.get("minItems", 0) and all(fits(v, schema.get("items", {}), root) for v in value)
    if isinstance(value, dict):
        return _object_fits(value, schema, root)
    return True


def _object_fits(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any]) -> bool:
    known = schema.get("properties", {})
    names = schema.get("propertyNames", {})
    if any(k not in value for k in schema.get("required", ())) or not all(fits(k, names, root) for k in value):
        return False
    rest = schema.get("additionalProperties", True)
    others = [v for k, v in value.items() if k not in known]
    if rest is False and others:
        return False
    if isinstance(rest, dict) and not all(fits(v, rest, root) for v in others):
        return False
    return all(fits(v, known[k], root) for k, v in value.items() if k in known)


def load(text: str) -> Any:
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(text)


def test_the_design_example_validates() -> None:
    schema = json_schema()
    text = (Path(__file__).parent / "design.yaml").read_text(encoding="utf-8")
    assert fits(load(text), schema, schema)
    for wrong in (
        text.replace("preconditions:", "precondition:"),
        text.replace("always:", "allways:", 1),
        text.replace("expect: refuted", "expect: no"),
        text.replace("integers: 0 .. 1000000", "integers: 5", 1),
        text.replace("mechverify: 1", "mechverify: 2"),
    ):
        assert not fits(load(wrong), schema, schema)


def test_directions_validate_as_the_reader_reads_them() -> None:
    schema = json_schema()
    head = "mechverify: 1\ntitle: t\ninputs: {x: {integers: 0 .. 3}}\nexplanation: {variables: {a: {located_at: %s}}}\n"
    for site in (
        "{direction: [1, 0.5, k], of: h}",
        "{direction: {file: f, tensor: t, row: 17}, of: h}",
        "{direction: {file: f, tensor: t}, of: h}",
        "{directions: [[1, 2], [0, 1]], of: h}",
        "{directions: {file: f, tensor: t, columns: 0 .. 3}, of: h}",
        "{directions: {file: f, tensor: t, rows: all}, of: h}",
        "{network: {directions: {file: f, tensor: t, rows: [3, 17]}, of: h}}",
    ):
        assert fits(load(head % site), schema, schema), site
    for site in (
        "{direction: {tensor: t, row: 17}, of: h}",
        "{direction: {file: f, tensor: t, lines: 3}, of: h}",
        "{directions: [1, 2], of: h}",
        "{directions: [], of: h}",
        "{directions: {file: f, tensor: t, rows: 3.5}, of: h}",
        "{directions: [[1]]}",
    ):
        assert not fits(load(head % site), schema, schema), site
