#!/usr/bin/env python3
"""Weir and DuckDB over the same events with the same rules: first whether they find the same, then how long each takes.

    python3 -m venv /tmp/duck && /tmp/duck/bin/pip install duckdb
    /tmp/duck/bin/python tests/bench/duckdb/compare.py --weir build/release/weir --events cloudtrail.ndjson

The events are CloudTrail records, one a line, with an eventID each.

Both begin with the bytes of the file and use one core: Weir decodes and matches each record (the `scanning` line of `weir bench`,
without the alerts, which DuckDB does not make either), DuckDB reads the file with its columns and their types declared, puts each text
into lower case once, and is asked all rules in one query.

`in memory` gives DuckDB what nobody has who looks at a log once: the events were read, typed and put into lower case beforehand. It
shows what the rules alone cost.

The rules are made from a seed: most name a service and some of its calls, 5 % do not, and each asks two more questions of other
fields; text is compared without regard to case.
"""
import argparse
import ipaddress
import json
import pathlib
import random
import statistics
import subprocess
import sys
import tempfile
import time

import duckdb

SERVICES = {
    "s3.amazonaws.com": ["PutBucketPolicy", "DeleteBucket", "PutBucketAcl", "GetBucketVersioning", "DeleteObject", "GetObject"],
    "sts.amazonaws.com": ["AssumeRole", "GetCallerIdentity", "AssumeRoleWithSAML", "GetSessionToken"],
    "kms.amazonaws.com": ["Decrypt", "ScheduleKeyDeletion", "DisableKey", "CreateGrant"],
    "ec2.amazonaws.com": ["RunInstances", "DescribeInstances", "AuthorizeSecurityGroupIngress", "CreateKeyPair", "TerminateInstances"],
    "iam.amazonaws.com": ["CreateUser", "CreateAccessKey", "AttachUserPolicy", "PutRolePolicy", "GetRole", "ListRoles"],
    "lambda.amazonaws.com": ["CreateFunction20150331", "UpdateFunctionCode20150331v2", "Invoke"],
    "logs.amazonaws.com": ["DeleteLogGroup", "PutRetentionPolicy", "CreateLogStream"],
    "secretsmanager.amazonaws.com": ["GetSecretValue", "DeleteSecret"],
    "ssm.amazonaws.com": ["SendCommand", "StartSession", "GetParameters"],
    "route53.amazonaws.com": ["ListHostedZones", "ChangeResourceRecordSets"],
    "cloudtrail.amazonaws.com": ["StopLogging", "DeleteTrail", "LookupEvents"],
    "guardduty.amazonaws.com": ["DeleteDetector", "GetFindings"],
}
AGENTS = ["kali", "pacu", "boto3", "hashicorp", "s3console", "mozilla", "aws-cli", "python-requests", "curl", "terraform"]
REGIONS = ["us-east-1", "us-west-2", "eu-west-1", "eu-central-1", "ap-southeast-1", "us-east-2", "af-south-1"]
WORDS = ["prod", "dev", "data", "billing", "audit", "backup", "platform", "team", "core", "web", "api", "security"]

# Weir's path, DuckDB's column.
COLUMNS = {
    "eventSource": "source", "eventName": "name", "awsRegion": "region", "userAgent": "agent", "errorCode": "error",
    "userIdentity.type": "kind", "userIdentity.arn": "arn", "requestParameters.bucketName": "bucket",
    "requestParameters.policyArn": "policy",
}


class Question:
    """One item of a rule, in both languages."""

    def __init__(self, weir, sql):
        self.weir, self.sql = weir, sql


def text_question(path, how, values):
    column = COLUMNS[path]
    written = ", ".join(f'"{value}"' for value in values)
    weir = f"{path}{'|' + how if how else ''}: [{written}]"
    sql = {
        "": lambda value: f"{column} = '{value.lower()}'",
        "contains": lambda value: f"contains({column}, '{value.lower()}')",
        "startswith": lambda value: f"starts_with({column}, '{value.lower()}')",
        "endswith": lambda value: f"ends_with({column}, '{value.lower()}')",
    }[how]
    if how == "":
        any_of = f"{column} IN ({', '.join(chr(39) + value.lower() + chr(39) for value in values)})"
    else:
        any_of = " OR ".join(sql(value) for value in values)
    return Question(weir, f"coalesce({any_of}, false)")


