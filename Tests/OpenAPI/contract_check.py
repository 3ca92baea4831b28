#!/usr/bin/env python3
"""Goes once through all of the API and holds every answer against /openapi.json.

    contract_check.py --base-url URL --service-key KEY --mail-directory DIR

The gateway has accounts, whose addresses need not be verified (AUTH_VERIFICATION=optional), DOCS_DIRECTORY,
AGENT_TOKENS=on and no limits. A worker serves the queues chat, default, mail, tokens and calendars, and keeps the mails in
the folder (MAIL_DIRECTORY). Both know the simulated providers.

An answer has to have a documented status, a documented content type, the documented headers, and a body in which no
documented field is missing and no undocumented one stands. Every operation has to be answered with a success, and every
documented refusal that a client can cause has to be seen at least once. Prints `N passed, N failed`.
"""

import argparse
import email
import email.policy
import pathlib
import re
import sys
import time
import uuid
from urllib.parse import parse_qsl, urlsplit

import requests
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

# What no client can bring about at will: the gateway's own mistakes, stores that are away, limits, races.
NOT_AT_WILL = {"429", "500", "503"}
NOT_AT_WILL_OF = {
    ("create_job", "409"), ("create_batch", "409"), ("create_message", "409"), ("put_schedule", "409"),
    ("create_company", "409"), ("create_task", "409"), ("create_key", "409"),
    ("accept_invitation", "409"),
    # A hundred of them; or a connection that needs a person, or is being ended, at that very moment.
    ("connect_integration", "409"), ("check_integration", "409"), ("refresh_token_connection", "409"),
    ("disclose_token", "409"),
    # The gateway connects accounts or does not.
    ("return_from_provider", "404"),
    # A calendar that its owner closes; a key that is in use at that very moment.
    ("create_event", "409"), ("update_event", "409"), ("delete_event", "409"),
    # Only the provider knows the channels' secrets.
    ("take_google_notification", "204"),
    # Only a token of another issuer has no session.
    ("get_csrf_token", "404"),
    # The gateway has DOCS_DIRECTORY or has not.
    ("get_docs", "404"),
}


class Document:
    """The document, and what was seen of it."""

    def __init__(self, content):
        self.content = content
        self.seen = set()
        self.operations = {}
        for path, item in content["paths"].items():
            for method, operation in item.items():
                if method != "parameters":
                    self.operations[operation["operationId"]] = (method.upper(), path, operation)

    def resolve(self, value):
        while "$ref" in value:
            target = self.content
            for part in value["$ref"].removeprefix("#/").split("/"):
                target = target[part.replace("~1", "/").replace("~0", "~")]
            value = target
        return value

    def problems(self, name, answer):
        """What is wrong with an answer to an operation, as sentences."""
        _, _, operation = self.operations[name]
        status = str(answer.status_code)
        if status not in operation["responses"]:
            return [f"status {status} is not documented: {answer.text[:200]}"]
        self.seen.add((name, status))
        documented = self.resolve(operation["responses"][status])
        found = [f"{problem} ({status})" for problem in self.header_problems(documented, answer)]
        return found + [f"{problem} ({status})" for problem in self.body_problems(documented, answer)]

    def header_problems(self, documented, answer):
        for name, header in documented.get("headers", {}).items():
            header = self.resolve(header)
            value = answer.headers.get(name)
            if value is None:
                if header.get("required"):
                    yield f"header {name} is missing"
                continue
            schema = self.resolve(header["schema"])
            typed = int(value) if schema.get("type") == "integer" and value.isdigit() else value
            yield from (f"header {name}: {error}" for error in self.errors(schema, typed))

    def body_problems(self, documented, answer):
        content = documented.get("content")
        if not content:
            if answer.content:
                yield "a body that is not documented"
            return
        kind = answer.headers.get("Content-Type", "none").split(";")[0]
        if kind not in content:
            yield f"content type {kind} is not documented"
        elif kind.endswith("json"):
            yield from self.errors(content[kind]["schema"], answer.json())
        elif kind == "text/event-stream":
            for event in events(answer.text):
                yield from self.errors(content[kind]["schema"], event)

    def errors(self, schema, value):
        """What is wrong with a value. References are within the document, so its components go with the schema."""
        whole = {"allOf": [schema], "components": self.content["components"]}
        validator = Draft202012Validator(whole, format_checker=Draft202012Validator.FORMAT_CHECKER)
        return (f"{error.json_path}: {error.message}" for error in validator.iter_errors(value))


def events(text):
    """The events of a text/event-stream, by the names of their fields."""
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.split("\n") if line and not line.startswith(":"))
        if fields:
            yield fields


