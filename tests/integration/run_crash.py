#!/usr/bin/env python3
"""What `weir run` promises about crashes: it is killed at random moments and at every fault point, over a spool and over
requests that are sent again until they are answered, and when everything has come to its end each event was evaluated
or quarantined once, and the final alerts are those of a run that nobody disturbed, and of a scan.

  run_crash.py WEIR [--source spool|firehose] [--kills 12] [--events 6000] [--seed 1] [--memory 512]

Prints kills, events, lost, doubled; exit 1 when anything was lost, doubled or different. The rules are of every kind, so
rows that wait and the state of windows, steps and slots have to outlive the kills.
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

import feed

POINTS = [f"{when}_{what}" for what in ("inflate", "decide", "commit", "fsync", "acknowledge", "send")
          for when in ("before", "after")]


class Events:
    """Lines, good and broken, in units; `scan` is a folder that holds the same."""

    def __init__(self, work, count):
        self.scan = os.path.join(work, "spool")
        self.units, self.good, self.bad = [], 0, 0
        begin, number, file = int(time.time()) - 3600, 0, 0
        while number < count:
            lines = []
            for _ in range(min(count - number, 150 + 211 * (file % 7))):
                lines.append(feed.line(number, begin + number * 3000 // count))
                number += 1
                self.good += 1
                if number % feed.BAD_EVERY == 0 and file % 3 != 1:
                    lines.append('{"eventVersion": "1.09", "eventID": "%d", broken' % number)
                    self.bad += 1
            self.put(file, lines)
            self.units.append(lines)
            file += 1

    def put(self, file, lines):
        """Files of every shape."""
        folder = os.path.join(self.scan, "2026", str(file % 3))
        os.makedirs(folder, exist_ok=True)
        if file % 3 == 1:
            calls = [one for one in lines if '"eventVersion"' in one]
            with gzip.open(os.path.join(folder, f"{file:04}.json.gz"), "wt") as out:
                out.write('{"Records":[' + ",".join(calls) + "]}")
            lines = [one for one in lines if '"eventVersion"' not in one]
        if file % 5 == 2:
            with gzip.open(os.path.join(folder, f"{file:04}.ndjson.gz"), "wt") as out:
                out.write("\n".join(lines) + "\n")
        else:
            with open(os.path.join(folder, f"{file:04}.ndjson"), "w") as out:
                out.write("\n".join(lines) + "\n")


class Spool:
    """The folder is there from the beginning; a run ends when it is drained."""

    def __init__(self, weir, work, events, name):
        self.weir = feed.Weir(weir, os.path.join(work, name), f"{{trail: {{type: spool, path: {events.scan}}}}}",
                              os.path.join(work, "rules.weir"))

    def start(self, dice=None, fault=None):
        # A live run decides as it goes; the last one, with --once, what is left.
        return self.weir.start(not dice or dice.random() < 0.5, environment={"WEIR_FAULT": fault} if fault else None)

    def finish(self):
        return self.weir.run_once()

    def close(self):
        pass


class Firehose:
    """A client sends; when everything was answered 200, the run is told to stop and the input to have ended."""

    def __init__(self, weir, work, events, name):
        self.port = feed.free_port()
        self.weir = feed.Weir(weir, os.path.join(work, name), "{trail: {type: firehose, access_key: {env: FIREHOSE_KEY}, "
                              f"listen: '127.0.0.1:{self.port}'}}}}", os.path.join(work, "rules.weir"))
        os.environ["FIREHOSE_KEY"] = "key"
        dice = random.Random(name)
        self.requests = [feed.Request(unit[at:at + 60], dice) for unit in events.units for at in range(0, len(unit), 60)]
        self.sender = None
        self.name = name

    def start(self, dice=None, fault=None):
        process = self.weir.start(environment={"WEIR_FAULT": fault} if fault else None)
        if not self.sender:
            self.sender = feed.Sender(self.requests, self.port, len(self.requests), pause=0.05 if dice else 0)
        return process

    def finish(self):
        self.start()
        self.weir.wait_running()
        self.weir.wait_for(lambda: self.sender.undone == 0, 120)
        return self.weir.stop() or self.weir.end_of_input()

    def close(self):
        if self.sender and self.sender.wrong:
            raise AssertionError(f"answers {self.sender.wrong}")


class Crashes:
    def __init__(self, options, work):
        self.weir, self.work, self.options = os.path.abspath(options.weir), work, options
        self.kind = {"spool": Spool, "firehose": Firehose}[options.source]
        self.dice = random.Random(options.seed)
        self.failures = []
        self.kills = self.reached = self.lost = self.doubled = self.seen = self.correlated = 0
        feed.write_rules(os.path.join(work, "rules.weir"))
        self.events = Events(work, options.events)
        self.wanted = feed.scanned(self.weir, [self.events.scan], os.path.join(work, "rules.weir"))
        self.calls = sum('"any_' in one for one in self.wanted)

    def home(self, name):
        return self.kind(self.weir, self.work, self.events, name)

    def verify(self, home, what):
        audit, events = home.weir.audit(), self.events
        self.seen += events.good + events.bad
        expected = {"received": events.good + events.bad, "evaluated": events.good, "quarantined": events.bad,
                    "in_flight": 0, "alerts_committed": len(self.wanted)}
        finals = home.weir.finals()
        ids, wanted = ([json.loads(one)["id"] for one in lines] for lines in (finals, self.wanted))
        self.lost += max(0, expected["received"] - audit["received"]) + len(set(wanted) - set(ids))
        self.doubled += max(0, audit["received"] - expected["received"]) + len(ids) - len(set(ids))
        if audit != expected:
            self.failures.append(f"{what}: {audit}, not {expected}")
        if finals != self.wanted:
            self.failures.append(f"{what}: {len(ids)} final alerts differ from the {len(wanted)} of a scan:\n" +
                                 "\n".join(sorted(set(finals) ^ set(self.wanted))[:4]))
        home.close()

    def undisturbed(self):
        home = self.home("undisturbed")
        begin = time.monotonic()
        if code := home.finish():
            sys.exit(f"the undisturbed run ended with {code}:\n{home.weir.log()}")
        self.whole = time.monotonic() - begin
        self.verify(home, "undisturbed")
        if not any('"%s"' % rule in "".join(self.wanted) for rule in ("burst", "steps", "slots", "quiet", "stack")):
            self.failures.append("no rule over many events fired: the test shows nothing")

    def random_kills(self):
        rounds = 0
        while self.kills < self.options.kills and not self.failures:
            home = self.home(f"random{rounds}")
            for _ in range(self.dice.randint(2, 12)):
                process = home.start(self.dice)
                try:
                    code = process.wait(timeout=self.dice.uniform(0.005, 1.1 * min(self.whole, 2)))
                    if code != 0:
                        self.failures.append(f"round {rounds}: exit {code}\n{home.weir.log()}")
                    break
                except subprocess.TimeoutExpired:
                    asked = self.dice.random() < 0.2  # politely: it ends well, and has not finished
                    code = home.weir.stop(signal.SIGTERM if asked else signal.SIGKILL)
                    self.kills += not asked
                    # before it listens to signals, being asked kills it
                    if asked and code not in (0, -signal.SIGTERM):
                        self.failures.append(f"round {rounds}: told to stop, exit {code}")
            self.end(home, f"round {rounds} of random kills")
            rounds += 1

    def end(self, home, what):
        if code := home.finish():
            self.failures.append(f"{what}: exit {code}\n{home.weir.log()}")
        else:
            self.verify(home, what)

    def fault_points(self):
        for point in POINTS:
            for turn in (1, 7):
                home = self.home(f"{point}{turn}")
                process = home.start(fault=f"{point}:{turn}")
                try:
                    code = process.wait(timeout=20 if self.kind is Spool else 5)
                except subprocess.TimeoutExpired:
                    code = None  # not so often in one run
                    home.weir.wait_running()
                    home.weir.stop()
                if code == -signal.SIGKILL:
                    self.kills += 1
                    self.reached += 1
                elif turn == 1:
                    self.failures.append(f"{point}: never reached (exit {code})")
                self.end(home, f"{point}:{turn}")

    def poison(self):
        """A record that crashes the process: twice, and then it is in the quarantine and the rest evaluated."""
        home = self.home("poison")
        poison = json.loads(next(one for one in self.wanted if '"any_call"' in one))["message"].split()[-1]
        codes = []
        for _ in range(2):
            codes.append(home.start(fault=f"poison:{poison}").wait(timeout=60))
        os.environ["WEIR_FAULT"] = f"poison:{poison}"
        codes.append(home.finish())
        del os.environ["WEIR_FAULT"]
        audit = home.weir.audit()
        if codes != [-signal.SIGABRT, -signal.SIGABRT, 0]:
            self.failures.append(f"poison: exits {codes}, not two crashes and an end")
        if (audit["quarantined"], audit["received"]) != (self.events.bad + 1, self.events.good + self.events.bad):
            self.failures.append(f"poison: {audit}")
        reasons = [row["reason"] for row in home.weir.quarantined() if "the process ended" in row["reason"]]
        if len(reasons) != 1:
            self.failures.append(f"poison: {reasons}")
        home.close()

    def one_store_one_process(self):
        home = self.home("second")
        first = home.weir.start()
        home.weir.wait_running()
        second = subprocess.run([self.weir, "run", home.weir.config], capture_output=True, text=True, timeout=60)
        if second.returncode != 3 or "one store, one process" not in second.stderr:
            self.failures.append(f"the second process of two: {second.returncode} {second.stderr}")
        if first.poll() is not None or home.weir.stop() != 0:
            self.failures.append("the first process of two was disturbed")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weir")
    parser.add_argument("--source", choices=("spool", "firehose"), default="spool")
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--events", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--memory", type=int, default=feed.MEMORY_MIB, help="MiB; 0: unlimited, for sanitizers")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        crashes = Crashes(options, work)
        crashes.undisturbed()
        crashes.random_kills()
        crashes.fault_points()
        crashes.poison()
        crashes.one_store_one_process()
        peak = feed.peak_mib()
        if options.memory and peak > options.memory:
            crashes.failures.append(f"{peak:.0f} MiB were needed")
        print(f"{options.source}: kills {crashes.kills} (fault points {crashes.reached})  events {crashes.seen}  "
              f"lost {crashes.lost}  doubled {crashes.doubled}  (alerts {len(crashes.wanted)}, of many events "
              f"{len(crashes.wanted) - crashes.calls}; peak {peak:.0f} MiB)")
        for failure in crashes.failures:
            print("FAIL:", failure)
        sys.exit(1 if crashes.failures or crashes.lost or crashes.doubled else 0)


if __name__ == "__main__":
    main()
