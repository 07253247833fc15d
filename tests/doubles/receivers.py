#!/usr/bin/env python3
"""Stand-ins for Slack, PagerDuty and a webhook's receiver, for tests: they check what they get as the real ones do,
and answer in one of several moods.

    receivers.py [--certificate PEM --key PEM] [--port N] [--any-time]
        prints "PORT" and serves until it is killed; https with a certificate. --any-time: signatures may be old, or
        of a clock that runs fast

    POST /slack/…      PagerDuty: POST /v2/enqueue      POST /webhook
    POST /mood         {"path": "/slack", "mood": "ok"|"302"|"hang"|"cut"|"endless"|"echo"|a status, "times": N, "after": "30"}
                       with "after", an answer has it as its Retry-After
    GET  /seen         what was taken, a list of {"path", "headers", "body", "at"}; /incidents: PagerDuty's, by dedup_key
    GET  /tried        how many requests came, by path, whatever was answered
    GET  /problems     what was sent that the real one would not take
    POST /report       a short form of these, and everything is forgotten
"""
import argparse
import base64
import hashlib
import hmac
import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ROUTING_KEY = "0123456789abcdef0123456789abcdef"
WEBHOOK_KEYS = ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"]
LIMIT = 512 * 1024

lock = threading.Lock()
moods = {}  # first part of the path -> [mood, times left, Retry-After]
seen, problems, incidents, tried = [], [], {}, {}
any_time = False
REASONS = {400: b"invalid_payload", 401: b"unauthorised", 404: b"no_service", 429: b"rate_limited", 500: b"rollup_error"}


def slack_problem(body):
    message = json.loads(body)
    if not message.get("text"):
        return "no_text"
    blocks = list(message.get("blocks", []))
    for attachment in message.get("attachments", []):
        blocks += attachment.get("blocks", [])
    if not 0 < len(blocks) <= 50:
        return "invalid_blocks: %d" % len(blocks)
    total = 0
    for block in blocks:
        texts = [block["text"]] if "text" in block else []
        texts += block.get("fields", []) + block.get("elements", [])
        if len(block.get("fields", [])) > 10:
            return "invalid_blocks: fields"
        for text in texts:
            total += len(text["text"])
            limit = 150 if block["type"] == "header" else 2000 if "fields" in block else 3000
            if not 0 < len(text["text"]) <= limit:
                return "invalid_blocks: %s of %d" % (block["type"], len(text["text"]))
            for special in ("<!", "<@", "<#"):
                if special in text["text"]:
                    return "a mention: " + text["text"]
    return "msg_blocks_too_long" if total > 13000 else None


def pagerduty_problem(body):
    event = json.loads(body)
    if event.get("routing_key") != ROUTING_KEY:
        return "Invalid routing key"
    if event.get("event_action") not in ("trigger", "acknowledge", "resolve"):
        return "event_action"
    if not 0 < len(event.get("dedup_key", "")) <= 255:
        return "dedup_key"
    if event["event_action"] == "trigger":
        payload = event.get("payload", {})
        if not 0 < len(payload.get("summary", "")) <= 1024:
            return "summary"
        if not payload.get("source"):
            return "source"
        if payload.get("severity") not in ("critical", "error", "warning", "info"):
            return "severity"
        for link in event.get("links", []):
            if not link.get("href"):
                return "href"
    return None


