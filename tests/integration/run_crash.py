#!/usr/bin/env python3
"""What `weir run` promises about crashes: it is killed at random moments and at every fault point, and when it has
come to its end each event was evaluated or quarantined once, and the alerts are those of a run that nobody disturbed.

  run_crash.py WEIR [--kills 12] [--events 6000] [--seed 1]

Prints kills, events, lost, doubled; exit 1 when anything was lost, doubled or different.
"""
import argparse
import gzip
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time

RULES = """
rule any_call {  # allow: W805 the test is outside
  title: "Any call"
  level: low
  source: cloudtrail
  detection {
    selection { eventSource: "route53.amazonaws.com" }
    condition: selection
  }
  message: "{eventName} {eventID}"
}
rule any_query {  # allow: W805 the test is outside
  title: "Any query"
  level: medium
  source: resolver
  detection {
    selection { query_type: "A" }
    condition: selection
  }
  message: "{query_name}"
}
"""
POINTS = [f"{when}_{what}" for what in ("inflate", "decide", "commit", "fsync", "acknowledge", "send")
          for when in ("before", "after")]
BAD_EVERY = 97


def call(number):
    return {"eventVersion": "1.09", "userIdentity": {"type": "IAMUser", "accountId": "111122223333", "userName": "kim"},
            "eventTime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1768467600 + number)),
            "eventSource": "route53.amazonaws.com", "eventName": "ChangeResourceRecordSets", "awsRegion": "us-east-1",
            "sourceIPAddress": "198.51.100.7", "eventID": f"00000000-0000-4000-8000-{number:012x}",
            "requestParameters": {"hostedZoneId": f"Z{number}", "note": "x" * (number % 500)},
            "recipientAccountId": "111122223333"}


def query(number):
    return {"version": "1.100000", "account_id": "111122223333", "region": "us-east-1", "vpc_id": "vpc-0f1e2d3c4b5a69788",
            "query_timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(1768467600 + number)),
            "query_name": f"host{number}.example.com.", "query_type": "A", "query_class": "IN", "rcode": "NOERROR",
            "answers": [], "srcaddr": "10.0.0.5", "srcport": "53000", "transport": "UDP",
            "srcids": {"instance": "i-0af3c2d1e0f9a8b7c"}}


def fill(spool, events):
    """Files of every shape; returns how many records are good, and how many are not."""
    good = bad = number = file = 0
    while number < events:
        count = min(events - number, 150 + 211 * (file % 7))
        lines = []
        for _ in range(count):
            lines.append(json.dumps(query(number) if file % 4 == 3 else call(number), separators=(",", ":")))
            number += 1
            if number % BAD_EVERY == 0 and file % 3 != 1:
                lines.append('{"eventVersion": "1.09", "eventID": "%d", broken' % number)
                bad += 1
        good += count
        folder = os.path.join(spool, "2026", str(file % 3))
        os.makedirs(folder, exist_ok=True)
        if file % 3 == 1 and file % 4 != 3:
            with gzip.open(os.path.join(folder, f"{file:04}.json.gz"), "wt") as out:
                out.write('{"Records":[' + ",".join(lines) + "]}")
        elif file % 5 == 2:
            with gzip.open(os.path.join(folder, f"{file:04}.ndjson.gz"), "wt") as out:
                out.write("\n".join(lines) + "\n")
        else:
            with open(os.path.join(folder, f"{file:04}.ndjson"), "w") as out:
                out.write("\n".join(lines) + "\n")
        file += 1
    return good, bad


