"""The JSON Schema of a spec, for completion and help in editors, made from the tables that the reader reads by."""

from typing import Any

from mechverify.spec.sections import keys

Schema = dict[str, Any]

_NAME = "^[A-Za-z_][A-Za-z0-9_]*$"
_SCALAR = ["string", "number", "boolean"]
_RANGE = r"^[^.]*(\.[^.]+)*\s*\.\.\s*[^.]*(\.[^.]+)*$"


def json_schema() -> Schema:
    """Draft 2020-12. It describes the form of a spec; what names mean is for ``mechverify lint``."""
    truth: Schema = {"type": ["string", "boolean"]}
    definitions = {
        "expression": {
            "description": "An expression in a subset of Python's grammar.",
            "anyOf": [{"type": _SCALAR}, _list()],
        },
        "condition": {
            "description": "An expression that is true or false, or a list of such, all of which are meant.",
            "anyOf": [truth, {"type": "array", "items": truth, "minItems": 1}],
        },
        "constant": {
            "description": "A number, or an expression of numbers and parameters.",
            "type": ["number", "string"],
        },
        "range": {"description": "low .. high, both included.", "type": "string", "pattern": _RANGE},
        "ranges": {
            "description": "A range, or lists of ranges, one for each element.",
            "anyOf": [_reference("range"), {"type": "array", "items": _reference("ranges"), "minItems": 1}],
        },
        "site": _site(),
        "model": _mapping(keys.MODEL),
        "input": _mapping(keys.INPUT),
        "variable": _mapping(keys.VARIABLE),
        "claim": _mapping(keys.CLAIM),
        "distribution": _distribution(),
    }
    head: Schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "A mechverify spec"}
    return {**head, **_mapping(keys.SPEC), "$defs": definitions}


def _mapping(table: tuple[keys.Key, ...]) -> Schema:
    schema: Schema = {
        "type": "object",
        "additionalProperties": False,
        "properties": {key.name: {**_value(key), "description": key.about} for key in table},
    }
    required = [key.name for key in table if key.required]
    return {**schema, "required": required} if required else schema


def _reference(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _named(value: Schema) -> Schema:
    return {"type": "object", "propertyNames": {"pattern": _NAME}, "additionalProperties": value}


def _list() -> Schema:
    return {"type": "array"}


def _numbers() -> Schema:
    return {"type": "array", "items": _reference("constant"), "minItems": 1}


def _names() -> Schema:
    return {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}


def _site() -> Schema:
    one: list[Schema] = [{"type": "string"}, _mapping(keys.DIRECTION), _mapping(keys.SUBSPACE)]
    return {"anyOf": [*one, _named({"anyOf": one})]}


def _distribution() -> Schema:
    weights: Schema = {"type": "object", "additionalProperties": _reference("constant"), "minProperties": 1}
    curves = ({"normal": _mapping(keys.NORMAL)}, {"exponential": _mapping(keys.EXPONENTIAL)})
    named = [{"type": "object", "properties": c, "required": list(c), "additionalProperties": False} for c in curves]
    return {"anyOf": [{"const": "uniform"}, _mapping(keys.TABLE), *named, weights]}


def _value(key: keys.Key) -> Schema:
    match key.shape:
        case "version":
            return {"const": 1}
        case "word":
            return {"enum": list(key.words)}
        case "expression" | "condition" | "constant" | "range" | "ranges" | "site" | "model":
            return _reference(key.shape)
        case "conditions":
            return _named({"anyOf": [_reference("condition"), _mapping(keys.CONDITION)]})
        case "list" | "constants":
            return _numbers()
        case "direction":
            return {"anyOf": [_numbers(), _mapping(keys.ONE_LINE)]}
        case "directions":
            return {"anyOf": [{"type": "array", "items": _numbers(), "minItems": 1}, _mapping(keys.SOME_LINES)]}
        case "lines":
            return {"anyOf": [{"const": "all"}, _reference("range"), _numbers()]}
        case "shape":
            return {"anyOf": [_reference("constant"), {"type": "array", "items": _reference("constant")}]}
        case "names" | "names or all":
            return _names()
        case "true":
            return {"const": True}
        case "feed":
            return {"type": "object", "additionalProperties": _reference("expression")}
        case "carry":
            return {"type": "object", "additionalProperties": {"type": "string"}}
        case "families":
            return _named(
                {"anyOf": [_reference("range"), {"type": "array", "items": {"type": "integer"}, "minItems": 1}]}
            )
        case "settings":
            return {"type": "object", "additionalProperties": _reference("expression"), "minProperties": 1}
        case "domains":
            stated: Schema = {"type": "object", "additionalProperties": _reference("constant"), "minProperties": 1}
            values = [_reference("range"), {"type": "array", "minItems": 1}, _mapping(keys.DOMAIN), stated]
            return _named({"anyOf": values})
        case "distribution":
            return {"anyOf": [{"const": "uniform"}, _named(_reference("distribution"))]}
        case "parameters":
            return _named(_reference("constant"))
        case "models" | "inputs" | "variables" | "claims":
            return _named(_reference(key.shape.removesuffix("s")))
        case "explanation":
            return _mapping(keys.EXPLANATION)
    return {"type": "string"}
