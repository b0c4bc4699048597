"""What schemathesis is told beyond openapi.yaml, for `cargo xtask foreign`: rules that no schema can say."""

import json
import os
import pathlib
import re

import schemathesis

# Requests that fit openapi.yaml and are refused with 400 all the same: how "CODE: message" begins, and why. All others are
# findings.
RULES = {
    # About more than one value.
    "CORE_MEMORY_UNSUPPORTED": "cores and memory must be one of the server configurations",
    "CREATE_PASSWORD_INVALID": "a password cannot be made when there are SSH keys",
    "DUPLICATE_LABEL_KEYS": "the labels of a server group must differ in their keys",
    "INVALID_REQUEST: A private interface needs": "the others have a network by themselves",
    "INVALID_REQUEST: A server has from 1": "no documented number of interfaces; the fake takes 10",
    "INVALID_REQUEST: An interface needs": "the documentation wants addresses and does not say what an empty list means",
    "METADATA_DISABLED_ON_CLOUD-INIT": "a cloud-init template needs the metadata service",
    "REQUEST_INVALID": "backups cannot be deleted while their storages are kept",
    "SIZE_MISSING": "an empty storage needs a size, the others have one",
    "SOURCE_IP_FILTERING_INVALID": "it can be switched off on a private interface only",
    "STORAGE_MISSING": "a storage that is cloned or attached must be named",
    "STORAGE_TITLE_MISSING": "a new storage needs a title, an attached one has it",
    "TIMEOUT_MISSING": "a soft restart needs a timeout",
    # About numbers in strings, whose ranges are prose (x-documented-range) because some answers and requests exceed them.
    "CORE_NUMBER_INVALID": "more cores than a server can have",
    "MEMORY_AMOUNT_INVALID": "more memory than a server can have",
    "SIZE_INVALID": "a storage has 10 to 1024 gigabytes by the documentation, 1 to 4096 on the fake",
    "TIMEOUT_INVALID": "a soft stop waits for 600 seconds at most; a hard one was recorded with more",
    # About what is not described at all.
    "UNKNOWN_ATTRIBUTE": "the API refuses whatever it does not know, which a schema for all languages does not say",
    # About texts whose grammar is prose, or whose values are a list that the API keeps.
    "INVALID_REQUEST: There is no plan": "the plans are listed by the API",
    "HOSTNAME_INVALID": "a hostname must be a domain name",
    "TIMEZONE_INVALID": "the time zones are listed by the API",
    "USER_DATA_INVALID": "a text that begins like an address must be one",
    "ZONE_INVALID": "the zones are listed by the API",
}


def in_requests(raw_schema):
    """The names of the schemas that requests hold."""
    schemas = raw_schema["components"]["schemas"]
    bodies = [
        operation["requestBody"]
        for item in raw_schema["paths"].values()
        for operation in item.values()
        if isinstance(operation, dict) and "requestBody" in operation
    ]
    found, waiting = set(), [json.dumps(bodies)]
    while waiting:
        for name in re.findall(r"#/components/schemas/(\w+)", waiting.pop()):
            if name not in found:
                found.add(name)
                waiting.append(json.dumps(schemas[name]))
    return found


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Examples name what the fake has, and a body has one outer key."""
    folder = pathlib.Path(os.environ["FOREIGN_FOLDER"])
    text = json.dumps(raw_schema)
    examples = json.loads((folder / "examples.json").read_text(encoding="utf-8"))
    for example, real in examples["values"].items():
        assert example in text, f"no example of openapi.yaml uses {example}"
        text = text.replace(example, real)
    raw_schema.clear()
    raw_schema.update(json.loads(text))
    for name, real in examples["parameters"].items():
        raw_schema["components"]["parameters"][name]["example"] = real
    # The examples of the vendor's Python client create servers without networking, which openapi.yaml requires because the
    # documentation does; the fake then gives the usual interfaces.
    raw_schema["components"]["schemas"]["CreateServer"]["required"].remove("networking")
    # The fake counts null and an empty text as absence where an attribute need not be there, as the vendor's Go client sends
    # them; openapi.yaml does not teach it.
    # Actions are accepted in one state only, so few of their requests can succeed: theirs stay as they are.
    for name in in_requests(raw_schema) - {"RestartServer", "StartServer", "StopServer"}:
        schema = raw_schema["components"]["schemas"][name]
        for attribute, own in schema.get("properties", {}).items():
            if attribute not in schema.get("required", []):
                absent = {"type": "string", "enum": [""]}
                schema["properties"][attribute] = {"anyOf": [own, absent], "nullable": True}
    # The API refuses a second outer key (UNKNOWN_ATTRIBUTE); openapi.yaml leaves its objects open for what may come.
    for name, schema in raw_schema["components"]["schemas"].items():
        if name.endswith("Request") and len(schema.get("properties", {})) == 1:
            schema["additionalProperties"] = False


@schemathesis.check
def refused_by_a_rule(context, response, case):
    """Positive data may be refused with 400 by one of the rules only."""
    if response.status_code != 400 or case.meta is None or not case.meta.generation.mode.is_positive:
        return
    error = response.json().get("error", {})
    refusal = f"{error.get('error_code')}: {error.get('error_message')}"
    rules = [rule for rule in RULES if refusal.startswith(rule)]
    assert rules, f"a request that fits openapi.yaml is refused with {refusal}"