def network_question(draw):
    bits = draw.choice([8, 16])
    network = ipaddress.ip_network((draw.randrange(1, 224) << 24 | draw.randrange(256) << 16, bits), strict=False)
    first, last = int(network.network_address), int(network.broadcast_address)
    return Question(f'sourceIPAddress|cidr: "{network}"', f"coalesce(address BETWEEN {first} AND {last}, false)")


def questions(draw, generic):
    """Two questions of different fields."""
    token = f"{draw.choice(WORDS)}-{draw.choice(WORDS)}"
    narrow = [
        lambda: text_question("userAgent", "contains", [draw.choice(AGENTS[:2])]),
        lambda: network_question(draw),
        lambda: text_question("userIdentity.arn", "contains", [f"{token}-{draw.randrange(1000)}"]),
        lambda: text_question("userIdentity.arn", "endswith", [f"{draw.choice(WORDS)}-{draw.randrange(1000)}"]),
    ]
    wide = [
        lambda: text_question("userIdentity.type", "", [draw.choice(["Root", "IAMUser", "AssumedRole", "AWSService"])]),
        lambda: text_question("userAgent", "contains", draw.sample(AGENTS, draw.choice([1, 2]))),
        lambda: text_question("errorCode", "", ["AccessDenied"]),
        lambda: text_question("awsRegion", "", draw.sample(REGIONS, draw.randrange(1, 5))),
        lambda: text_question("userIdentity.arn", "startswith", [draw.choice(["arn:aws:sts::", "arn:aws:iam::"])]),
        lambda: text_question("requestParameters.bucketName", "startswith", [draw.choice(WORDS) + "-"]),
        lambda: text_question("requestParameters.policyArn", "endswith", ["AdministratorAccess"]),
    ]
    first = draw.choice(narrow if generic else wide)()
    while True:
        second = draw.choice(wide)()
        if second.weir.split("|")[0].split(":")[0] != first.weir.split("|")[0].split(":")[0]:
            return first, second


def make_rules(count, seed):
    draw = random.Random(seed)
    rules, seen = [], set()
    while len(rules) < count:
        generic = draw.random() < 0.05
        asked = list(questions(draw, generic))
        negated = draw.random() < 0.25
        calls = []
        if not generic:
            service = draw.choice(sorted(SERVICES))
            if service.startswith("route53.") and any(question.weir.startswith("requestParameters") for question in asked):
                continue  # Weir knows the parameters of these calls, and that they are none of them
            names = draw.sample(SERVICES[service], draw.randrange(1, min(4, len(SERVICES[service])) + 1))
            calls = [text_question("eventSource", "", [service]), text_question("eventName", "", names)]
        key = tuple(question.sql for question in calls + asked) + (negated,)
        if key in seen:
            continue
        seen.add(key)
        number = len(rules)
        chosen = calls + asked[:1] + ([] if negated else asked[1:])
        sql = [question.sql for question in chosen]
        blocks = f"    s {{ {'; '.join(question.weir for question in chosen)} }}\n"
        condition = "s"
        if negated:
            sql.append(f"NOT {asked[1].sql}")
            blocks += f"    f {{ {asked[1].weir} }}\n"
            condition = "s and not f"
        rules.append((
            f"r{number}",
            f'rule r{number} {{\n  title: "made {number}"\n  level: low\n  source: cloudtrail\n'
            f"  detection {{\n{blocks}    condition: {condition}\n  }}\n}}\n",
            " AND ".join(f"({part})" for part in sql),
        ))
    return rules


def typed(path):
    """The file as a relation with the columns that rules ask of."""
    return f"""(
        SELECT eventID AS id, lower(eventSource) AS source, lower(eventName) AS name,
          lower(awsRegion) AS region, lower(userAgent) AS agent, lower(errorCode) AS error,
          lower(userIdentity.type) AS kind, lower(userIdentity.arn) AS arn,
          lower(requestParameters.bucketName) AS bucket, lower(requestParameters.policyArn) AS policy,
          CASE WHEN regexp_full_match(sourceIPAddress, '([0-9]{{1,3}}[.]){{3}}[0-9]{{1,3}}') THEN
            split_part(sourceIPAddress, '.', 1)::BIGINT * 16777216 + split_part(sourceIPAddress, '.', 2)::BIGINT * 65536
            + split_part(sourceIPAddress, '.', 3)::BIGINT * 256 + split_part(sourceIPAddress, '.', 4)::BIGINT END AS address
        FROM read_json('{path}', format='newline_delimited', columns={{
          eventID: 'VARCHAR', eventSource: 'VARCHAR', eventName: 'VARCHAR', awsRegion: 'VARCHAR',
          sourceIPAddress: 'VARCHAR', userAgent: 'VARCHAR', errorCode: 'VARCHAR',
          userIdentity: 'STRUCT(type VARCHAR, arn VARCHAR)',
          requestParameters: 'STRUCT("bucketName" VARCHAR, "policyArn" VARCHAR)'}}, maximum_object_size=33554432))"""


