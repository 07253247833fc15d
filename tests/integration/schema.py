#!/usr/bin/env python3
"""The JSON Schema of weir.yaml beside the reader: files that are right are right for both, and each change below makes
a right file wrong for both. Needs jsonschema and yaml (Python).

  schema.py WEIR SCHEMA FILE…
"""
import copy
import json
import os
import subprocess
import sys
import tempfile

import jsonschema
import yaml

WHOLE = """
rules: [shipped]
sources:
  a: {type: spool, path: [x, y], events: cloudtrail}
  b: {type: files, path: x, mode: once}
  c: {type: stdin}
  d: {type: firehose, listen: "127.0.0.1:1", access_key: [{env: PATH}, text], path: /f, tls: {certificate: a, key: b}}
  e: {type: http, listen: "127.0.0.1:2", token: {env: PATH}}
sinks:
  s: {type: slack, url: "https://hooks.slack.com/services/T/B/x", states: final}
  p: {type: pagerduty, routing_key: 0123456789abcdef0123456789abcdef, per_minute: 10, timeout: 5s}
  w: {type: webhook, url: "https://example.com", headers: {A: b, C: {env: PATH}}, format: ocsf}
  f: {type: file, path: "${HOME}/x"}
  o: {type: stdout}
routes:
  - {level: ">=high", to: [s, p], group_by: [rule], wait: 10s, repeat: 1h30m, storm: 0}
  - {level: [low, "=medium"], rule: "a*", account: "111122223333", tag: [x], to: w}
silences:
  - {rule: "dns_*", level: "<high", account: "111122223333", tag: [x], group: {key.client: [a, b], title: c}, to: s,
     from: "2026-01-30T08:00:00Z", until: "2026-01-31T08:00:00+01:00", comment: why, by: who}
  - {rule: [a, b], until: "2026-01-31T08:00:00Z", comment: why}
store: {path: "${STATE_DIRECTORY:-store}"}
serve: {listen: "127.0.0.1:3"}
limits: {threads: 2, commit_every: 100ms, commit_bytes: 16MiB, in_flight: 64MiB, waiting: 32MiB, remembered_ids: 5, outbox: 7, quarantine: 8MiB, quarantine_rows: 9, stop_within: 10s}
log: {format: json, level: debug}
"""
GONE = object()
WRONG = [
    ("sources", GONE), ("store", GONE), ("sources", []), ("rulez", ["a"]), ("rules", {"a": 1}), ("routes", {"to": "s"}),
    ("sources.a.type", "spol"), ("sources.a.type", GONE), ("sources.a.path", GONE), ("sources.a.pth", "x"), ("sources.a.path", []),
    ("sources.a.listen", "x"), ("sources.b.mode", "twice"), ("sources.c.path", "x"), ("sources.d.listen", GONE),
    ("sources.d.access_key", {"env": "A", "file": "B"}), ("sources.d.access_key", {"variable": "A"}), ("sources.d.tls", {"certificate": "a"}),
    ("sources.d.token", "x"), ("sources.e.access_key", "x"), ("sources.no way", {"type": "stdin"}), ("sources." + "x" * 61, {"type": "stdin"}),
    ("sinks.s.url", GONE), ("sinks.s.storm", 5), ("sinks.o.states", "some"), ("sinks.s.states", "open"),
    ("sinks.p.routing_key", GONE), ("sinks.p.per_minute", 0), ("sinks.p.per_minute", "many"), ("sinks.p.secrets", "x"), ("sinks.w.headers", ["a"]),
    ("sinks.w.format", "ecs"), ("sinks.f.path", GONE), ("sinks.o.path", "x"), ("sinks.s.type", "slak"),
    ("routes.0.wait", "10"), ("routes.0.wait", 10), ("routes.0.repeat", "1 h"), ("routes.0.repeat", GONE),
    ("routes.0.group_by", GONE), ("routes.0.storm", 10001), ("routes.0.storm", -1), ("routes.0.level", "hihg"), ("routes.0.level", ">=hihg"), ("routes.0.to", GONE), ("routes.0.too", "s"), ("routes.1.account", {"a": 1}),
    ("silences", {"rule": "a"}), ("silences.0.rule", GONE), ("silences.0.until", GONE), ("silences.0.comment", GONE), ("silences.0.until", "soon"),
    ("silences.0.from", "8h"), ("silences.0.ruel", "a"), ("silences.0.level", "loud"), ("silences.0.group", {"host": "a"}), ("silences.0.group", {}),
    ("limits.quarantine", 5), ("limits.quarantine_rows", 0), ("store.path", GONE), ("store.folder", "x"), ("serve.listen", GONE), ("serve.port", 1), ("limits.threads", 0), ("limits.threads", 257),
    ("limits.threads", "none"), ("limits.commit_every", 200), ("limits.commit_bytes", "16MB "), ("limits.in_flight", "5 MiB"), ("limits.outbux", 3),
    ("log.level", "loud"), ("log.format", "xml"), ("log.file", "x"),
]


def changed(whole, path, value):
    out = copy.deepcopy(whole)
    at = out
    *parts, last = path.split(".")
    for part in parts:
        at = at[int(part)] if isinstance(at, list) else at[part]
    if value is GONE:
        del at[last]
    else:
        at[last] = value
    return out


def main():
    weir, schema_path, files = sys.argv[1], sys.argv[2], sys.argv[3:]
    with open(schema_path) as file:
        schema = json.load(file)
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    failures = 0

    # `there`: a file with this text, beside what it names. Else it stands beside what WHOLE names.
    def look(name, text, right, there=None):
        nonlocal failures
        with tempfile.TemporaryDirectory() as folder:
            for file, words in (("a", "CERTIFICATE"), ("b", "PRIVATE KEY"), ("weir.yaml", None)):
                with open(os.path.join(folder, file), "w") as out:
                    out.write(f"-----BEGIN {words}-----\n" if words else text)
            path = there or os.path.join(folder, "weir.yaml")
            # `run` ends at the first error of the configuration; what is right must not be started.
            verb = ["check", path] if right else ["run", path, "--once"]
            read = subprocess.run([weir, *verb], capture_output=True, text=True, stdin=subprocess.DEVNULL)
        by_schema = validator.is_valid(yaml.safe_load(text))
        by_reader = "error[E90" not in read.stdout + read.stderr
        if by_schema != right or by_reader != right:
            failures += 1
            print(f"{name}: should be {'right' if right else 'wrong'}, the schema says {by_schema}, the reader {by_reader}")
            if right:
                print(*validator.iter_errors(yaml.safe_load(text)), sep="\n")

    for path in files:
        with open(path) as file:
            look(path, file.read(), True, path)
    look("whole", WHOLE, True)
    whole = yaml.safe_load(WHOLE)
    for path, value in WRONG:
        text = yaml.safe_dump(changed(whole, path, value), default_flow_style=None, sort_keys=False)
        look(f"{path} = {'gone' if value is GONE else value!r}", text, False)
    print(f"{len(files) + 1} right files, {len(WRONG)} wrong ones, {failures} differences")
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
