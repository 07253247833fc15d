#!/usr/bin/env python3
"""What sinks are told by a `weir run` as it really is: alerts that change when an event comes late, text that an
attacker wrote, what `weir sink test` says to a person, and files that are rotated under a process that is killed.

  run_told.py WEIR [--only NAME]

Prints a line for each case; exit 1 when something was told that should not be, or not told.
"""
import glob
import json
import os
import pty
import random
import re
import select
import signal
import subprocess
import time
import urllib.request

from live_weir import CHANGING, HOOK, KEY, Double, Weir, certificates, check, event, lines, main, own, until

HOSTILE = """
rule hostile {  # allow: W805 the test is outside
  title: "Somebody wrote something"
  level: high
  source: cloudtrail
  detection {
    selection { eventSource: "route53.amazonaws.com" }
    condition: selection
  }
  message: "{userAgent}"
  fields: [userAgent, eventName]
}
"""


def bodies(double, path):
    return [json.loads(one["body"]) for one in double.seen(path)]


def states(binary, folder):
    """One minute a second: an alert that a late event moves, and one that a late event undoes."""
    double = Double()
    fast = 60
    weir = Weir(binary, folder, f"""
rules: rules.weir
sources:
  feed: {{type: http, listen: "127.0.0.1:0"}}
sinks:
  pager: {{type: pagerduty, url: "{double.address}/v2/enqueue", routing_key: "{KEY}", per_minute: 6000}}
  chat:  {{type: slack, url: "{double.address}/slack/T/B/x", per_minute: 6000}}
  hook:  {{type: webhook, url: "{double.address}/webhook/all", secrets: "{HOOK}"}}
  ocsf:  {{type: webhook, url: "{double.address}/webhook/ocsf", secrets: "{HOOK}", format: ocsf}}
  last:  {{type: webhook, url: "{double.address}/webhook/last", secrets: "{HOOK}", states: final}}
  all:   {{type: file, path: all.ndjson}}
  final: {{type: file, path: final.ndjson, states: final}}
store: {{path: store}}
""", fast, rules=CHANGING)
    try:
        began = time.time()
        weir.start()
        now = int(began + (time.time() - began) * fast)

        def at(number, offset, name, address):
            return event(number, now + offset, eventName=name, sourceIPAddress=address)
        check(weir.post_events([at(1, -300, "DeleteHostedZone", "198.51.100.1"),
                                at(2, -200, "DeleteHostedZone", "198.51.100.1"),
                                at(3, -60, "DeleteHostedZone", "198.51.100.1"),
                                at(4, -60, "ChangeResourceRecordSets", "198.51.100.2")]) == 200, "acknowledged")
        until("both are told open", lambda: len(lines(f"{folder}/all.ndjson")) == 2, 10)
        check(weir.post_events([at(5, -150, "DeleteHostedZone", "198.51.100.1"),
                                at(6, -120, "TagResource", "198.51.100.2")]) == 200, "acknowledged")
        until("final", lambda: lines(f"{folder}/final.ndjson"), 60)
        weir.stop()
        written = lines(f"{folder}/all.ndjson")
        said = [(one["rule"], one["state"]) for one in written]
        check(sorted(said) == [("burst", "amended"), ("burst", "final"), ("burst", "open"), ("unapproved", "open"),
                               ("unapproved", "withdrawn")], f"the file: {said}")
        ids = {one["rule"] + " " + one["state"]: one["id"] for one in written}
        amended = [one for one in written if one["state"] == "amended"][0]
        check(amended["replaces"] == ids["burst open"] and ids["burst final"] == amended["id"], "what replaces what")
        check([(one["id"], one["state"]) for one in lines(f"{folder}/final.ndjson")] == [(amended["id"], "final")],
              "the file of final ones")
        incidents = double.ask("/incidents")
        check(incidents == {ids["burst open"]: ["trigger", "trigger"], ids["unapproved open"]: ["trigger", "resolve"]},
              f"PagerDuty: {incidents}")
        texts = sorted(one["text"].split(" three")[0] for one in bodies(double, "/slack"))
        check([text.split(":")[0] for text in texts] ==
              ["Amended", "Final", "Withdrawn", "[CRITICAL] A change that nobody approved", "[HIGH] Three in ten minutes"],
              f"Slack: {texts}")
        hooks = [one["headers"]["webhook-id"] for one in double.seen("/webhook/all")]
        check(sorted(hooks) == sorted(f"{one['id']}-{one['state']}" for one in written), f"webhook: {hooks}")
        check([one["state"] for one in bodies(double, "/webhook/last")] == ["final"], "the webhook of final ones")
        findings = {}
        for one in bodies(double, "/webhook/ocsf"):
            findings.setdefault(one["finding_info"]["uid"], []).append(one["activity_id"])
        check(findings == {ids["burst open"]: [1, 2, 2], ids["unapproved open"]: [1, 3]}, f"OCSF: {findings}")
        check(double.ask("/problems") == [], "the doubles would not take something")
        return "PagerDuty trigger, trigger, and trigger, resolve; Slack 5 texts; webhook 5 ids; OCSF 1 2 2 and 1 3; final only 1"
    finally:
        weir.kill()
        double.close()


