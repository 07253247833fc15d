#!/usr/bin/env python3
"""What `weir run` promises when those who are to be told do not listen: sinks are down for an hour, refuse, hang, lose
their certificate, or all of them are gone until the outbox is full. The process's clock runs fast (WEIR_CLOCK), so that
an hour takes seconds; requests, TLS and the doubles are real.

  run_outages.py WEIR [--only NAME]

Prints a line for each case; exit 1 when anything was lost, doubled, out of order, or came as a flood.
"""
import errno
import json
import os
import re
import subprocess
import time

from live_weir import HERE, HOOK, KEY, Double, Weir, certificates, check, config, event, lines, main, number_of, own, until

FAST = 600  # an hour is six seconds


def an_hour(weir, count=1000, seconds=6.2):
    """So many alerts within an hour of the process, while every request is answered 200."""
    began = time.time()
    slowest = 0
    for number in range(0, count, 10):
        sent = time.time()
        check(weir.post(range(number, number + 10)) == 200, "a source was not acknowledged while a sink is down")
        slowest = max(slowest, time.time() - sent)
        time.sleep(max(0, began + seconds * (number + 10) / count - time.time()))
    return slowest


def order_and_pace(weir, told, count, per_minute, burst):
    """Told: (number, when). All of them, once, in the order of the file; never more than the pace allows."""
    wanted = [number_of(one["message"]) for one in lines(f"{weir.folder}/lines.ndjson") if not own(one)]
    numbers = [number for number, _ in told]
    check(len(set(numbers)) == count, f"{len(set(numbers))} of {count} arrived")
    doubled = len(numbers) - len(set(numbers))
    check(list(dict.fromkeys(numbers)) == wanted, "not in their order")
    most = 0
    for first in range(len(told)):  # within five minutes of the process
        end = first
        while end < len(told) and told[end][1] - told[first][1] <= 300 / FAST:
            end += 1
        most = max(most, end - first)
    allowed = 5 * per_minute + burst + 60  # what was on its way when they were counted
    check(most <= allowed, f"a flood: {most} in five minutes, not {allowed}")
    return doubled, most


def slack_told(double):
    return [(number_of(one["body"]), one["at"]) for one in double.seen("/slack") if "weir.sink" not in one["body"]]


# ---- the cases

def slack_down(binary, folder, name, begin, end, trouble):
    """Down for an hour in one way or another."""
    double = Double()
    weir = Weir(binary, folder, config([f'chat: {{type: slack, url: "{double.address}/slack/T/B/x", timeout: 1s}}']), FAST)
    try:
        weir.start()
        begin(double)
        slowest = an_hour(weir)
        attempts = double.ask("/tried").get("/slack", 0)
        waiting = len([row for row in weir.outbox() if row["sink"] == "chat"])
        check(waiting == 1000, f"{waiting} wait in the outbox")
        end(double)
        if trouble == "weir.sink_refused":
            check(weir.verb("outbox", "retry", weir.config, "--all").returncode == 0, "outbox retry")
        told = until("all arrive", lambda: (lambda all: all if len(all) >= 1000 else None)(slack_told(double)), 90)
        doubled, most = order_and_pace(weir, told, 1000, 60, 5)
        about = [one for one in lines(f"{folder}/lines.ndjson") if own(one)]
        until("it is told that it is over", lambda: [
            (one["rule"], one["state"]) for one in lines(f"{folder}/lines.ndjson") if own(one)] ==
            [(trouble, "open"), (trouble, "withdrawn")], 30)
        check(doubled == 0, f"{doubled} doubled")
        check(attempts < 150, f"{attempts} attempts in an hour")
        weir.stop()
        check(weir.outbox() == [], "the outbox is empty")
        return (f"attempts in the hour {attempts}, slowest acknowledgement {slowest * 1000:.0f} ms, delivered 1000, lost 0, "
                f"doubled {doubled}, at most {most} in 5 minutes, {about[0]['message'][:60]!r}")
    finally:
        weir.kill()
        double.close()


def slack_status(status, trouble, after=""):
    return lambda binary, folder: slack_down(
        binary, folder, status, lambda double: double.mood("/slack", status, after=after),
        lambda double: double.mood("/slack", "ok"), trouble)


