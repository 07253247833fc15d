#!/usr/bin/env python3
"""Silences of a `weir run` as it really is: what nobody is told while one lasts, what is told all the same, and what
comes when it is over.

  run_silences.py WEIR [--only NAME]

Prints a line for each case; exit 1 when something was told that should not be, or not told.
"""
import json
import os
import time
import urllib.request

from live_weir import CHANGING, KEY, Double, Weir, check, config, event, lines, main, number_of, until


def told(weir):
    return [number_of(one["message"]) for one in lines(f"{weir.folder}/lines.ndjson")]


def silence(weir, *words, code=0):
    done = weir.verb("silence", words[0], weir.config, *words[1:])
    check(done.returncode == code, f"silence {words}: {done.returncode}, {done.stderr}")
    return done


def metric(weir, name):
    port = [line for line in weir.text().splitlines() if "pages on port" in line][-1].split("port ")[1].split('"')[0]
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=30) as answer:
        for line in answer.read().decode().splitlines():
            if line.startswith(name + " "):
                return float(line.split()[1])
    return None


def made_and_ended(binary, folder):
    """By hand, at three in the morning, through a crash."""
    weir = Weir(binary, folder, config([], more='serve: {listen: "127.0.0.1:0"}'))
    try:
        weir.start()
        check(weir.post([1]) == 200, "acknowledged")
        until("told", lambda: told(weir) == [1])
        wrong = silence(weir, "add", "--rule", "cal", "--comment", "x", code=2)
        check("did you mean `call`?" in wrong.stderr, wrong.stderr)
        wrong = silence(weir, "add", "--rule", "call", "--to", "linse", "--comment", "x", code=2)
        check("did you mean `lines`?" in wrong.stderr, wrong.stderr)
        for words in (["--rule", "call"], ["--comment", "x"], ["--rule", "call", "--comment", "x", "--for", "soon"],
                      ["--rule", "call", "--comment", "x", "--until", "2020-01-01T00:00:00Z"],
                      ["--rule", "call", "--comment", "x", "--group", "host=a"]):
            silence(weir, "add", *words, code=2)
        made = silence(weir, "add", "--rule", "c*", "--account", "111122223333", "--for", "2h", "--comment", "ticket 4711", "--by", "night")
        check(made.stdout == "1\n" and "1 rule: call" in made.stderr, made.stderr)
        until("it begins", lambda: "silence 1 begins: rule=c* account=111122223333, until" in weir.text())
        check(weir.post([2, 3]) == 200, "acknowledged")
        until("committed", lambda: weir.audit()["alerts_committed"] == 3)
        check(weir.audit() == {"received": 3, "evaluated": 3, "quarantined": 0, "in_flight": 0, "alerts_committed": 3,
                               "alerts_silenced": 2}, str(weir.audit()))
        check(metric(weir, "weir_alerts_silenced_total") == 2 and metric(weir, "weir_silences") == 1, "metrics")
        weir.kill()
        weir.start()
        check(weir.post([4]) == 200, "acknowledged")
        until("committed", lambda: weir.audit()["alerts_committed"] == 4)
        check(told(weir) == [1], f"told {told(weir)}")
        shown = json.loads(silence(weir, "ls", "--format", "json").stdout)
        check((shown["silence"], shown["state"], shown["by"], shown["comment"]) == ("1", "active", "night", "ticket 4711"), str(shown))
        silence(weir, "end", "1")
        silence(weir, "end", "1", code=1)
        check(silence(weir, "ls").stdout == "" and "ended" in silence(weir, "ls", "--all").stdout, "the list")
        until("it is over", lambda: "silence 1 is over" in weir.text())
        check(weir.post([5]) == 200, "acknowledged")
        until("told again", lambda: told(weir) == [1, 5])
        until("nothing is left in the outbox", lambda: weir.outbox() == [])
        weir.stop()
        return "2 told, 3 silenced (1 of them after a kill -9), none of those told afterwards"
    finally:
        weir.kill()