ATTACKS = [
    "<!channel> <!here> <@U012AB3CD> <#C012AB3CD> <https://evil.example|look here> & &lt;",
    "one\r\ntwo\nINFO all is well\r\nContent-Length: 0\r\n\r\n",
    "\x1b[2J\x1b]0;title\x07 \x9b31m red \x7f \u202egnirts\u202c \u2066x\u2069",
    "*bold* _it_ `code` ~no~ https://evil.example/path mailto:a@b.example @channel",
    "\\u001b[31m \\\" }{ ${HOME} %s %n {eventID} {{x}}",
    "\u202egnirts a\u0000\ufeff\u200b",
    "x" * 60_000,
    "<" * 60_000,
    "\U0001f4a3" * 15_000,
    "\x00\x01\x02 nothing",
]


UNSEEN = r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]"


def texts_of(value):
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else []:
        yield from texts_of(inner)


def hostile(binary, folder):
    """Text that an attacker wrote stays text, everywhere, and nothing is refused for its length."""
    double = Double()
    weir = Weir(binary, folder, f"""
rules: rules.weir
sources:
  feed: {{type: http, listen: "127.0.0.1:0"}}
sinks:
  pager: {{type: pagerduty, url: "{double.address}/v2/enqueue", routing_key: "{KEY}", per_minute: 6000}}
  chat:  {{type: slack, url: "{double.address}/slack/T/B/x", per_minute: 6000}}
  hook:  {{type: webhook, url: "{double.address}/webhook/all", secrets: "{HOOK}"}}
  ocsf:  {{type: webhook, url: "{double.address}/webhook/ocsf", secrets: "{HOOK}", format: ocsf}}
  lines: {{type: file, path: lines.ndjson}}
routes: [{{to: [pager, chat, hook, ocsf, lines], storm: 0}}]
store: {{path: store}}
""", rules=HOSTILE)
    try:
        weir.start()
        events = [event(i, userAgent=text, eventName=text[:200]) for i, text in enumerate(ATTACKS)]
        events.append(event(99, userAgent="big", requestParameters={"blob": ["<!channel>\r\n" * 1000] * 17}))
        check(weir.post_events(events) == 200, "acknowledged")
        until("all are told", lambda: len(double.ask("/seen")) + len(double.ask("/problems")) >= 4 * len(events), 60)
        check(double.ask("/problems") == [], f"refused: {str(double.ask('/problems'))[:300]}")
        weir.stop()
        check(weir.outbox() == [], "nothing is left")
        check(len(lines(f"{folder}/lines.ndjson")) == len(events), "one line an alert")
        with open(f"{folder}/lines.ndjson", "rb") as raw:
            check(not re.search(rb"[\x00-\x09\x0b-\x1f]", raw.read()), "a control character in the file")
        longest = 0
        for one in double.seen("/slack"):
            longest = max(longest, len(one["body"]))
            for plain in texts_of(json.loads(one["body"])):
                check(not re.search(r"<[!@#]|<https?://evil|\nINFO|[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]", plain), f"Slack: {plain[:200]!r}")
        for one in double.seen("/v2"):
            summary = json.loads(one["body"])["payload"]["summary"]
            check(len(summary.encode()) <= 1024 and not re.search(UNSEEN, summary), f"PagerDuty: {summary[:200]!r}")
            check(len(one["body"]) <= 512 * 1024, "PagerDuty's limit")
        return f"{len(events)} events, 4 sinks, nothing refused, the longest message of Slack {longest} bytes"
    finally:
        weir.kill()
        double.close()