def slack_tls(binary, folder):
    """An hour with a certificate that nobody trusts, on the same port."""
    certificates(folder)
    double = Double(folder, "bad")
    weir = Weir(binary, folder, config(
        [f'chat: {{type: slack, url: "{double.address}/slack/T/B/x", ca_file: ca.pem, timeout: 2s}}']), FAST)
    try:
        weir.start()
        an_hour(weir)
        check(double.ask("/seen") == [], "something was told to somebody whom nobody trusts")
        check(len([row for row in weir.outbox() if row["sink"] == "chat"]) == 1000, "all wait")
        port = double.port
        double.close()
        double = Double(folder, "good", port)
        told = until("all arrive", lambda: (lambda all: all if len(all) >= 1000 else None)(slack_told(double)), 90)
        doubled, most = order_and_pace(weir, told, 1000, 60, 5)
        check(doubled == 0, f"{doubled} doubled")
        why = [one for one in lines(f"{folder}/lines.ndjson") if own(one)][0]["message"]
        check("certificate" in why.lower(), why)
        weir.stop()
        return f"delivered 1000, lost 0, doubled 0, at most {most} in 5 minutes, {why[:70]!r}"
    finally:
        weir.kill()
        double.close()


def pagerduty_ambiguous(binary, folder):
    """It takes what it is sent and says nothing: the same incident each time."""
    double = Double()
    weir = Weir(binary, folder, config(
        [f'pager: {{type: pagerduty, url: "{double.address}/v2/enqueue", routing_key: "{KEY}", timeout: 1s, '
         'per_minute: 6000}']), FAST)
    try:
        weir.start()
        double.mood("/v2", "cut", 12)
        check(weir.post(range(20)) == 200, "acknowledged")
        until("all are sent", lambda: not weir.outbox(), 60)
        incidents = double.ask("/incidents")
        alerts = [one["id"] for one in lines(f"{folder}/lines.ndjson") if not own(one)]
        check(sorted(incidents) == sorted(alerts), "an incident for each alert")
        asked = sum(len(actions) for actions in incidents.values())
        check(asked == 32, f"{asked} requests")
        weir.stop()
        return f"20 alerts, {asked} requests (12 without an answer), {len(incidents)} incidents"
    finally:
        weir.kill()
        double.close()


def webhook_refuses(binary, folder):
    """401 for hours: seldom tried, told to the others, nothing dropped, and a restart sends at once."""
    double = Double()
    weir = Weir(binary, folder, config(
        [f'hook: {{type: webhook, url: "{double.address}/webhook", secrets: "{HOOK}"}}',
         f'chat: {{type: slack, url: "{double.address}/slack/T/B/x", per_minute: 6000}}']), FAST)
    try:
        double.mood("/webhook", "401")
        weir.start()
        for number in range(0, 200, 10):
            check(weir.post(range(number, number + 10)) == 200, "acknowledged")
        until("the chat hears of it", lambda: [one for one in double.seen("/slack") if "weir.sink_refused" in one["body"]])
        time.sleep(12)  # two hours
        attempts = double.ask("/tried")["/webhook"]
        check(2 <= attempts <= 8, f"{attempts} attempts in two hours")
        rows = [row for row in weir.outbox() if row["sink"] == "hook"]
        check(len(rows) == 200, f"{len(rows)} wait")
        check(rows[0]["error"] == "answered 401: unauthorised" and rows[0]["attempts"] == attempts, str(rows[0]))
        told = [json.loads(one["body"])["text"] for one in double.seen("/slack") if "weir.sink_refused" in one["body"]]
        check(len(told) == 1, f"told {len(told)} times")
        weir.stop()
        weir.start()
        until("a restart tries at once", lambda: double.ask("/tried")["/webhook"] > attempts, 10)
        double.mood("/webhook", "ok")
        weir.stop()
        weir.start()
        got = until("all arrive", lambda: (lambda all: all if len(all) >= 200 else None)(double.seen("/webhook")), 30)
        wanted = [one["id"] for one in lines(f"{folder}/lines.ndjson") if not own(one)]
        # A request that was cut off when the process ended may have been taken: it comes again under the same id.
        ids = list(dict.fromkeys(one["headers"]["webhook-id"] for one in got))
        check(ids == [f"{alert}-final" for alert in wanted], "all of them in their order")
        check(len(got) - len(ids) <= 2, f"{len(got) - len(ids)} came again")
        until("over is told", lambda: len(
            [one for one in double.seen("/slack") if "weir.sink_refused" in one["body"]]) == 2, 20)
        check(double.ask("/problems") == [], "the double would not take something")
        weir.stop()
        return (f"{attempts} attempts in two hours, 200 waited, told once ({told[0][:60]!r}), "
                f"delivered {len(ids)}, "
                f"under the same id again {len(got) - len(ids)}")
    finally:
        weir.kill()
        double.close()