def of_the_configuration(binary, folder):
    """Written into weir.yaml while it runs, for one sink; taken out again."""
    def written(more=""):
        return config([f'other: {{type: file, path: "{folder}/other.ndjson"}}'], more)
    weir = Weir(binary, folder, written())
    try:
        weir.start()
        check(weir.post([1]) == 200, "acknowledged")
        until("told", lambda: told(weir) == [1])

        def write(text):
            with open(weir.config + ".new", "w") as out:
                out.write(text)
            os.rename(weir.config + ".new", weir.config)
        write(written('silences:\n  - {rule: call, to: lines, until: 2099-01-01T00:00:00Z, comment: "a test"}\n'
                      '  - {rule: "*", until: 2020-01-01T00:00:00Z, comment: "long over"}'))
        until("it begins", lambda: "begins: rule=call to=lines" in weir.text(), 20)
        check(weir.post([2]) == 200, "acknowledged")
        until("the other sink is told", lambda: len(lines(f"{folder}/other.ndjson")) == 2)
        time.sleep(0.5)
        check(told(weir) == [1], f"told {told(weir)}")
        line = [number for number, text in enumerate(open(weir.config), 1) if "to: lines" in text][0]
        check([json.loads(one)["silence"] for one in silence(weir, "ls", "--format", "json").stdout.splitlines()] == [f"weir.yaml:{line}"],
              "the list names the place")
        write(written())
        until("it is over", lambda: f"silence weir.yaml:{line} is over" in weir.text(), 20)
        check(weir.post([3]) == 200, "acknowledged")
        until("told again", lambda: told(weir) == [1, 3])
        weir.stop()
        return "taken up by a change of weir.yaml, one sink silent, the other told of everything, and over by another change"
    finally:
        weir.kill()


def open_alerts(binary, folder):
    """One minute a second: an incident that was told is resolved through a silence; one that comes up is told at its end."""
    double = Double()
    fast = 60
    weir = Weir(binary, folder, config(
        [f'pager: {{type: pagerduty, url: "{double.address}/v2/enqueue", routing_key: "{KEY}", per_minute: 6000}}']), fast, rules=CHANGING)
    try:
        began = time.time()
        weir.start()

        now = int(began + (time.time() - began) * fast)

        def at(number, offset, name, address):
            return event(number, now + offset, eventName=name, sourceIPAddress=address)

        def burst(first, address):
            return [at(first + i, -60 * i - 10, "DeleteHostedZone", address) for i in range(3)]

        def alerts(state):
            return [one["id"] for one in lines(f"{folder}/lines.ndjson") if one["state"] == state]
        check(weir.post_events([at(1, -60, "ChangeResourceRecordSets", "198.51.100.2")]) == 200, "acknowledged")
        until("it is told", lambda: len(double.ask("/incidents")) == 1, 10)
        told_before = alerts("open")[0]
        # Another process, whose clock has not run ahead: long enough for this one's.
        silence(weir, "add", "--rule", "*", "--from", "2020-01-01T00:00:00Z", "--for", "100000d", "--comment", "x")
        until("it begins", lambda: "silence 1 begins" in weir.text(), 10)
        check(weir.post_events([at(2, -120, "TagResource", "198.51.100.2"), *burst(10, "198.51.100.3")]) == 200, "acknowledged")
        until("what was told is resolved", lambda: double.ask("/incidents") == {told_before: ["trigger", "resolve"]}, 10)
        held = until("the other is held", lambda: [row for row in weir.outbox() if row.get("silence")], 10)
        check(sorted(row["sink"] for row in held) == ["lines", "pager"] and {row["rule"] for row in held} == {"burst"}, str(held))
        check("held by silence 1" in weir.verb("outbox", "ls", weir.config).stdout, "the list of the outbox")
        weir.kill()
        weir.start()
        time.sleep(0.5)
        # What was on its way when it was killed may have been told twice.
        check(set(double.ask("/incidents")) == {told_before}, "the restart told what was held")
        silence(weir, "end", "1")
        until("it is told now", lambda: double.ask("/incidents").get(held[0]["alert"]) == ["trigger"], 10)
        check([row for row in weir.outbox() if row.get("silence")] == [], "nothing is held any more")
        weir.stop()
        return "resolved through the silence; held through a kill -9, told when it ended"
    finally:
        weir.kill()
        double.close()


CASES = {
    "made-and-ended": made_and_ended,
    "of-the-configuration": of_the_configuration,
    "open-alerts": open_alerts,
}


if __name__ == "__main__":
    main(CASES)
