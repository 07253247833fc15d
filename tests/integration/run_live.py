#!/usr/bin/env python3
"""Live equals replay: events that come shuffled, twice and late (within the sources' `late`), through a spool, a file that
grows and Firehose at once, and the alerts that are final when the watermark has passed are those of a scan.

  run_live.py WEIR [--events 1200] [--seconds 12] [--late 15] [--seed 1]

Nothing is told to end: what is compared has become final by itself. --late is what the machine may take to write a file.
"""
import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time

import feed

# Windows that pass within the test.
SHORTER = {"timespan: 60s": "timespan: 6s", "timespan: 90s": "timespan: 9s", "1m tumbling": "5s tumbling",
           "timespan: 2m": "timespan: 10s", "suppress: 5m": "suppress: 5s"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weir")
    parser.add_argument("--events", type=int, default=1200)
    parser.add_argument("--seconds", type=int, default=12)
    parser.add_argument("--late", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    dice = random.Random(options.seed)
    os.environ["FIREHOSE_KEY"] = "key"
    with tempfile.TemporaryDirectory() as work:
        rules = os.path.join(work, "rules.weir")
        feed.write_rules(rules, f"{options.late}s")
        with open(rules) as file:
            text = file.read()
        for long, short in SHORTER.items():
            assert long in text, long
            text = text.replace(long, short)
        with open(rules, "w") as file:
            file.write(text)
        port, spool, log = feed.free_port(), os.path.join(work, "spool"), os.path.join(work, "grows.log")
        os.makedirs(spool)
        open(log, "w").close()
        weir = feed.Weir(os.path.abspath(options.weir), os.path.join(work, "home"),
                         f"{{files: {{type: spool, path: {spool}}}, grows: {{type: files, path: {log}, mode: tail}}, "
                         f"hose: {{type: firehose, access_key: {{env: FIREHOSE_KEY}}, listen: '127.0.0.1:{port}'}}}}",
                         rules, limits="threads: 2")
        weir.start()
        weir.wait_running()

        # Each comes up to a third of `late` after its time; calls, which have ids, now and then twice.
        begin, deliveries = int(time.time()) + 1, []
        for number in range(options.events):
            at = begin + number * options.seconds // options.events
            line = feed.line(number, at)
            for _ in range(2 if number % 4 != 3 and dice.random() < 0.15 else 1):
                deliveries.append((at + dice.random() * options.late / 3, line))
        last = dict(feed.call(options.events, begin + options.seconds + 8), eventSource="s3.amazonaws.com")
        deliveries.append((begin + options.seconds + 8, json.dumps(last)))
        deliveries.sort()
        all_lines, at, batch, open_at, threads = [], 0, 0, set(), []
        while at < len(deliveries):
            now = time.time()
            due = [line for when, line in deliveries[at:] if when <= now]
            at += len(due)
            all_lines += due
            dice.shuffle(due)
            parts = [due[way::3] for way in range(3)]
            if parts[0]:
                with open(os.path.join(spool, ".tmp"), "w") as out:
                    out.write("\n".join(parts[0]) + "\n")
                os.rename(os.path.join(spool, ".tmp"), os.path.join(spool, f"{batch}.ndjson"))
            if parts[1]:
                with open(log, "a") as out:
                    out.write("\n".join(parts[1]) + "\n")
            if parts[2]:
                threads.append(threading.Thread(target=lambda one=feed.Request(parts[2], dice): one.send(port) == 200 or
                                                sys.exit("no 200")))
                threads[-1].start()
            batch += 1
            time.sleep(0.2 + 0.3 * dice.random())
        for thread in threads:
            thread.join()

        with open(os.path.join(work, "all.ndjson"), "w") as out:
            out.write("\n".join(all_lines) + "\n")
        wanted = feed.scanned(weir.binary, [os.path.join(work, "all.ndjson")], rules)
        weir.wait_for(lambda: len(weir.finals()) >= len(wanted), options.late + 60)
        time.sleep(1)
        finals = weir.finals()
        with open(weir.alerts) as file:
            told = [json.loads(one) for one in file]
        if weir.stop() != 0:
            sys.exit(weir.log())
        states = {state: sum(one["state"] == state for one in told) for state in ("open", "amended", "withdrawn", "final")}
        by_rule = {}
        for one in finals:
            by_rule[json.loads(one)["rule"]] = by_rule.get(json.loads(one)["rule"], 0) + 1
        print(f"live: events {options.events}  deliveries {len(deliveries)} in {batch} batches, three sources  told {states}  "
              f"final by rule {by_rule}  of a scan {len(wanted)}  different {len(set(finals) ^ set(wanted))}  "
              f"doubled {len(finals) - len(set(finals))}")
        for one in sorted(set(finals) ^ set(wanted))[:6]:
            print("FAIL:", "live" if one in finals else "scan", one[:600])
        missing = [rule for rule in ("burst", "steps", "slots", "quiet", "stack") if rule not in by_rule]
        if missing:
            print("FAIL: nothing was told by", missing)
        sys.exit(1 if finals != wanted or missing else 0)


if __name__ == "__main__":
    main()