def webhook_invalid(binary, folder):
    """422: the message is set aside with what was answered; the rest goes on; `outbox retry` sends it."""
    double = Double()
    weir = Weir(binary, folder, config([f'hook: {{type: webhook, url: "{double.address}/webhook", secrets: "{HOOK}"}}']), FAST)
    try:
        double.mood("/webhook", "422", 3)
        weir.start()
        check(weir.post(range(10)) == 200, "acknowledged")
        until("the rest arrives", lambda: len(double.seen("/webhook")) == 7)
        rows = until("set aside", lambda: (lambda all: all if len(all) == 3 else None)(weir.outbox()))
        check(all(row["error"] == "answered 422: no" and row["set_aside"] for row in rows), str(rows))
        check("set aside" in weir.verb("outbox", "ls", weir.config).stdout, "the list says it")
        weir.verb("outbox", "retry", weir.config, str(rows[0]["row"]), str(rows[2]["row"]))
        until("two more", lambda: len(double.seen("/webhook")) == 9)
        until("one is left", lambda: len(weir.outbox()) == 1, 10)
        weir.stop()
        return "10 alerts, 3 set aside with the answer's text, 2 sent when they were asked for, 1 left"
    finally:
        weir.kill()
        double.close()


def all_down(binary, folder):
    """Every sink is down until the outbox is full: sources wait, memory stays, somebody hears of it afterwards."""
    double = Double()
    weir = Weir(binary, folder, f"""
rules: rules.weir
sources:
  feed: {{type: http, listen: "127.0.0.1:0"}}
  files: {{type: spool, path: spool}}
sinks:
  hook: {{type: webhook, url: "{double.address}/webhook", secrets: "{HOOK}", per_minute: 60000}}
  pager: {{type: pagerduty, url: "{double.address}/v2/enqueue", routing_key: "{KEY}", per_minute: 60000}}
routes: [{{to: [hook, pager], storm: 0}}]
store: {{path: store}}
limits: {{outbox: 2000, threads: 2}}
""", FAST)
    os.mkdir(f"{folder}/spool")
    try:
        double.mood("/webhook", "503")
        double.mood("/v2", "503")
        weir.start()
        number = 0
        while weir.post(range(number, number + 100), 3) == 200:
            number += 100
            check(number < 5000, "sources are still acknowledged")
        check(number >= 1000, f"sources wait from {number} alerts on")
        until("it is said", lambda: "the outbox is full" in weir.text(), 10)
        before = weir.memory()
        for file in range(8):  # 8 files of 500 events: none of them may be evaluated now
            with open(f"{folder}/spool/{file}.ndjson", "w") as out:
                out.write("\n".join(event(100_000 + 500 * file + i) for i in range(500)))
        refused = 0
        for _ in range(12):
            refused += weir.post(range(number, number + 100), 1) != 200
        check(refused == 12, "a source was acknowledged although the outbox is full")
        after = weir.memory()
        check(after - before < 16, f"memory grows: {before:.0f} to {after:.0f} MiB")
        rows = weir.outbox()
        check(len(rows) < 4000, f"{len(rows)} rows")
        check([row for row in rows if row["rule"] == "weir.outbox_full"], "no alert about itself")
        double.mood("/webhook", "ok")
        double.mood("/v2", "ok")
        weir.verb("outbox", "retry", weir.config, "--all")
        check(until("sources go on", lambda: weir.post(range(number, number + 100), 10) == 200, 60), "acknowledged")
        number += 100
        wanted = {f"id-{i:06}" for i in range(number)} | {f"id-{100_000 + i:06}" for i in range(4_000)}

        def told():
            alerts = [json.loads(one["body"]) for one in double.seen("/webhook")]
            return [one for one in alerts if not own(one)], [one for one in alerts if own(one)]
        # Asking for all of it is dear to the double, so it is not asked often.
        until("all arrive", lambda: double.ask("/tried")["/webhook"] > len(wanted) and (
            time.sleep(1) or len(told()[0]) >= len(wanted)), 120)
        alerts, about = told()
        check({re.search(r"id-\d+", one["message"]).group(0) for one in alerts} == wanted, "all of them")
        check(len(alerts) == len(wanted), f"{len(alerts) - len(wanted)} doubled")
        full = [one["state"] for one in about if one["rule"] == "weir.outbox_full"]
        check(full[:1] == ["open"], f"about itself: {full}")
        incidents = double.ask("/incidents")
        audit = weir.audit()
        check(audit["received"] == len(wanted) and audit["in_flight"] == 0, str(audit))
        weir.stop()
        return (f"held at {number - 100} alerts, 12 of 12 requests refused meanwhile, memory {before:.0f} to {after:.0f} MiB, "
                f"then {len(alerts)} delivered, lost 0, doubled 0, {len(incidents)} incidents, about itself {full}")
    finally:
        weir.kill()
        double.close()