def webhook_problem(body, headers):
    if abs(time.time() - int(headers.get("webhook-timestamp", "0"))) > 300 and not any_time:
        return "old"
    signed = ("%s.%s." % (headers["webhook-id"], headers["webhook-timestamp"])).encode() + body
    good = {
        "v1," + base64.b64encode(hmac.new(base64.b64decode(key), signed, hashlib.sha256).digest()).decode()
        for key in WEBHOOK_KEYS
    }
    if not set(headers.get("webhook-signature", "").split()) & good:
        return "signature"
    json.loads(body)
    return None


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # or each answer takes 40 ms

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        with lock:
            what = {"/seen": seen, "/problems": problems, "/incidents": incidents, "/tried": tried}.get(self.path)
            body = json.dumps(what).encode()
        self.answer(200 if what is not None else 404, body)

    def do_POST(self):
        size = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(size)
        if self.path == "/mood":
            order = json.loads(body)
            with lock:
                moods[order["path"]] = [order["mood"], order.get("times", 1 << 30), order.get("after", "")]
            return self.answer(200)
        if self.path == "/report":
            with lock:
                report = {"seen": len(seen), "problems": problems[:3], "incidents": dict(incidents)}
                report["last"] = {key: seen[-1][key] for key in ("path",)} if seen else {}
                report["ids"] = [one["headers"].get("webhook-id", "") for one in seen[-20:]]
                report["agent"] = seen[-1]["headers"].get("user-agent", "") if seen else ""
                seen.clear(), problems.clear(), incidents.clear(), moods.clear()
            return self.answer(200, json.dumps(report).encode())
        place = "/" + self.path.split("?")[0].split("/")[1]
        with lock:
            mood = moods.get(place, ["ok", 0, ""])
            name = mood[0] if mood[1] > 0 else "ok"
            mood[1] -= 1
            tried[place] = tried.get(place, 0) + 1
        if name == "hang":
            return time.sleep(30)
        if name == "302":
            return self.answer(302, b"", [("Location", "/elsewhere")])
        if name == "echo":  # as careless as a receiver can be: everything that it was sent, secrets too
            return self.answer(403, ("%s %s " % (self.path, dict(self.headers))).encode() + body)
        if name.isdigit():
            after = mood[2] or ("1" if name == "429" else "")
            return self.answer(int(name), REASONS.get(int(name), b"no"), [("Retry-After", after)] if after else [])
        self.take(place, body)
        if name == "cut":  # taken, and then nothing is said
            self.close_connection = True
            return None
        if name == "endless":
            self.send_response(200)
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"x" * 65536)
            except OSError:
                return None
        return None

    def take(self, place, body):
        headers = {key.lower(): value for key, value in self.headers.items()}
        try:
            if len(body) > LIMIT and place == "/v2":
                problem = "Payload too large"
            elif place == "/slack":
                problem = slack_problem(body)
            elif place == "/v2":
                problem = pagerduty_problem(body)
            elif place == "/webhook":
                problem = webhook_problem(body, headers)
            else:
                problem = "nothing is here"
        except (ValueError, KeyError, TypeError) as error:
            problem = "not understood: %r" % error
        with lock:
            quiet = moods.get(place, ["ok", 0, ""])[0] in ("cut", "endless") and moods[place][1] >= 0
            if problem:
                problems.append({"path": self.path, "problem": problem})
            else:
                seen.append({"path": self.path, "headers": headers, "body": body.decode(), "at": time.time()})
                if place == "/v2":
                    event = json.loads(body)
                    state = incidents.setdefault(event["dedup_key"], [])
                    state.append(event["event_action"])
        if quiet:
            return
        if problem and place == "/v2":
            answer = {"status": "invalid event", "message": "Event object is invalid", "errors": [problem]}
            self.answer(400, json.dumps(answer).encode())
        elif problem:
            self.answer(404 if problem == "nothing is here" else 400, problem.encode())
        elif place == "/v2":
            answer = {"status": "success", "message": "Event processed", "dedup_key": json.loads(body)["dedup_key"]}
            self.answer(202, json.dumps(answer).encode())
        else:
            self.answer(200, b"ok")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--any-time", action="store_true")
    options = parser.parse_args()
    global any_time
    any_time = options.any_time
    server = ThreadingHTTPServer(("127.0.0.1", options.port), Receiver)
    server.daemon_threads = True
    server.handle_error = lambda *_: None
    if options.certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options.certificate, options.key)
        # The handshake belongs to the connection's thread: one bad client must not stop the others.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