def seconds(connection, *queries):
    """Of the quickest of several ways to ask the same."""
    times = []
    for query in queries:
        begin = time.process_time()
        connection.execute(query).fetchall()
        times.append(time.process_time() - begin)
    return min(times)


def weir_alerts(binary, rules_file, events, engine, alerts):
    with open(alerts, "w") as out:
        subprocess.run([binary, "scan", events, "--rules", rules_file, "--threads", "1", "--engine", engine, "--format", "json"],
                       check=True, stdout=out, stderr=subprocess.DEVNULL)


def weir_seconds(binary, rules_file, events, engine, count):
    """For so many events, from the time of one that `weir bench` measures."""
    out = subprocess.run([binary, "bench", events, "--rules", rules_file, "--rounds", "1", "--format", "json", "--rule", "*",
                          "--engine", engine],
                         check=True, capture_output=True, text=True).stdout
    stages = {line["stage"]: line["ns"] for line in map(json.loads, out.splitlines()) if "stage" in line}
    return stages["scanning"] * count * 1e-9


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weir", required=True)
    parser.add_argument("--events", required=True)
    parser.add_argument("--rules", type=int, nargs="+", default=[10, 100, 1000])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--engine", default="native")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    connection = duckdb.connect(config={"threads": 1})
    connection.execute(f"CREATE TABLE events AS SELECT * FROM {typed(options.events)}")
    (events,) = connection.execute("SELECT count(*) FROM events").fetchone()
    print(f"{events:,} events, {pathlib.Path(options.events).stat().st_size / 1e6:.0f} MB; DuckDB {duckdb.__version__}")
    for count in options.rules:
        rules = make_rules(count, options.seed)
        with tempfile.TemporaryDirectory() as folder:
            rules_file, alerts_file = f"{folder}/made.weir", f"{folder}/alerts.ndjson"
            pathlib.Path(rules_file).write_text("\n".join(text for _, text, _ in rules))
            weir_alerts(options.weir, rules_file, options.events, options.engine, alerts_file)
            found = {name: [] for name, _, _ in rules}
            for line in open(alerts_file):
                alert = json.loads(line)
                found[alert["rule"]].append(alert["event"]["eventID"])
            total = 0
            for name, _, where in rules:
                ids = sorted(row[0] for row in connection.execute(f"SELECT id FROM events WHERE {where}").fetchall())
                total += len(ids)
                if ids != sorted(found[name]):
                    sys.exit(f"{name}: weir finds {len(found[name])} events, DuckDB {len(ids)}: {where}")
            wanted = ", ".join(f"count(*) FILTER (WHERE {where})" for _, _, where in rules)
            apart = " UNION ALL ".join(f"SELECT count(*) FROM events WHERE {where}" for _, _, where in rules)
            weir, file, memory = [], [], []
            for _ in range(options.rounds):
                weir.append(weir_seconds(options.weir, rules_file, options.events, options.engine, events))
                file.append(seconds(connection, f"SELECT {wanted} FROM {typed(options.events)}"))
                memory.append(seconds(connection, f"SELECT {wanted} FROM events", apart))
            print(f"{count:6,} rules: the same {total:,} matches; weir {statistics.median(weir):.3f} s; "
                  f"DuckDB {shares(file, weir)}; in memory {shares(memory, weir)}", flush=True)


def shares(duck, weir):
    ratios = [one / other for one, other in zip(duck, weir)]
    return f"{statistics.median(duck):.3f} s, {statistics.median(ratios):.1f} x ({min(ratios):.1f} to {max(ratios):.1f})"


if __name__ == "__main__":
    main()