def hour_without_any(binary, folder):
    """Slack, PagerDuty, the webhook and the file's disk are all down for the same hour: sources are acknowledged, and
    afterwards everybody has every alert, once and in the order of their commits."""
    double = Double()
    shim = os.path.join(folder, "disk_shim.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-D_LARGEFILE64_SOURCE", "-o", shim, os.path.join(HERE, "disk_shim.c"),
                    "-ldl", "-lpthread"], check=True)
    # The disk is full for four attempts, which are 0.5, 1, 2 and 4 s apart whatever the process's clock says.
    full = {"LD_PRELOAD": shim, "DISK_FOLDER": f"{folder}/lines.ndjson", "DISK_FAIL": f"write:{errno.ENOSPC}:1:4"}
    weir = Weir(binary, folder, config([
        f'chat: {{type: slack, url: "{double.address}/slack/T/B/x", timeout: 1s}}',
        f'pager: {{type: pagerduty, url: "{double.address}/v2/enqueue", routing_key: "{KEY}", per_minute: 6000}}',
        f'hook: {{type: webhook, url: "{double.address}/webhook", secrets: "{HOOK}", per_minute: 60000}}']), FAST, full)
    try:
        double.mood("/slack", "500")
        double.mood("/v2", "429", after="30")
        double.mood("/webhook", "503")
        weir.start()
        slowest = an_hour(weir)
        waiting = [row["sink"] for row in weir.outbox() if not row["rule"].startswith("weir.")]
        check([waiting.count(sink) for sink in ("chat", "pager", "hook", "lines")] == [1000] * 4, "all wait for every sink")
        check(lines(f"{folder}/lines.ndjson") == [], "the disk is full")
        for path in ("/slack", "/v2", "/webhook"):
            double.mood(path, "ok")
        written = until("the file has all", lambda: (lambda all: all if len(all) == 1000 else None)(
            [number_of(one["message"]) for one in lines(f"{folder}/lines.ndjson") if not own(one)]), 60)
        told = until("Slack has all", lambda: (lambda all: all if len(all) >= 1000 else None)(slack_told(double)), 90)
        doubled, most = order_and_pace(weir, told, 1000, 60, 5)
        check(doubled == 0, f"{doubled} doubled")
        until("nothing waits", lambda: not weir.outbox(), 60)
        for path in ("/v2", "/webhook"):
            numbers = [number_of(one["body"]) for one in double.seen(path) if "id-" in one["body"]]
            check(numbers == written, f"{path}: not what the file has, in its order")
        audit = weir.audit()
        check(audit["alerts_committed"] == 1000 and audit["in_flight"] == 0, str(audit))
        weir.stop()
        return (f"slowest acknowledgement {slowest * 1000:.0f} ms, 4 x 1000 waited, then 4 x 1000 delivered in one order, lost 0, "
                f"doubled 0, Slack at most {most} in 5 minutes")
    finally:
        weir.kill()
        double.close()


CASES = {
    "slack-429": slack_status("429", "weir.sink_unreachable", "30"),
    "slack-500": slack_status("500", "weir.sink_unreachable"),
    "slack-404": slack_status("404", "weir.sink_refused"),
    "slack-hang": lambda binary, folder: slack_down(
        binary, folder, "hang", lambda double: double.mood("/slack", "hang"), lambda double: double.mood("/slack", "ok"),
        "weir.sink_unreachable"),
    "slack-tls": slack_tls,
    "pagerduty-ambiguous": pagerduty_ambiguous,
    "webhook-401": webhook_refuses,
    "webhook-422": webhook_invalid,
    "hour-without-any": hour_without_any,
    "all-down": all_down,
}


if __name__ == "__main__":
    main(CASES)