class Run:
    """Sends requests, and counts what is right and wrong with their answers."""

    def __init__(self, base, service_key, mails, document):
        self.base, self.service_key, self.mails, self.document = base, service_key, mails, document
        self.session = requests.Session()
        self.passed, self.failed = 0, 0
        self.key, self.narrow_keys = None, {}

    def note(self, what, problems):
        problems = list(problems)
        self.passed += not problems
        self.failed += bool(problems)
        for problem in problems[:5]:
            print(f"FAILED {what}: {problem}")

    def send(self, name, /, *, status, query=None, body=None, data=None, headers=None, key=True, **path):
        """One request to an operation; the answer must have this status. A body may be a form, as `data`."""
        method, template, operation = self.document.operations[name]
        url = self.base + re.sub(r"\{(\w+)\}", lambda match: str(path[match[1]]), template)
        headers = dict(headers or {})
        if key is True:
            key = None if operation.get("security") == [] else self.key
            if operation.get("security") == [{"service_key": []}]:
                key = self.service_key
        if key:
            headers["Authorization"] = f"Bearer {key}"
        answer = requests.request(
            method, url, params=query, json=body, data=data, headers=headers, timeout=60, allow_redirects=False
        )
        problems = self.document.problems(name, answer)
        if answer.status_code != status:
            problems = [f"{answer.status_code} instead of {status}: {answer.text[:300]}", *problems]
        self.note(f"{name} {status}", problems)
        return answer

    def refuse(self, name, /, *, body=None, **path):
        """What operations refuse in the same way."""
        _, _, operation = self.document.operations[name]
        if operation.get("security") != []:
            self.send(name, status=401, body=body, key=None, **path)
            self.send(name, status=401, body=body, key="a-key-that-nobody-has", **path)
            scope = "audit:read" if name != "list_audit_events" else "jobs:read"
            self.send(name, status=403, body=body, key=self.narrow_keys[scope], **path)
        if {"$ref": "#/components/parameters/CompanyID"} in operation.get("parameters", []):
            self.send(name, status=404, body=body, headers={"X-Company-Id": str(uuid.uuid4())}, **path)
        if "requestBody" in operation:
            json_type = {"Content-Type": "application/json"}
            large = 4_194_305 if name == "create_batch" else 262_145
            self.send(name, status=400, data=b"{", headers=json_type, **path)
            self.send(name, status=413, data=b" " * large, headers=json_type, **path)
            self.send(name, status=415, data=b"<a/>", headers={"Content-Type": "text/xml"}, **path)
            self.send(name, status=422, data=b"[]", headers=json_type, **path)