def terminal(binary, folder):
    """On a terminal nothing of an alert is obeyed; through a pipe it is the same JSON."""
    weir = Weir(binary, folder, """
rules: rules.weir
sources: {feed: {type: spool, path: spool}}
sinks: {out: {type: stdout}}
store: {path: store}
""", rules=HOSTILE)
    os.mkdir(f"{folder}/spool")
    with open(f"{folder}/spool/a.ndjson", "w") as out:
        out.write("\n".join(event(i, userAgent=text) for i, text in enumerate(ATTACKS[:5])))
    try:
        main_end, child_end = pty.openpty()
    except OSError as error:
        return f"skipped: this machine gives no terminal ({error})"
    process = subprocess.Popen([binary, "run", weir.config, "--once"], cwd=folder, stdout=child_end,
                               stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    os.close(child_end)
    shown = b""
    while True:
        ready, _, _ = select.select([main_end], [], [], 20)
        try:
            more = os.read(main_end, 65536) if ready else b""
        except OSError:
            break
        if not more:
            break
        shown += more
    os.close(main_end)
    check(process.wait(30) == 0, "a graceful end")
    text = shown.replace(b"\r\n", b"\n")
    for bad in (b"\x1b", b"\x07", b"\xc2\x9b", b"\x7f", b"\xe2\x80\xae", b"\xe2\x81\xa6", b"\r", b"\x00"):
        check(bad not in text, f"the terminal was sent {bad!r}")
    alerts = [json.loads(line) for line in text.decode().splitlines()]
    check(len(alerts) == 5 and any("\u202e" in one["message"] for one in alerts), "the same JSON")
    return f"{len(alerts)} alerts, {len(text)} bytes, nothing that a terminal obeys"


SECRETS = {"SLACK_TOKEN": "aVerySecretTokenOfSlack", "PD_KEY": KEY, "HOOK": HOOK, "BEARER": "Bearer bearer-token-of-the-hook",
           "QUERY": "tokenInTheQueryOfTheHook", "INGEST": "token-of-the-ingest-page"}


def secrets(binary, folder):
    """Receivers that say back everything that they are sent: none of it is in what we print, keep or serve."""
    double = Double()
    weir = Weir(binary, folder, f"""
rules: rules.weir
sources:
  feed: {{type: http, listen: "127.0.0.1:0", token: "${{INGEST}}"}}
sinks:
  pager: {{type: pagerduty, url: "{double.address}/v2/enqueue", routing_key: {{env: PD_KEY}}}}
  chat:  {{type: slack, url: "{double.address}/slack/T/B/${{SLACK_TOKEN}}"}}
  hook:  {{type: webhook, url: "{double.address}/webhook?token=${{QUERY}}", secrets: {{env: HOOK}}, headers: {{Authorization: {{env: BEARER}}}}}}
  gone:  {{type: webhook, url: "http://127.0.0.1:9/x/${{QUERY}}", secrets: {{env: HOOK}}}}
  lines: {{type: file, path: lines.ndjson}}
store: {{path: store}}
serve: {{listen: "127.0.0.1:0"}}
""", 600, SECRETS.items())
    try:
        for path in ("/slack", "/v2", "/webhook"):
            double.mood(path, "echo")
        weir.start()
        request = urllib.request.Request(f"http://127.0.0.1:{weir.port()}/ingest", event(1).encode(),
                                         {"Authorization": "Bearer " + SECRETS["INGEST"]})
        with urllib.request.urlopen(request, timeout=30) as answer:
            check(answer.status == 200, "acknowledged")
        check(weir.post([2]) == 401, "a wrong token")
        until("all have failed", lambda: len([row for row in weir.outbox() if row["attempts"] > 0]) >= 4, 30)
        pages = int(re.findall(r"pages on port (\d+)", weir.text())[-1])
        said = {"metrics": urllib.request.urlopen(f"http://127.0.0.1:{pages}/metrics", timeout=10).read().decode()}
        weir.stop()
        for name in ("pager", "chat", "hook", "gone"):
            tried = weir.verb("sink", "test", name, "--config", weir.config)
            said["test " + name] = tried.stdout + tried.stderr
            check(tried.returncode == 1 and "did not take it" in tried.stderr, said["test " + name])
        said["log"] = weir.text()
        for verb in (("outbox", "ls", weir.config), ("outbox", "ls", weir.config, "--format", "json"),
                     ("audit", weir.config), ("quarantine", "ls", weir.config), ("check", weir.config)):
            tried = weir.verb(*verb)
            said[" ".join(verb)] = tried.stdout + tried.stderr
        with open(weir.config) as text:
            broken = text.read().replace("{env: PD_KEY}", '"${SLACK_TOKEN}"').replace("http://127.0.0.1", "http://example.com")
        with open(f"{folder}/broken.yaml", "w") as out:
            out.write(broken)
        tried = weir.verb("check", "broken.yaml")
        said["check broken.yaml"] = tried.stdout + tried.stderr
        check(tried.returncode == 1, "a broken configuration")
        with open(f"{folder}/lines.ndjson") as text:
            said["alerts about sinks"] = text.read()
        check("weir.sink_refused" in said["alerts about sinks"], "the trouble is told")
        for name in os.listdir(f"{folder}/store"):
            with open(f"{folder}/store/{name}", "rb") as data:
                said["store/" + name] = data.read().decode("latin-1")
        for place, text in said.items():
            for value in [*SECRETS.values(), "bearer-token-of-the-hook", HOOK[6:], KEY[:20], "aVerySecretTok", "tokenInTheQ"]:
                check(value not in text, f"{place} shows {value}: {text[max(0, text.find(value) - 100):][:300]}")
        return f"{len(said)} places, {len(SECRETS)} secrets, none shown"
    finally:
        weir.kill()
        double.close()


def sink_test(binary, folder):
    """What a person is told when a sink does not work, and when it does."""
    certificates(folder)
    double, trusted = Double(), Double(folder, "good")
    wrong_key = "f" * 32
    weir = Weir(binary, folder, f"""
rules: rules.weir
sources: {{feed: {{type: stdin}}}}
sinks:
  chat:      {{type: slack, url: "{double.address}/slack/T/B/x"}}
  pager:     {{type: pagerduty, url: "{double.address}/v2/enqueue", routing_key: "{KEY}"}}
  hook:      {{type: webhook, url: "{double.address}/webhook", secrets: "{HOOK}"}}
  tls:       {{type: slack, url: "{trusted.address}/slack/T/B/x", ca_file: ca.pem}}
  untrusted: {{type: slack, url: "{trusted.address}/slack/T/B/x"}}
  wrongname: {{type: slack, url: "https://localhost:{trusted.port}/slack/T/B/x", ca_file: ca.pem}}
  nothing:   {{type: slack, url: "{double.address}/nothing"}}
  wrongkey:  {{type: pagerduty, url: "{double.address}/v2/enqueue", routing_key: "{wrong_key}"}}
  unsigned:  {{type: webhook, url: "{double.address}/webhook", secrets: "whsec_{'B' * 40}"}}
  nowhere:   {{type: webhook, url: "https://no-such-host.invalid/in"}}
  silent:    {{type: webhook, url: "http://127.0.0.1:9/in"}}
  file:      {{type: file, path: out.ndjson}}
store: {{path: store}}
""")
    wanted = {
        "chat": (0, "took the test alert", ""), "pager": (0, "took", ""), "hook": (0, "took", ""), "tls": (0, "took", ""),
        "file": (0, "would look like this", ""),
        "untrusted": (1, "certificate", "ca_file"), "wrongname": (1, "localhost", "ca_file"),
        "nothing": (1, "answered 404", "incoming webhook"), "wrongkey": (1, "Invalid routing key", "integration key"),
        "unsigned": (1, "answered 400: signature", "`secrets`"), "nowhere": (1, "no-such-host.invalid", "DNS"),
        "silent": (1, "connect", "nobody listens"),
    }
    try:
        for name, (code, problem, help_text) in wanted.items():
            tried = weir.verb("sink", "test", name, "--config", weir.config)
            said = tried.stdout + tried.stderr
            check(tried.returncode == code and problem in said and help_text in said, f"{name} ({tried.returncode}): {said}")
            if code:
                print("   " + said.strip().replace("\n", "\n   "))
        return f"{len(wanted)} sinks"
    finally:
        double.close()
        trusted.close()


def rotation(binary, folder, seconds=12):
    """The file of a sink is moved away, with and without SIGHUP, under a process that is killed again and again."""
    weir = Weir(binary, folder, """
rules: rules.weir
sources: {feed: {type: spool, path: spool}}
sinks: {out: {type: file, path: alerts.ndjson}}
store: {path: store}
limits: {commit_every: 20ms}
""")
    os.mkdir(f"{folder}/spool")
    chance = random.Random(7)
    try:
        weir.start()
        end = time.time() + seconds
        number = kills = moved = 0
        while time.time() < end:
            with open(f"{folder}/.next", "w") as out:
                out.write("\n".join(event(number + i) for i in range(20)))
            os.rename(f"{folder}/.next", f"{folder}/spool/{number:06}.ndjson")
            number += 20
            time.sleep(chance.random() * 0.05)
            act = chance.random()
            if act < 0.15:
                if os.path.exists(f"{folder}/alerts.ndjson"):
                    moved += 1
                    os.rename(f"{folder}/alerts.ndjson", f"{folder}/alerts.ndjson.{moved}")
                if act < 0.1:
                    weir.process.send_signal(signal.SIGHUP)
            if act > 0.93:
                weir.kill()
                kills += 1
                weir.start()
        told = lambda: [one["message"].split()[-1] for path in glob.glob(f"{folder}/alerts.ndjson*") for one in lines(path)]
        until("all are told", lambda: len(set(told())) == number, 60)
        weir.stop()
        all_told = told()
        check(len(set(all_told)) == number, f"{number - len(set(all_told))} lost")
        check(len(all_told) == number, f"{len(all_told) - number} doubled")
        return f"{kills} kills, {moved} files moved away, {number} alerts, lost 0, doubled 0"
    finally:
        weir.kill()


CASES = {"states": states, "hostile": hostile, "terminal": terminal, "secrets": secrets, "sink-test": sink_test,
         "rotation": rotation}

if __name__ == "__main__":
    main(CASES)
