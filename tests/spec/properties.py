#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lists every property of one of runtime-spec's JSON schemas, one a line, for tests that must not need the schemas.

    properties.py SCHEMA_DIR config > properties.txt    # for tests/unit/test_spec_schema.c
    properties.py SCHEMA_DIR features > features.txt    # for tests/bats/obligations.bats, as state

A line is: POINTER TYPE [min=N] [max=N] [enum=A,B] [required]. '*' in a pointer is any index or key of a map.
Sections of other platforms are listed as 'ignored' and not walked.
"""
import json
import sys
from pathlib import Path

# What features-linux.md defines and its schema forgot.
ONLY_IN_THE_TEXT = {
    "features": [
        "/linux/intelRdt/monitoring boolean",
        "/linux/intelRdt/schemata boolean",
        "/linux/memoryPolicy object",
        "/linux/memoryPolicy/flags array",
        "/linux/memoryPolicy/flags/* string",
        "/linux/memoryPolicy/modes array",
        "/linux/memoryPolicy/modes/* string",
    ]
}
OTHER_PLATFORMS = ("solaris", "windows", "vm", "zos", "freebsd")


class Schemas:
    def __init__(self, directory):
        self.directory = Path(directory)
        self.files = {}

    def load(self, name):
        if name not in self.files:
            self.files[name] = json.loads((self.directory / name).read_text())
        return self.files[name]

    def resolve(self, node, file):
        """Follows $ref and merges allOf and anyOf; returns the node and the file that it is in."""
        if "$ref" in node:
            target, _, path = node["$ref"].partition("#")
            file = target or file
            found = self.load(file)
            for part in path.strip("/").split("/"):
                found = found[part]
            return self.resolve(found, file)
        merged = {key: value for key, value in node.items() if key not in ("allOf", "anyOf")}
        for part in node.get("allOf", []) + node.get("anyOf", []):
            inner, file = self.resolve(part, file)
            merged["properties"] = {**inner.get("properties", {}), **merged.get("properties", {})}
            merged["required"] = inner.get("required", []) + merged.get("required", [])
            merged["type"] = inner.get("type", merged.get("type"))
        return merged, file


def describe(pointer, node, required):
    kind = node.get("type") or ("object" if "properties" in node else "any")
    words = [pointer, kind]
    if "minimum" in node:
        words.append(f"min={node['minimum']}")
    if "maximum" in node:
        words.append(f"max={node['maximum']}")
    if "enum" in node:
        words.append("enum=" + ",".join(node["enum"]))
    if required:
        words.append("required")
    return " ".join(words)


def walk(schemas, pointer, node, file, required, out):
    node, file = schemas.resolve(node, file)
    if pointer:
        out.append(describe(pointer, node, required))
    for key, child in node.get("properties", {}).items():
        if not pointer and key in OTHER_PLATFORMS:
            out.append(f"/{key} ignored")
        else:
            walk(schemas, f"{pointer}/{key}", child, file, key in node.get("required", []), out)
    if "items" in node:
        walk(schemas, f"{pointer}/*", node["items"], file, False, out)
    for child in list(node.get("patternProperties", {}).values()) + [node.get("additionalProperties")]:
        if isinstance(child, dict):
            walk(schemas, f"{pointer}/*", child, file, False, out)


def main():
    _, directory, document = sys.argv
    schemas, file, out = Schemas(directory), f"{document}-schema.json", []
    walk(schemas, "", schemas.load(file), file, False, out)
    out += ONLY_IN_THE_TEXT.get(document, [])
    name = "config.json" if document == "config" else f"the {document} document"
    print(f"# Properties of {name} in runtime-spec 1.3, from its JSON schema by tests/spec/properties.py.")
    print("\n".join(sorted(out)))


main()
