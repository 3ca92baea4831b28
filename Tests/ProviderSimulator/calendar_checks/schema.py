"""Google's discovery document of Calendar v3 as a judge of what goes over the wire, and a client that it watches.

The document comes with google-api-python-client. Its schemas become JSON Schema in which unknown members are refused;
every request and every answer of the watched client is held to them, and every parameter to the document's.
"""

import json
import re
from importlib import resources
from urllib.parse import parse_qsl, urlsplit

import httplib2
import jsonschema
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient import discovery

DOCUMENT = json.loads(
    resources.files("googleapiclient").joinpath("discovery_cache/documents/calendar.v3.json").read_text("utf-8"))
FORMATS = {
    "date-time": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$",
    "date": r"^\d{4}-\d\d-\d\d$",
    "int64": r"^-?\d+$",
}
ERROR = {
    "type": "object",
    "additionalProperties": False,
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "additionalProperties": False,
            "required": ["code", "message", "errors"],
            "properties": {
                "code": {"type": "integer"},
                "message": {"type": "string", "minLength": 1},
                "status": {"type": "string", "pattern": "^[A-Z_]+$"},
                "details": {"type": "array", "items": {"type": "object", "required": ["@type"]}},
                "errors": {
                    "type": "array",
                    "minItems": 1,
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["domain", "reason", "message"],
                        "properties": {
                            name: {"type": "string"}
                            for name in ("domain", "reason", "message", "locationType", "location")
                        },
                    },
                },
            },
        }
    },
}


def schema(part, is_answer):
    """JSON Schema of a part of the document. In requests null is allowed: a patch takes members away with it."""
    if "$ref" in part:
        return {"$ref": f"#/$defs/{part['$ref']}"}
    kind = part.get("type")
    if kind == "any":
        return {}
    if kind == "object":
        made = {"type": "object"}
        if "additionalProperties" in part:
            made["additionalProperties"] = schema(part["additionalProperties"], is_answer)
        else:
            made["additionalProperties"] = False
            made["properties"] = {name: schema(p, is_answer) for name, p in part.get("properties", {}).items()}
    elif kind == "array":
        made = {"type": "array", "items": schema(part["items"], is_answer)}
    else:
        made = {"type": kind}
        if part.get("format") in FORMATS and is_answer:
            made["pattern"] = FORMATS[part["format"]]
    return made if is_answer else {"anyOf": [made, {"type": "null"}]}


def validators(is_answer):
    defs = {name: schema(part, is_answer) for name, part in DOCUMENT["schemas"].items()}
    return {
        name: jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": defs}) for name in DOCUMENT["schemas"]
    }


def methods(resource, found):
    for method in resource.get("methods", {}).values():
        pattern = re.sub(r"\{\w+\}", "([^/]+)", re.escape(method["path"]).replace(r"\{", "{").replace(r"\}", "}"))
        found.append((method["httpMethod"], re.compile(f"^{pattern}$"), method))
    for inner in resource.get("resources", {}).values():
        methods(inner, found)
    return found


METHODS = methods(DOCUMENT, [])
PARAMETERS = {
    method["id"].removeprefix("calendar."): {
        name for name, part in {**DOCUMENT["parameters"], **method.get("parameters", {})}.items()
        if part.get("location") == "query"
    }
    for _, _, method in METHODS
}
ANSWERS, REQUESTS = validators(True), validators(False)
ERRORS = jsonschema.Draft202012Validator(ERROR)
# What an answer of each kind always has, beyond what the document says; cancelled events aside.
ALWAYS = {
    "Event": {"kind", "etag", "id", "status", "htmlLink", "created", "updated", "creator", "organizer", "start", "end",
              "iCalUID", "sequence"},
    "CalendarListEntry": {"kind", "etag", "id", "summary", "timeZone", "accessRole"},
    "Events": {"kind", "etag", "summary", "updated", "timeZone", "accessRole", "items"},
    "CalendarList": {"kind", "etag", "items"},
    "Channel": {"kind", "id", "resourceId", "resourceUri", "expiration"},
}


class Watched(httplib2.Http):
    """Sends what the client sends, and judges it."""

    def __init__(self, prefix):
        super().__init__(timeout=60)
        self.prefix = prefix
        self.judged = 0

    def request(self, uri, method="GET", body=None, headers=None, **more):
        parts = urlsplit(uri)
        path = parts.path.removeprefix(self.prefix)
        names = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
        found = next((m for verb, pattern, m in METHODS if verb == method and pattern.match(path)), None)
        assert found, f"{method} {path} is not in the document"
        unknown = set(names) - PARAMETERS[found["id"].removeprefix("calendar.")]
        assert not unknown, f"parameters that the document lacks: {unknown}"
        if body and "request" in found:
            REQUESTS[found["request"]["$ref"]].validate(json.loads(body))
        response, content = super().request(uri, method=method, body=body, headers=headers, **more)
        self.judge(found, response, content, is_whole="fields" not in names)
        return response, content

    def judge(self, method, response, content, is_whole):
        self.judged += 1
        if response.status in (204, 304):
            assert content == b"", content
        elif response.status >= 400:
            ERRORS.validate(json.loads(content))
            assert json.loads(content)["error"]["code"] == response.status, content
        elif "response" in method:
            name = method["response"]["$ref"]
            answer = json.loads(content)
            ANSWERS[name].validate(answer)
            if is_whole:
                self.complete(name, answer)
        else:
            raise AssertionError(f"{method['id']} answered {response.status} {content!r}")

    @staticmethod
    def complete(name, answer):
        if answer.get("status") == "cancelled" or answer.get("deleted"):
            assert answer.get("id"), answer
            return
        missing = ALWAYS.get(name, set()) - answer.keys()
        assert not missing, f"{name} lacks {missing}"
        kinds = {"Events": "Event", "CalendarList": "CalendarListEntry"}
        for item in answer.get("items", []) if name in kinds else []:
            Watched.complete(kinds[name], item)


def client(base, access_token):
    """The official client, unchanged but for its endpoint. Its `watched` counts what was judged."""
    endpoint = f"{base}/google/calendar/v3/"
    watched = Watched(urlsplit(endpoint).path)
    http = AuthorizedHttp(Credentials(access_token), http=watched)
    service = discovery.build(
        "calendar", "v3", http=http, static_discovery=True, client_options={"api_endpoint": endpoint})
    service.watched = watched
    return service


