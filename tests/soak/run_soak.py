#!/usr/bin/env python3
"""`weir run` for a long time: a spool whose old files are taken away, a log that is rotated, and Firehose, under rules of
every kind; memory, open files and the store must not grow.

  run_soak.py WEIR [--minutes 10 | --long] [--rate 200] [--seed 1]      --long: two hours

Prints a line every so often, and fails on growth after the first third. What the store remembers on purpose (units for
days, alert ids for a month) may take 200 bytes each; in memory SQLite's cache goes on filling, as the store grows, to its
16 MiB.
"""
import argparse
import json
import os
import random
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "integration"))
import feed  # noqa: E402

RESIDENT_MIB, FILES, STORE_MIB = 12, 10, 6  # that each may grow by: caches fill, tables are laid out anew
REMEMBERED_BYTES = 200
LATE = 10


class Load:
    """A second of events at a time, a third through each source."""

    def __init__(self, work, port, rate, dice):
        self.spool, self.log, self.port, self.rate, self.dice = os.path.join(work, "spool"), os.path.join(work, "app.log"), \
            port, rate, dice
        self.number = self.units = self.seconds = 0
        self.files = []
        os.makedirs(self.spool)
        open(self.log, "w").close()

    def second(self):
        now = time.time()
        lines = []
        for _ in range(self.rate):
            lines.append(feed.line(self.number, int(now)))
            self.number += 1
            if self.number % 1000 == 0:
                lines.append('{"broken')
        parts = [lines[way::3] for way in range(3)]
        path = os.path.join(self.spool, f"{self.seconds}.ndjson")
        with open(os.path.join(self.spool, ".tmp"), "w") as out:
            out.write("\n".join(parts[0]) + "\n")
        os.rename(os.path.join(self.spool, ".tmp"), path)
        self.files.append(path)
        if len(self.files) > 60:
            os.remove(self.files.pop(0))
        with open(self.log, "a") as out:
            out.write("\n".join(parts[1]) + "\n")
        if self.seconds % 20 == 19:
            for old in (2, 1):
                if os.path.exists(f"{self.log}.{old}"):
                    os.rename(f"{self.log}.{old}", f"{self.log}.{old + 1}")
            os.rename(self.log, self.log + ".1")
            open(self.log, "w").close()
        if feed.Request(parts[2], self.dice).send(self.port, 60) != 200:
            raise AssertionError("no 200")
        self.units += 2
        self.seconds += 1
        time.sleep(max(0.0, 1 - (time.time() - now)))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weir")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--rate", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    seconds = 7200 if options.long else options.minutes * 60
    os.environ["FIREHOSE_KEY"] = "key"
    with tempfile.TemporaryDirectory() as work:
        rules, port = os.path.join(work, "rules.weir"), feed.free_port()
        feed.write_rules(rules, f"{LATE}s")
        load = Load(work, port, options.rate, random.Random(options.seed))
        weir = feed.Weir(os.path.abspath(options.weir), os.path.join(work, "home"),
                         f"{{files: {{type: spool, path: {load.spool}}}, log: {{type: files, path: {load.log}, mode: tail}}, "
                         f"hose: {{type: firehose, access_key: {{env: FIREHOSE_KEY}}, listen: '127.0.0.1:{port}'}}}}",
                         rules, limits="threads: 2, remembered_ids: 5000")
        weir.start()
        weir.wait_running()
        samples, begin, every = [], time.monotonic(), max(2.0, seconds / 60)
        while (passed := time.monotonic() - begin) < seconds:
            load.second()
            if passed >= len(samples) * every:
                resident, files = feed.memory_of(weir.process.pid)
                store = feed.size_of(os.path.join(weir.folder, "store")) / 2**20
                remembered = load.units + weir.audit()["alerts_committed"]
                samples.append((passed, resident, files, store, remembered))
                print(f"  {passed:6.0f} s  resident {resident:6.1f} MiB  open files {files:3}  store {store:6.2f} MiB  "
                      f"events {load.number}  alerts and units {remembered}", flush=True)
        # Records, the broken ones among them: all were received.
        weir.wait_received(load.number + load.number // 1000, 60)
        if weir.stop() != 0:
            sys.exit(weir.log()[-3000:])
        audit = weir.audit()
        third = samples[len(samples) // 3:]
        first, last = third[0], third[-1]
        allowed = STORE_MIB + REMEMBERED_BYTES * (last[4] - first[4]) / 2**20
        grown = (last[1] - first[1], last[2] - first[2], last[3] - first[3])
        print(f"soak: {seconds:.0f} s  events {load.number}  {json.dumps(audit)}  grown since the first third: resident "
              f"{grown[0]:+.1f} of {RESIDENT_MIB} MiB, open files {grown[1]:+}, store {grown[2]:+.2f} of {allowed:.2f} MiB  peak "
              f"{feed.peak_mib():.0f} MiB")
        wrong = [name for name, bad in (("resident", grown[0] > RESIDENT_MIB), ("open files", grown[1] > FILES),
                                        ("store", grown[2] > allowed), ("the budget", feed.peak_mib() > feed.MEMORY_MIB),
                                        ("received", audit["received"] != load.number + load.number // 1000),
                                        ("in flight", audit["in_flight"] != 0)) if bad]
        for name in wrong:
            print("FAIL:", name)
        sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