class Home:
    """A configuration with a store and a sink of its own, over the one spool."""

    def __init__(self, weir, work, name):
        self.weir, self.folder = weir, os.path.join(work, name)
        os.makedirs(self.folder)
        self.config = os.path.join(self.folder, "weir.yaml")
        self.alerts = os.path.join(self.folder, "alerts.ndjson")
        with open(self.config, "w") as out:
            out.write(f"rules: {work}/rules.weir\n"
                      f"sources: {{trail: {{type: spool, path: {work}/spool}}}}\n"
                      "sinks: {out: {type: file, path: alerts.ndjson}}\n"
                      "routes: [{to: out}]\nstore: {path: store}\n"
                      "limits: {commit_every: 10ms, commit_bytes: 256KiB, threads: 2}\n")

    def start(self, fault=None):
        environment = dict(os.environ)
        if fault:
            environment["WEIR_FAULT"] = fault
        self.log = open(os.path.join(self.folder, "log"), "ab")
        return subprocess.Popen([self.weir, "run", self.config, "--once", "--engine", "interpreter"], stdin=subprocess.DEVNULL,
                                stdout=self.log, stderr=self.log, env=environment)

    def end(self, fault=None):
        return self.start(fault).wait(timeout=300)

    def audit(self):
        return json.loads(subprocess.check_output([self.weir, "audit", self.config, "--format", "json"]))

    def lines(self):
        with open(self.alerts) as file:
            return sorted(file.read().splitlines())


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weir")
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--events", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    weir = os.path.abspath(options.weir)
    failures, kills, lost, doubled, events_seen = [], 0, 0, 0, 0

    with tempfile.TemporaryDirectory() as work:
        with open(os.path.join(work, "rules.weir"), "w") as out:
            out.write(RULES)
        good, bad = fill(os.path.join(work, "spool"), options.events)
        reference = Home(weir, work, "undisturbed")
        begin = time.monotonic()
        if reference.end() != 0:
            print(open(os.path.join(reference.folder, "log")).read(), file=sys.stderr)
            sys.exit("the undisturbed run failed")
        whole = time.monotonic() - begin
        wanted = reference.lines()

        def verify(home, what):
            nonlocal lost, doubled, events_seen
            audit = home.audit()
            events_seen += good + bad
            expected = {"received": good + bad, "evaluated": good, "quarantined": bad, "in_flight": 0,
                        "alerts_committed": good}
            ids = [json.loads(line)["id"] for line in home.lines()]
            lost += max(0, expected["received"] - audit["received"]) + len(wanted) - len(set(ids) & set(
                json.loads(line)["id"] for line in wanted))
            doubled += max(0, audit["received"] - expected["received"]) + len(ids) - len(set(ids))
            if audit != expected:
                failures.append(f"{what}: {audit}, not {expected}")
            if home.lines() != wanted:
                failures.append(f"{what}: {len(ids)} alerts differ from the {len(wanted)} of the undisturbed run")

        verify(reference, "undisturbed")

        # ---- killed at random moments, till the spool is drained; then again in a new store
        rounds = 0
        while kills < options.kills and not failures:
            home = Home(weir, work, f"random{rounds}")
            while True:
                process = home.start()
                try:
                    code = process.wait(timeout=dice.uniform(0.005, 1.1 * whole) if kills < options.kills else 300)
                    if code != 0:
                        failures.append(f"round {rounds}: exit {code}\n" + open(os.path.join(home.folder, "log")).read())
                    break
                except subprocess.TimeoutExpired:
                    asked = dice.random() < 0.2  # politely: it ends well, and has not finished
                    process.send_signal(signal.SIGTERM if asked else signal.SIGKILL)
                    code = process.wait(timeout=60)
                    kills += not asked
                    # before it listens to signals, being asked kills it
                    if asked and code not in (0, -signal.SIGTERM):
                        failures.append(f"round {rounds}: told to stop, exit {code}")
            if not failures:
                verify(home, f"round {rounds} of random kills")
            rounds += 1

        # ---- once at each fault point, early and late
        reached = 0
        for point in POINTS:
            for turn in (1, 7):
                home = Home(weir, work, f"{point}{turn}")
                code = home.end(f"{point}:{turn}")
                if code == -signal.SIGKILL:
                    kills += 1
                    reached += 1
                    code = home.end()
                elif turn == 1:
                    failures.append(f"{point}: never reached (exit {code})")
                if code != 0:
                    failures.append(f"{point}:{turn}: exit {code}\n" + open(os.path.join(home.folder, "log")).read())
                else:
                    verify(home, f"{point}:{turn}")

        # ---- a record that crashes the process: twice, and then it is in the quarantine
        home = Home(weir, work, "poison")
        poison = json.loads(wanted[len(wanted) // 2])["message"].split()[-1]
        codes = [home.end(f"poison:{poison}") for _ in range(3)]
        audit = home.audit()
        if codes != [-signal.SIGABRT, -signal.SIGABRT, 0]:
            failures.append(f"poison: exits {codes}, not two crashes and an end")
        if (audit["quarantined"], audit["received"]) != (bad + 1, good + bad):
            failures.append(f"poison: {audit}")

        # ---- one store, one process
        home = Home(weir, work, "second")
        first = home.start("before_send:1000000000")
        time.sleep(whole / 4)
        # (it may have ended: then the second one is not refused)
        second = subprocess.run([weir, "run", home.config, "--once"], capture_output=True, text=True)
        if first.wait(timeout=300) != 0:
            failures.append("the first process of two failed")
        if second.returncode != 0 and "one store, one process" not in second.stderr:
            failures.append("the second process of two: " + second.stderr)

    print(f"kills {kills} (fault points {reached})  events {events_seen}  lost {lost}  doubled {doubled}")
    for failure in failures:
        print("FAIL:", failure)
    sys.exit(1 if failures or lost or doubled else 0)


if __name__ == "__main__":
    main()