def mailed(run, address, purpose):
    """The token of the newest link of this purpose that was mailed to an address, once there is one."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for file in sorted(run.mails.glob("*.eml"), reverse=True):
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            text = message.get_body(("plain",)).get_content()
            link = re.search(rf"#{purpose}=(\S+)", text)
            if link and address.lower() in message["To"]:
                return link[1]
        time.sleep(0.1)
    raise TimeoutError(f"no mail with a link to {purpose} came for {address}")


PASSWORD = "seven lanterns over a quiet harbour"


def sign_up(run, name):
    """A new account that has signed in: its address and its tokens."""
    person = {"email": f"{name}-{uuid.uuid4().hex}@example.org", "password": PASSWORD, "name": name}
    run.send("register_user", status=201, body=person)
    form = {"username": person["email"], "password": PASSWORD}
    return person, run.send("login", status=200, data=form).json()


def ended(run, job):
    return run.send("get_job", status=200, id=job, query={"wait": 30}).json()


def pages(run):
    for name in ("get_health", "get_liveness", "get_readiness", "get_page", "get_key_set", "get_docs"):
        run.send(name, status=200, key=None)
    run.send("get_docs_file", status=200, key=None, name="swagger-ui-bundle.js")
    for name in ("nothing.js", "docs.html", "..%2Fswagger-ui.css", "%2e%2e%2f%2e%2e%2fetc%2fpasswd"):
        run.send("get_docs_file", status=404, key=None, name=name)
    run.send("get_page_asset", status=200, key=None, name="page.css")
    run.send("get_page_asset", status=404, key=None, name="nothing.css")
    tag = run.send("get_document", status=200, key=None).headers["ETag"]
    run.send("get_document", status=304, key=None, headers={"If-None-Match": tag})
    for name, path in (("get_page", {}), ("get_page_asset", {"name": "page.css"})):
        tag = run.send(name, status=200, key=None, **path).headers["ETag"]
        run.send(name, status=304, key=None, headers={"If-None-Match": tag}, **path)


def accounts(run):
    """Registers whoever does all the rest."""
    person, tokens = sign_up(run, "Ada")
    run.key = tokens["access_token"]
    for scope in ("audit:read", "jobs:read"):
        made = run.send("create_key", status=201, body={"name": f"only {scope}", "scopes": [scope]})
        run.narrow_keys[scope] = made.json()["key"]
    run.send("register_user", status=400, body=person)
    run.send("register_user", status=400, body={**person, "email": "eve@example.org", "password": "12345678"})
    run.send("login", status=400, body={"email": person["email"], "password": "wrong"})
    run.send("login", status=422, body={"password": PASSWORD})
    again = run.send("refresh_tokens", status=200, body={"refresh_token": tokens["refresh_token"]}).json()
    run.send("refresh_tokens", status=400, body={"refresh_token": again["refresh_token"] + "x"})
    for name in ("request_verify_token", "forgot_password"):
        run.send(name, status=202, body={"email": person["email"]})
        run.send(name, status=422, body={"email": "nobody"})
    run.send("verify_user", status=400, body={"token": "evt_nothing"})
    run.send("reset_password", status=400, body={"token": "ept_nothing", "password": PASSWORD})
    run.send("verify_user", status=200, body={"token": mailed(run, person["email"], "verify")})
    link = mailed(run, person["email"], "reset")
    run.send("reset_password", status=200, body={"token": link, "password": PASSWORD})
    run.send("get_me", status=401)
    form = {"username": person["email"], "password": PASSWORD}
    run.key = run.send("login", status=200, data=form).json()["access_token"]
    for name in ("register_user", "request_verify_token", "verify_user", "login", "refresh_tokens", "forgot_password"):
        run.refuse(name)
    run.refuse("reset_password")
    browser(run, person)


def browser(run, person):
    """A session in a cookie."""
    body = {"email": person["email"], "password": PASSWORD, "cookie": True}
    answer = run.send("login", status=200, body=body)
    cookies = "; ".join(part.split(";")[0] for part in answer.raw.headers.getlist("Set-Cookie"))
    csrf = run.send("get_csrf_token", status=200, key=None, headers={"Cookie": cookies}).json()["csrf_token"]
    headers = {"Cookie": cookies, "X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-origin"}
    run.send("create_job", status=403, key=None, body={"kind": "noop"}, headers={"Cookie": cookies})
    run.send("create_job", status=202, key=None, body={"kind": "noop"}, headers=headers)
    run.send("logout", status=204, key=None, headers=headers)
    run.send("get_csrf_token", status=401, key=None, headers={"Cookie": cookies})
    for name in ("get_csrf_token", "logout"):
        run.refuse(name)


def profile(run):
    person, tokens = sign_up(run, "Grace")
    mine = {"key": tokens["access_token"]}
    for name in ("me", "users_me"):
        run.send(f"get_{name}", status=200, **mine)
        run.send(f"update_{name}", status=200, body={"name": "Grace Hopper"}, **mine)
        run.send(f"update_{name}", status=400, body={"email": "g@example.org", "current_password": "x"}, **mine)
        run.send(f"update_{name}", status=422, body={"password": PASSWORD}, **mine)
        run.send(f"delete_{name}", status=400, body={"current_password": "wrong"}, **mine)
        for verb in ("get", "update", "delete"):
            run.refuse(f"{verb}_{name}", body=None if verb == "get" else {})
    changed = {"current_password": PASSWORD, "new_password": PASSWORD + "!"}
    run.send("change_password", status=400, body={**changed, "current_password": "wrong"}, **mine)
    run.send("change_password", status=204, body=changed, **mine)
    run.send("change_password", status=204, body={"current_password": PASSWORD + "!", "new_password": PASSWORD}, **mine)
    run.refuse("change_password", body=changed)
    other = run.send("login", status=200, body={"email": person["email"], "password": PASSWORD}).json()
    for session in run.send("list_sessions", status=200, **mine).json()["sessions"]:
        if not session["is_current"]:
            run.send("end_session", status=204, id=session["id"], **mine)
    run.send("get_me", status=401, key=other["access_token"])
    run.send("end_session", status=404, id=uuid.uuid4(), **mine)
    run.send("end_other_sessions", status=204, **mine)
    for name in ("list_sessions", "end_other_sessions", "end_session"):
        run.refuse(name, id=uuid.uuid4())
    leave(run, "delete_me", tokens)
    leave(run, "delete_users_me", sign_up(run, "Alan")[1])


def leave(run, operation, tokens):
    run.send(operation, status=204, body={"current_password": PASSWORD}, key=tokens["access_token"])
    run.send("get_me", status=401, key=tokens["access_token"])


def jobs(run):
    nobody = uuid.uuid4()
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"kind": "noop", "payload": {"emit": 3, "sleep_ms": 30}}
    first = run.send("create_job", status=202, body=body, headers=key).json()["id"]
    again = run.send("create_job", status=202, body=body, headers=key)
    run.note("the same key", [] if again.json()["id"] == first else ["made another job"])
    run.send("create_job", status=422, body={"kind": "noop"}, headers=key)
    run.send("create_job", status=422, body={"kind": "nothing", "priority": 9})
    run.send("create_job", status=422, body={"kind": "noop", "ordering_key": "a\0"})
    run.send("create_job", status=422, body={"kind": "noop", "unique": {"key": "errand:renewal:1"}})
    ended(run, first)
    run.send("stream_job_events", status=200, id=first)
    run.send("stream_job_events", status=200, id=first, headers={"Last-Event-ID": "1-1"})
    run.send("stream_job_events", status=404, id=nobody)
    run.send("stream_job_events", status=422, id=first, query={"cursor": "x"})
    run.send("get_job", status=404, id=nobody)
    run.send("get_job", status=422, id=first, query={"wait": "61"})
    page = run.send("list_jobs", status=200, query={"limit": 1}).json()
    run.send("list_jobs", status=200, query={"limit": 1, "cursor": page["jobs"][0]["id"], "kind": "noop"})
    run.send("list_jobs", status=422, query={"state": "dead"})
    unique = {"kind": "noop", "delay_seconds": 3600, "unique": {"key": str(uuid.uuid4())}}
    waiting = run.send("create_job", status=202, body=unique).json()["id"]
    twin = run.send("create_job", status=202, body=unique).json()
    run.note("the same unique key", [] if twin.get("deduplicated") and twin["id"] == waiting else ["made another job"])
    for name in ("create_job", "list_jobs", "get_job", "stream_job_events"):
        run.refuse(name, body={"kind": "noop"} if name == "create_job" else None, id=first)
    return first, waiting


def control(run, done, waiting):
    nobody = uuid.uuid4()
    run.send("retry_job", status=409, id=done)
    run.send("discard_job", status=409, id=done)
    run.send("cancel_job", status=200, id=waiting)
    run.send("retry_job", status=202, id=waiting)
    failing = {"kind": "noop", "payload": {"failures": 1, "fail_with": "permanent"}}
    failed = run.send("create_job", status=202, body=failing).json()["id"]
    state = ended(run, failed)["state"]
    run.note("a job that is to fail", [] if state == "failed" else [f"is {state}"])
    run.send("discard_job", status=200, id=failed)
    running = run.send("create_job", status=202, body={"kind": "noop", "payload": {"sleep_ms": 20_000}}).json()["id"]
    while run.send("get_job", status=200, id=running).json()["state"] != "running":
        time.sleep(0.05)
    run.send("cancel_job", status=202, id=running)
    ended(run, running)
    for name in ("cancel_job", "retry_job", "discard_job"):
        run.send(name, status=404, id=nobody)
        run.refuse(name, id=nobody)
    for name, state in (("cancel_jobs", "scheduled"), ("retry_jobs", "failed"), ("discard_jobs", "failed")):
        run.send(name, status=200, body={"state": state, "kind": "contract-check"})
        run.send(name, status=422, body={})
        run.refuse(name, body={"state": state})


def batches(run):
    key = {"Idempotency-Key": f'"{uuid.uuid4()}"'}
    body = {"jobs": [{"kind": "noop"}, {"kind": "noop", "payload": {"sleep_ms": 20}}], "callback": {"kind": "noop"}}
    batch = run.send("create_batch", status=202, body=body, headers=key).json()["id"]
    run.send("create_batch", status=202, body=body, headers=key)
    run.send("create_batch", status=422, body={"jobs": []})
    finished = run.send("get_batch", status=200, id=batch, query={"wait": 30}).json()["finished_at"]
    run.note("a batch", [] if finished else ["has not finished"])
    run.send("get_batch", status=404, id=uuid.uuid4())
    run.send("get_batch", status=422, id=batch, query={"wait": "soon"})
    for name in ("create_batch", "get_batch"):
        run.refuse(name, body=body if name == "create_batch" else None, id=batch)


def schedules(run):
    name = f"contract-{uuid.uuid4().hex[:8]}"
    body = {"cron": "30 8 * * mon-fri", "time_zone": "Europe/Berlin", "job": {"kind": "noop", "payload": {"emit": 1}}}
    run.send("put_schedule", status=201, name=name, body=body)
    run.send("put_schedule", status=200, name=name, body={"every_seconds": 600, "job": {"kind": "noop"}})
    run.send("put_schedule", status=422, name=name, body={"cron": "never", "job": {"kind": "noop"}})
    run.send("get_schedule", status=200, name=name)
    run.send("list_schedules", status=200)
    for operation in ("pause_schedule", "resume_schedule"):
        run.send(operation, status=200, name=name)
    run.send("fire_schedule", status=202, name=name)
    run.send("get_schedule", status=200, name=name)
    for operation in ("put_schedule", "get_schedule", "pause_schedule", "resume_schedule", "fire_schedule"):
        run.refuse(operation, name=name, body=body if operation == "put_schedule" else None)
    run.refuse("list_schedules")
    run.refuse("delete_schedule", name=name)
    run.send("delete_schedule", status=204, name=name)
    for operation in ("get_schedule", "pause_schedule", "resume_schedule", "fire_schedule", "delete_schedule"):
        run.send(operation, status=404, name=name)
        run.send(operation, status=422, name="No-Name")


def chat(run):
    asked = run.send("create_message", status=202, body={"message": "Why is the sky blue?"}).json()
    conversation = asked["conversation_id"]
    ended(run, asked["id"])
    run.send("create_message", status=202, body={"message": "And at night?", "conversation_id": conversation})
    run.send("create_message", status=404, body={"message": "x", "conversation_id": str(uuid.uuid4())})
    run.send("create_message", status=422, body={"message": " \n"})
    page = run.send("list_messages", status=200, id=conversation, query={"limit": 1}).json()
    run.send("list_messages", status=200, id=conversation, query={"cursor": page["next_cursor"]})
    run.send("list_messages", status=404, id=uuid.uuid4())
    run.send("list_messages", status=422, id=conversation, query={"limit": 0})
    run.send("create_message", status=202, body={"message": "Another one"})
    page = run.send("list_conversations", status=200, query={"limit": 1}).json()
    run.send("list_conversations", status=200, query={"cursor": page["next_cursor"]})
    run.send("list_conversations", status=422, query={"cursor": ""})
    for name in ("create_message", "list_messages", "list_conversations"):
        run.refuse(name, body={"message": "x"} if name == "create_message" else None, id=conversation)


def tasks(run):
    me = run.send("get_me", status=200).json()["id"]
    body = {"title": "Write the notes", "due_date": "2026-12-01", "owner_id": me}
    made = run.send("create_task", status=201, body=body)
    task, tag = made.json()["id"], {"If-Match": made.headers["ETag"]}
    run.send("create_task", status=422, body={"title": " ", "status": "late"})
    run.send("get_task", status=200, id=task)
    run.send("update_task", status=200, id=task, body={"status": "done", "due_date": None}, headers=tag)
    run.send("update_task", status=412, id=task, body={"status": "open"}, headers=tag)
    run.send("update_task", status=422, id=task, body={"status": None})
    run.send("create_task", status=201, body={"title": "Another one"})
    page = run.send("list_tasks", status=200, query={"limit": 1, "q": "o"}).json()
    run.send("list_tasks", status=200, query={"cursor": page["next_cursor"], "due_after": "2026-01-01"})
    run.send("list_tasks", status=422, query={"due_before": "tomorrow"})
    for name in ("list_tasks", "create_task", "get_task", "update_task", "delete_task", "restore_task"):
        run.refuse(name, id=task, body=body if name in ("create_task", "update_task") else None)
    run.send("delete_task", status=412, id=task, headers=tag)
    run.send("delete_task", status=204, id=task)
    for name in ("get_task", "update_task", "delete_task"):
        run.send(name, status=404, id=task, body={} if name == "update_task" else None)
    run.send("list_tasks", status=200, query={"deleted": "true"})
    run.send("restore_task", status=200, id=task)
    run.send("restore_task", status=404, id=uuid.uuid4())


def companies(run):
    nobody = str(uuid.uuid4())
    company = run.send("create_company", status=201, body={"name": "Analytical Engines"}).json()["id"]
    run.send("create_company", status=422, body={"name": ""})
    run.send("rename_company", status=200, id=company, body={"name": "Difference Engines"})
    run.send("create_company", status=201, body={"name": "Another one"})
    page = run.send("list_companies", status=200, query={"limit": 1}).json()
    run.send("list_companies", status=200, query={"cursor": page["next_cursor"]})
    run.send("list_companies", status=422, query={"cursor": "x"})
    task = {"title": "Of the company"}
    made = run.send("create_task", status=201, body=task, headers={"X-Company-Id": company}).json()
    run.note("a company's task", [] if made["company_id"] == company else ["is of another workspace"])
    me = run.send("list_members", status=200, id=company).json()["members"][0]["user_id"]
    run.send("change_role", status=200, id=company, user=me, body={"role": "owner"})
    run.send("change_role", status=409, id=company, user=me, body={"role": "viewer"})
    run.send("change_role", status=404, id=company, user=nobody, body={"role": "viewer"})
    run.send("remove_member", status=409, id=company, user=me)
    run.send("remove_member", status=404, id=company, user=nobody)
    invitation = {"email": f"charles-{nobody}@example.org", "role": "member"}
    made = run.send("create_invitation", status=201, id=company, body=invitation).json()["id"]
    own = run.send("get_me", status=200).json()["email"]
    run.send("create_invitation", status=409, id=company, body={"email": own, "role": "viewer"})
    run.send("create_invitation", status=422, id=company, body={"email": "x", "role": "king"})
    run.send("list_invitations", status=200, id=company, query={"limit": 1})
    run.send("list_invitations", status=422, id=company, query={"limit": "x"})
    run.send("list_members", status=422, id=company, query={"limit": 201})
    run.send("revoke_invitation", status=204, id=company, invitation=made)
    run.send("revoke_invitation", status=404, id=company, invitation=made)
    run.send("accept_invitation", status=400, body={"token": "eit_nothing"})
    run.send("preview_invitation", status=400, body={"token": "eit_nothing"})
    membership(run, me)
    run.refuse("accept_invitation", body={"token": "x"})
    run.refuse("preview_invitation")
    names = {
        "list_companies": None, "create_company": {"name": "x"}, "get_company": None, "rename_company": {"name": "x"},
        "delete_company": None, "list_members": None, "change_role": {"role": "viewer"}, "remove_member": None,
        "list_invitations": None, "create_invitation": invitation, "revoke_invitation": None,
    }
    for name, body in names.items():
        run.refuse(name, body=body, id=company, user=me, invitation=made)
        if name not in ("list_companies", "create_company"):
            run.send(name, status=404, body=body, id=nobody, user=me, invitation=made)
    run.send("get_company", status=200, id=company)
    run.send("delete_company", status=204, id=company)
    run.send("get_company", status=404, id=company)


def membership(run, me):
    """Two in a company: one invites, the other comes, and goes."""
    person, tokens = sign_up(run, "Charles")
    theirs = {"key": tokens["access_token"]}
    run.send("verify_user", status=200, body={"token": mailed(run, person["email"], "verify")})
    company = run.send("create_company", status=201, body={"name": "Of two"}, **theirs).json()["id"]
    own = run.send("get_me", status=200).json()["email"]
    run.send("create_invitation", status=201, id=company, body={"email": own, "role": "member"}, **theirs)
    token = mailed(run, own, "invitation")
    shown = run.send("preview_invitation", status=200, body={"token": token}, key=None).json()
    run.note("an invitation's preview", [] if shown["company"]["id"] == company else ["is of another company"])
    run.send("accept_invitation", status=200, body={"token": token})
    run.send("delete_company", status=403, id=company)
    for operation in ("delete_me", "delete_users_me"):
        run.send(operation, status=409, body={"current_password": PASSWORD}, **theirs)
    run.send("remove_member", status=204, id=company, user=me, **theirs)
    run.send("get_company", status=404, id=company)


def keys_and_audit(run):
    body = {"name": "nightly import", "scopes": ["jobs:read", "jobs:write"], "expires_in_days": 90}
    made = run.send("create_key", status=201, body=body).json()
    run.send("create_job", status=202, body={"kind": "noop"}, key=made["key"])
    run.send("list_jobs", status=404, key=made["key"], headers={"X-Company-Id": str(uuid.uuid4())})
    run.send("create_key", status=422, body={"name": "", "scopes": ["all"]})
    run.send("create_key", status=403, body={"name": "too much", "scopes": ["operate"]})
    run.send("list_keys", status=200)
    run.send("revoke_key", status=204, id=made["id"])
    run.send("revoke_key", status=404, id=made["id"])
    run.send("list_jobs", status=401, key=made["key"])
    page = run.send("list_audit_events", status=200, query={"limit": 1}).json()
    action = page["events"][0]["action"]
    run.send("list_audit_events", status=200, query={"cursor": page["next_cursor"], "action": action})
    run.send("list_audit_events", status=422, query={"action": ""})
    for name in ("list_keys", "create_key", "revoke_key", "list_audit_events"):
        run.refuse(name, body=body if name == "create_key" else None, id=made["id"])


def connections(run):
    """One account: from the button to its end, and once more."""
    run.send("list_providers", status=200)
    connection = connected(run)
    run.send("list_token_connections", status=200)
    run.send("get_token_connection", status=200, id=connection)
    for name in ("check_integration", "refresh_token_connection"):
        ended(run, run.send(name, status=202, id=connection).json()["id"])
    tokens(run, connection)
    run.send("connect_integration", status=200, id="google", body={"connection_id": connection})
    run.send("connect_integration", status=422, id="google", body={"return_to": "//example.org"})
    run.send("connect_integration", status=404, id="google", body={"connection_id": str(uuid.uuid4())})
    run.send("get_integration_status", status=200, id="google")
    run.send("get_integration_status", status=404, id="nobody")
    for name in ("delete_token_connection", "disconnect_integration"):
        ended(run, run.send(name, status=202, id=connection).json()["id"])
        run.send(name, status=404, id=connection)
        connection = connected(run)
    for name in ("get_token_connection", "check_integration", "refresh_token_connection"):
        run.send(name, status=404, id=uuid.uuid4())
    for name in ("list_providers", "list_integrations", "get_integration_status", "connect_integration",
                 "disconnect_integration", "check_integration", "list_token_connections", "get_token_connection",
                 "delete_token_connection", "refresh_token_connection", "disclose_token"):
        run.refuse(name, id="google" if name in ("get_integration_status", "connect_integration") else connection)


def connected(run):
    """A connection to the simulated Google, and what stands in the way of others who bring its code."""
    made = run.send("connect_integration", status=200, id="google", body={"features": ["calendar"]})
    begun = made.headers["Set-Cookie"].split(";")[0]
    page = f"{made.json()['authorization_url']}&auto=allow&account=ada"
    back = requests.get(page, allow_redirects=False, timeout=20).headers["Location"]
    query = dict(parse_qsl(urlsplit(back).query))
    run.send("return_from_provider", status=400, query=query)
    eve, _ = sign_up(run, "Eve")
    signed_in = run.send("login", status=200, body={"email": eve["email"], "password": PASSWORD, "cookie": True})
    hers = "; ".join(part.split(";")[0] for part in signed_in.raw.headers.getlist("Set-Cookie"))
    run.send("return_from_provider", status=403, query=query, headers={"Cookie": f"{begun}; {hers}"})
    came = run.send("return_from_provider", status=303, query=query, headers={"Cookie": begun})
    job = dict(parse_qsl(urlsplit(came.headers["Location"]).query)).get("job", "none")
    state = ended(run, job)["state"]
    run.note("a job that connects", [] if state == "succeeded" else [f"is {state}"])
    run.send("return_from_provider", status=400, query=query, headers={"Cookie": begun})
    return run.send("list_integrations", status=200).json()["connections"][0]["id"]


def tokens(run, connection):
    body = {"name": "agent", "scopes": ["tokens:disclose"]}
    key = run.send("create_key", status=201, body=body).json()["key"]
    run.send("disclose_token", status=200, id=connection, key=key)
    run.send("disclose_token", status=403, id=connection)
    run.send("disclose_token", status=404, id=uuid.uuid4(), key=key)


def calendars(run):
    """Those of the account that has been connected."""
    for job in run.send("sync_calendars", status=202).json()["jobs"]:
        state = ended(run, job["id"])["state"]
        run.note("a job that lists calendars", [] if state == "succeeded" else [f"is {state}"])
    calendar = mirrored(run)
    answer = run.send("list_calendars", status=200)
    run.send("list_calendars", status=304, headers={"If-None-Match": answer.headers["ETag"]}, query={"wait": 1})
    run.send("list_calendars", status=422, query={"wait": 26})
    calendar_events(run, calendar)
    calendar_changes(run, calendar)
    run.send("export_calendar", status=200, id=calendar)
    ended(run, run.send("sync_calendar", status=202, id=calendar, body={"full": True}).json()["id"])
    run.send("update_calendar", status=200, id=calendar, body={"selected": False})
    run.send("sync_calendar", status=409, id=calendar)
    run.send("update_calendar", status=200, id=calendar, body={"selected": True})
    for name, body in (("update_calendar", {"selected": True}), ("sync_calendar", {}), ("export_calendar", None),
                       ("list_calendar_changes", None)):
        run.send(name, status=404, id=uuid.uuid4(), body=body)
        run.refuse(name, id=calendar, body=body)
    for name in ("list_calendars", "sync_calendars"):
        run.refuse(name)
    run.send("take_google_notification", status=404, headers={"X-Goog-Channel-Token": "a-secret-that-nobody-has"})
    run.send("take_google_notification", status=413, data=b" " * 1_025)


def mirrored(run):
    """A calendar that may be changed, once it has been read."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        for calendar in run.send("list_calendars", status=200).json()["calendars"]:
            if calendar["state"] == "ready" and calendar["access_role"] == "owner":
                return calendar["id"]
        time.sleep(0.1)
    raise TimeoutError("no calendar was read")


