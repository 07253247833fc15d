#!/usr/bin/env python3
"""Writes the `call` shapes of Route 53 and its neighbours into cloudtrail.weir, from AWS's published API models.

    python3 -m pip download --no-deps botocore && unzip -q botocore-*.whl
    python3 rules/schemas/generate_calls.py botocore/data VERSION DATE

CloudTrail writes the name of an API member with its first letter in lower case, and only the first letter
(TTL is tTL, VPCId is vPCId). Only facts are taken: names, types, enumerations. Everything between the two
marker lines of cloudtrail.weir is replaced, the list of the services whose every call is in (`complete`)
included; run `weir fmt` afterwards. The case of eventName is no matter of the catalogue: it is compared
without regard to case, so route53domains' `updateDomainContact` and `UpdateDomainContact` are one call.
"""
import gzip
import json
import pathlib
import sys

# Folder, version of the API, and whether answers are shaped, too: only where rules read them, the rest is `json`.
SERVICES = [
    ("route53", "2013-04-01", True),
    ("route53domains", "2014-05-15", True),
    ("route53resolver", "2018-04-01", True),
    ("route53profiles", "2018-05-10", True),
    ("route53globalresolver", "2022-09-27", False),
    ("route53-recovery-cluster", "2019-12-02", False),
    ("route53-recovery-control-config", "2020-11-02", False),
    ("route53-recovery-readiness", "2019-12-02", False),
    ("arc-zonal-shift", "2022-10-30", False),
    ("arc-region-switch", "2022-07-26", False),
    ("servicediscovery", "2017-03-14", False),
]
BEGIN = "  # ---- calls: written by generate_calls.py "
END = "  # ---- end of the generated calls"

# Shapes whose text is a name or an address, whatever the model calls its type.
DOMAINS = {"DNSName", "FullyQualifiedDomainName", "DomainName", "HostName", "FirewallDomainName", "BlockOverrideDomain"}
ADDRESSES = {"IPAddress", "Ip", "Ipv6", "GlueIp"}
# Contact details are hidden in the log, and a list of known values beyond this length helps nobody.
UNSHAPED = {"ContactDetail", "ExtraParam"}
MAX_KNOWN = 24
MAX_DEPTH = 5

# Calls whose parameters were seen in real records or AWS's own samples; all others are inferred by the rule above.
SEEN = {
    "ChangeResourceRecordSets", "CreateHealthCheck", "CreateResolverEndpoint", "DeleteHostedZone",
    "DeleteResolverQueryLogConfig", "ListFirewallRuleGroupAssociations", "ListHostedZones", "ListResolverRules",
    "UpdateDomainContact",
}
# In real records, and not in the model.
EXTRA = {"DeleteResolverQueryLogConfig": [("requestParameters.originSequenceNumber", "int", [])]}
READS = ("Get", "List", "Check", "View", "Test", "Describe", "Discover")


def lowered(name):
    return name[:1].lower() + name[1:]


def scalar(model, name):
    shape = model["shapes"][name]
    if name in DOMAINS:
        return "domain", []
    if name in ADDRESSES:
        return "ip", []
    kind = {"boolean": "bool", "integer": "int", "long": "int", "float": "float", "double": "float"}.get(
        shape["type"], "string")
    known = shape.get("enum", [])
    return kind, known if len(known) <= MAX_KNOWN else []


def fields(model, name, path, depth, seen):
    """(path, type, known values) of every leaf below a structure."""
    for member, reference in model["shapes"][name].get("members", {}).items():
        if reference.get("location") == "header":
            continue
        below = f"{path}.{lowered(member)}"
        target = reference["shape"]
        while model["shapes"][target]["type"] == "list":
            below += "[]"
            target = model["shapes"][target]["member"]["shape"]
        shape = model["shapes"][target]
        if shape["type"] == "map" or target in UNSHAPED:
            yield below, "json", []
        elif shape["type"] != "structure":
            yield (below, *scalar(model, target))
        elif depth == MAX_DEPTH or target in seen:
            yield below, "json", []
        else:
            yield from fields(model, target, below, depth + 1, seen | {target})


def call(model, source, operation, answers):
    shape = model["operations"][operation]
    lines = []
    rows = list(EXTRA.get(operation, []))
    if "input" in shape:
        rows += fields(model, shape["input"]["shape"], "requestParameters", 1, frozenset())
    if answers and "output" in shape and not operation.startswith(READS):  # of a call that only reads, the log keeps no answer
        rows += fields(model, shape["output"]["shape"], "responseElements", 1, frozenset())
    for path, kind, known in rows:
        values = " open [" + ", ".join(f'"{value}"' for value in known) + "]" if known else ""
        lines.append(f"    field {path} {kind}{values}")
        if source.startswith("route53domains.") and path == "requestParameters.domainName":
            lines.append("    field requestParameters.domainName.name domain")
        if path.startswith("requestParameters.vPC."):  # some writers spell it like a word
            lines.append(f"    field {path.replace('vPC', 'vpc')} {kind}")
    mark = "  # seen in real records\n" if operation in SEEN else ""
    body = "\n" + "\n".join(lines) + "\n  " if lines else ""
    return f'{mark}  call "{source}" "{operation}" {{{body}}}'


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    folder, version, date = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    calls = []
    for service, api, answers in SERVICES:
        with gzip.open(folder / service / api / "service-2.json.gz") as file:
            model = json.load(file)
        calls += [call(model, f"{service}.amazonaws.com", name, answers) for name in sorted(model["operations"])]
    target = pathlib.Path(__file__).with_name("cloudtrail.weir")
    text = target.read_text()
    head, rest = text.split(BEGIN, 1)
    tail = rest.split(END, 1)[1]
    note = f"from botocore {version} ({date}); names inferred unless marked"
    complete = "  complete: [" + ", ".join(f'"{service}.amazonaws.com"' for service, *_ in SERVICES) + "]"
    target.write_text(f"{head}{BEGIN}{note}\n{complete}\n" + "\n".join(calls) + f"\n{END}{tail}")


if __name__ == "__main__":
    main()
