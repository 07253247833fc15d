#!/usr/bin/env python3
"""A day in pieces: `weir run --once`, again and again over a spool that has got another file, tells what a scan of all files
tells. Thousands of groups, so that the state stands in packs, and is taken apart and packed anew with every piece.

  run_pieces.py WEIR [--clients 4000] [--events 24000] [--pieces 5] [--seed 1]
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile

import feed

RULES = """
rule again {  # allow: W805 the test is outside
  title: "A client asks again and again"
  level: low
  source: resolver
  detection {
    selection { query_type: "A" }
    condition: selection
  }
  correlation {
    group_by: [srcaddr]
    timespan: 40m
    condition: count() >= 6 and distinct(query_name) >= 3
  }
  message: "{srcaddr}: {count()}, {sample(query_name, 3)}"
}
rule fell_silent {  # allow: W805 the test is outside
  title: "A client asks for one name, then no more for the other"
  level: low
  source: resolver
  detection {
    begun { query_name: "begin.example.com" }
    kept { query_name: "host1.example.com" }
    condition: begun or kept
  }
  correlation {
    group_by: [srcaddr]
    timespan: 15m
    condition: begun then not kept
  }
  message: "{srcaddr}"
}
rule new_name {  # allow: W805 the test is outside
  title: "A client asks for a name that it has not asked for"
  level: low
  source: resolver
  detection {
    selection { query_type: "A" }
    condition: selection
  }
  correlation {
    group_by: [srcaddr]
    timespan: 2h
    warmup: 1h
    condition: new(query_name)
  }
  suppress: 30m
  message: "{srcaddr}: {query_name}"
}
"""


def lines_of(options, dice):
    """By time, a day's quarter of them; some clients are heard all the time, most now and then."""
    begin, lines = 1_750_000_000, []
    for number in range(options.events):
        event = feed.query(number, begin + number * 21_600 // options.events)
        client = int(options.clients * dice.random() ** 3)
        event["srcaddr"] = f"10.1.{client // 256}.{client % 256}"
        name = dice.choice(["begin", "host1", "host2", "host3", f"host{dice.randrange(50)}"])
        event["query_name"] = f"{name}.example.com."
        lines.append(json.dumps(event, separators=(",", ":")))
    return lines


def between_seconds(lines, at):
    """What has the time of something decided comes too late to be sorted among it."""
    while at < len(lines) and json.loads(lines[at])["query_timestamp"] == json.loads(lines[at - 1])["query_timestamp"]:
        at += 1
    return at


def told(text):
    alerts = {}
    for line in text.splitlines():
        alert = json.loads(line)
        alerts[alert["id"]] = (alert["rule"], alert["message"], alert["state"], json.dumps(alert.get("values")))
    return alerts


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weir")
    parser.add_argument("--clients", type=int, default=4000)
    parser.add_argument("--events", type=int, default=24_000)
    parser.add_argument("--pieces", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    lines = lines_of(options, dice)
    cuts = sorted({0, len(lines), *(between_seconds(lines, dice.randrange(1, len(lines))) for _ in range(options.pieces - 1))})
    with tempfile.TemporaryDirectory() as work:
        rules, spool = os.path.join(work, "rules.weir"), os.path.join(work, "spool")
        with open(rules, "w") as out:
            out.write(RULES)
        os.makedirs(spool)
        weir = feed.Weir(os.path.abspath(options.weir), os.path.join(work, "home"), f"{{in: {{type: spool, path: {spool}}}}}", rules)
        for piece, (begin, end) in enumerate(zip(cuts, cuts[1:])):
            with open(os.path.join(spool, f"{piece}.ndjson"), "w") as out:
                out.write("\n".join(lines[begin:end]) + "\n")
            subprocess.run([weir.binary, "run", weir.config, "--once", "--engine", "interpreter"], check=True, stderr=subprocess.DEVNULL)
        with open(weir.alerts) as file:
            got = told(file.read())
        scan = subprocess.run([weir.binary, "scan", spool, "--rules", rules, "--format", "json", "--engine", "interpreter"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        want = told(scan.stdout)
    by_rule = sorted((rule, sum(alert[0] == rule for alert in want.values())) for rule in {alert[0] for alert in want.values()})
    print(f"pieces {len(cuts) - 1}  events {len(lines)}  alerts {dict(by_rule)}")
    different = {alert for alert in set(got) ^ set(want)} | {alert for alert in set(got) & set(want) if got[alert] != want[alert]}
    for alert in sorted(different)[:5]:
        print("in pieces", got.get(alert), "at once", want.get(alert), file=sys.stderr)
    if different or len(by_rule) < 3:
        sys.exit(f"{len(different)} alerts differ")


if __name__ == "__main__":
    main()