def calendar_events(run, calendar):
    key = {"Idempotency-Key": str(uuid.uuid4())}
    body = {"summary": "Contract", "start": {"dateTime": "2031-05-06T09:00:00", "timeZone": "Europe/Berlin"},
            "end": {"dateTime": "2031-05-06T09:30:00Z"}, "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"]}
    job = run.send("create_event", status=202, id=calendar, body=body, headers=key).json()["id"]
    run.send("create_event", status=202, id=calendar, body=body, headers=key)
    state = ended(run, job)["state"]
    run.note("a job that makes an event", [] if state == "succeeded" else [f"is {state}"])
    time_of_it = {"from": "2031-05-01", "to": "2031-06-01", "zone": "Europe/Berlin", "calendar_id": calendar}
    deadline = time.monotonic() + 30
    while True:
        found = run.send("list_events", status=200, query=time_of_it).json()["events"]
        found = [event for event in found if event["summary"] == "Contract"]
        if found or time.monotonic() > deadline:
            break
        time.sleep(0.2)
    run.note("an event that was made", [] if len(found) == 3 else [f"takes place {len(found)} times"])
    run.send("list_next_events", status=200, query={"count": 3, "calendar_id": [calendar]})
    busy = run.send("get_free_busy", status=200, query=time_of_it).json()["busy"]
    lies = [each for each in busy if each["start"] <= found[0]["start_at"] and each["end"] >= found[0]["end_at"]]
    run.note("an event that makes busy", [] if lies else ["does not"])
    event = found[0]["event_id"]
    tag = run.send("get_event", status=200, id=calendar, event=event).headers["ETag"]
    change = {"location": "here", "notify": "none"}
    ended(run, run.send("update_event", status=202, id=calendar, event=event, body=change, headers={"If-Match": tag})
          .json()["id"])
    run.send("update_event", status=422, id=calendar, event=event, body={"notify": "all"})
    ended(run, run.send("delete_event", status=202, id=calendar, event=event).json()["id"])
    run.send("delete_event", status=422, id=calendar, event=event, query={"notify": "everybody"})
    run.send("get_event", status=404, id=calendar, event="nothing")
    for name, changed in (("create_event", body), ("update_event", change), ("delete_event", None)):
        run.send(name, status=404, id=uuid.uuid4(), event=event, body=changed)
    for name in ("list_events", "get_free_busy", "list_next_events"):
        wrong = {"zone": "Mars/Base", "from": "x"}
        run.send(name, status=422, query=wrong)
        run.send(name, status=404, query={"from": "2031-05-01", "to": "2031-06-01", "calendar_id": uuid.uuid4()})
        run.refuse(name)
    for name, changed in (("create_event", body), ("update_event", change), ("delete_event", None), ("get_event", None)):
        run.refuse(name, id=calendar, event=event, body=changed)


