#!/usr/bin/env python3
"""Files that grow, through `weir run`: a log is written and rotated in every way while Weir is killed and started, and
every line is evaluated once.

  run_tail.py WEIR [--kills 10] [--lines 6000] [--seed 1] [--memory 512]

Prints kills, rotations, lines, lost, doubled; exit 1 when anything was lost, doubled or different from a scan.
"""
import argparse
import gzip
import json
import os
import random
import shutil
import sys
import tempfile
import threading
import time

import feed


WAYS = ("rename", "copytruncate", "rename and compress", "elsewhere")


class Log:
    """Lines are appended, now and then half a line first; rotation by renaming, by copying and truncating, with and
    without compression. Nothing is thrown away, and `all` holds every line that was ended."""

    def __init__(self, folder, count, dice):
        self.folder, self.count, self.dice, self.rotations, self.links = folder, count, dice, {}, 0
        self.path, self.all = os.path.join(folder, "app.log"), []
        self.lock = threading.Lock()
        os.makedirs(folder)
        self.file = open(self.path, "ab", buffering=0)

    def write(self, pause):
        begin, number = int(time.time()) - 600, 0
        while number < self.count:
            with self.lock:
                for _ in range(self.dice.randint(1, 60)):
                    if number >= self.count:
                        break
                    line = (feed.line(number, begin + number * 500 // self.count) + "\n").encode()
                    self.all.append(line)
                    half = self.dice.randrange(len(line)) if self.dice.random() < 0.02 else 0
                    self.file.write(line[:half])
                    if half:
                        time.sleep(0.01)
                    self.file.write(line[half:])
                    number += 1
                if self.dice.random() < 0.12:
                    self.rotate()
            time.sleep(pause * self.dice.random())

    def rotate(self):
        way = WAYS[sum(self.rotations.values()) % len(WAYS)]
        self.rotations[way] = self.rotations.get(way, 0) + 1
        old = os.path.join(self.folder, f"app.log.{sum(self.rotations.values())}")
        if way == "copytruncate":
            shutil.copyfile(self.path, old + ".tmp")
            os.rename(old + ".tmp", old)
            os.truncate(self.path, 0)
            return
        if way == "elsewhere":
            os.makedirs(os.path.join(self.folder, "old"), exist_ok=True)
            old = os.path.join(self.folder, "old", os.path.basename(old))
        os.rename(self.path, old)
        self.file.close()
        self.file = open(self.path, "ab", buffering=0)
        if way == "rename and compress":
            with open(old, "rb") as plain, gzip.open(os.path.join(self.folder, ".tmp"), "wb") as out:
                out.write(plain.read())
            os.rename(os.path.join(self.folder, ".tmp"), old + ".gz")
            os.remove(old)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weir")
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--lines", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--memory", type=int, default=feed.MEMORY_MIB)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    failures, kills = [], 0
    with tempfile.TemporaryDirectory() as work:
        rules = os.path.join(work, "rules.weir")
        feed.write_rules(rules)
        log = Log(os.path.join(work, "logs"), options.lines, random.Random(options.seed + 1))
        weir = feed.Weir(os.path.abspath(options.weir), os.path.join(work, "home"),
                         f"{{app: {{type: files, path: {log.folder}, mode: tail}}}}", rules)
        writer = threading.Thread(target=log.write, args=(0.06,))
        writer.start()
        while writer.is_alive() or kills < options.kills:
            weir.start()
            time.sleep(dice.uniform(0.05, 1.5))
            weir.process.kill()
            weir.process.wait()
            kills += 1
            time.sleep(dice.uniform(0, 0.3))
        writer.join()
        weir.start()
        weir.wait_received(len(log.all))
        time.sleep(1)  # would anything come twice?
        if weir.stop() != 0 or weir.end_of_input() != 0:
            failures.append(weir.log()[-3000:])
        with open(os.path.join(work, "all.ndjson"), "wb") as out:
            out.write(b"".join(log.all))
        wanted = feed.scanned(weir.binary, [os.path.join(work, "all.ndjson")], rules)
        audit, finals = weir.audit(), weir.finals()
        counters = {"received": len(log.all), "evaluated": len(log.all), "quarantined": 0, "in_flight": 0,
                    "alerts_committed": len(wanted)}
        ids = [json.loads(one)["id"] for one in finals]
        lost = max(0, len(log.all) - audit["received"]) + len(set(wanted) - set(finals))
        doubled = max(0, audit["received"] - len(log.all)) + len(ids) - len(set(ids))
        if audit != counters:
            failures.append(f"{audit}, not {counters}")
        if finals != wanted:
            failures.append(f"{len(finals)} alerts differ from the {len(wanted)} of a scan")
        peak = feed.peak_mib()
        if options.memory and peak > options.memory:
            failures.append(f"{peak:.0f} MiB were needed")
        print(f"tail: kills {kills}  rotations {log.rotations}  lines {len(log.all)}  lost {lost}  doubled {doubled}  "
              f"(alerts {len(wanted)}; peak {peak:.0f} MiB)")
    for failure in failures:
        print("FAIL:", failure)
    sys.exit(1 if failures or lost or doubled else 0)


if __name__ == "__main__":
    main()