def calendar_changes(run, calendar):
    page = run.send("list_calendar_changes", status=200, id=calendar, query={"limit": 1}).json()
    query = {"cursor": page["next_cursor"], "wait": 1}
    run.send("list_calendar_changes", status=200, id=calendar, query=query)
    run.send("list_calendar_changes", status=410, id=calendar, query={"cursor": "999999999-0"})
    run.send("list_calendar_changes", status=422, id=calendar, query={"cursor": "x"})


def socket(run):
    """The handshake alone; what follows is no HTTP."""
    shake = {
        "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    }
    run.send("open_socket", status=101, headers=shake)
    run.send("open_socket", status=426)
    run.send("open_socket", status=400, headers={**shake, "Sec-WebSocket-Key": "short"})
    run.send("open_socket", status=401, headers=shake, key="a-key-that-nobody-has")
    run.send("open_socket", status=403, headers={**shake, "Origin": "https://example.org"})
    run.send("open_socket", status=404, headers=shake, query={"company_id": str(uuid.uuid4())})


def operators(run):
    run.send("start_sweep", status=202, name="retention")
    run.send("start_sweep", status=404, name="nothing")
    for name in ("pause_queue", "resume_queue"):
        run.send(name, status=200, name="contract-check")
        run.send(name, status=404, name="No-Queue")
    for name in ("start_sweep", "pause_queue", "resume_queue"):
        run.refuse(name, name="retention")


def completeness(run):
    """Everything that is documented, and that a client can bring about, was seen."""
    for name, (_, _, operation) in run.document.operations.items():
        missing = {
            status for status in operation["responses"]
            if status not in NOT_AT_WILL and (name, status) not in NOT_AT_WILL_OF
            and (name, status) not in run.document.seen
        }
        run.note(f"{name}: all it may answer", [f"{status} was never seen" for status in sorted(missing)])


def main():
    parser = argparse.ArgumentParser()
    for option in ("--base-url", "--service-key", "--mail-directory"):
        parser.add_argument(option, required=True)
    options = parser.parse_args()
    content = requests.get(f"{options.base_url}/openapi.json", timeout=10).json()
    run = Run(options.base_url, options.service_key, pathlib.Path(options.mail_directory), Document(content))
    run.note("the document", [error.message for error in OpenAPIV31SpecValidator(content).iter_errors()])
    pages(run)
    accounts(run)
    profile(run)
    control(run, *jobs(run))
    batches(run)
    schedules(run)
    chat(run)
    tasks(run)
    companies(run)
    keys_and_audit(run)
    connections(run)
    calendars(run)
    operators(run)
    socket(run)
    completeness(run)
    print(f"{len(run.document.operations)} operations, {len(run.document.seen)} answers of different kinds")
    print(f"{run.passed} passed, {run.failed} failed")
    return run.failed > 0


if __name__ == "__main__":
    sys.exit(main())
