#!/usr/bin/env python3
"""A collector for tests: reads OTLP/HTTP JSON with OpenTelemetry's own protobuf definitions.

Needs the PyPI package opentelemetry-proto. Prints its port, then one line of JSON for each request: the spans as the
definitions understood them, or {"error": ...} when the request breaks a rule of
https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding. `--reject N` answers that N spans of each request
were not taken. `--self-test` shows that the rules find what they are for.
"""

import argparse
import base64
import copy
import http.server
import json
import re
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

ID_DIGITS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}


class Violation(Exception):
    pass


def need(holds, text):
    if not holds:
        raise Violation(text)


def to_protobuf_json(value):
    """OTLP writes ids in hexadecimal and enumerations as numbers only; protobuf's JSON has base64 and names too."""
    if isinstance(value, list):
        return [to_protobuf_json(item) for item in value]
    if not isinstance(value, dict):
        return value
    result = {}
    for key, item in value.items():
        if key in ID_DIGITS:
            need(isinstance(item, str) and re.fullmatch("[0-9a-f]{%d}" % ID_DIGITS[key], item), f"{key} is {item!r}")
            need(set(item) != {"0"}, f"{key} is all zeroes")
            item = base64.b64encode(bytes.fromhex(item)).decode()
        elif key in ("kind", "code"):
            need(isinstance(item, int), f"{key} is {item!r}, not a number")
        elif key.endswith("UnixNano") or key == "intValue":
            need(isinstance(item, str) and re.fullmatch("-?[0-9]+", item), f"{key} is {item!r}, not a decimal string")
        result[key] = to_protobuf_json(item)
    return result


def keys_are_unique(attributes):
    return len({pair.key for pair in attributes}) == len(attributes)


def check_span(span):
    need(len(span.trace_id) == 16 and len(span.span_id) == 8, "an id is missing")
    need(len(span.parent_span_id) in (0, 8) and span.parent_span_id != span.span_id, "the parent is not another span")
    need(span.name, "a span has no name")
    need(1 <= span.kind <= 5, f"kind {span.kind}")
    need(1_000_000_000 * 10**9 < span.start_time_unix_nano <= span.end_time_unix_nano, "the times are not in order")
    need(keys_are_unique(span.attributes), "an attribute comes twice")
    for link in span.links:
        need(len(link.trace_id) == 16 and len(link.span_id) == 8, "a link's id is missing")


def parse(body):
    """The request as the definitions read it; raises Violation or ParseError."""
    request = json_format.ParseDict(to_protobuf_json(json.loads(body)), ExportTraceServiceRequest())
    for resource in request.resource_spans:
        need(keys_are_unique(resource.resource.attributes), "a resource attribute comes twice")
        need(any(pair.key == "service.name" for pair in resource.resource.attributes), "no service.name")
        for scope in resource.scope_spans:
            for span in scope.spans:
                check_span(span)
    return request


def value_of(value):
    which = value.WhichOneof("value")
    if which == "array_value":
        return [value_of(item) for item in value.array_value.values]
    return getattr(value, which)


def attributes_of(pairs):
    return {pair.key: value_of(pair.value) for pair in pairs}


def describe(request):
    spans = []
    for resource in request.resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                spans.append({
                    "resource": attributes_of(resource.resource.attributes), "scope": scope.scope.name,
                    "name": span.name, "kind": span.kind, "trace": span.trace_id.hex(), "span": span.span_id.hex(),
                    "parent": span.parent_span_id.hex(), "state": span.trace_state, "flags": span.flags,
                    "start": span.start_time_unix_nano, "end": span.end_time_unix_nano,
                    "attributes": attributes_of(span.attributes), "status": span.status.code,
                    "message": span.status.message, "links": [link.span_id.hex() for link in span.links],
                })
    return {"spans": spans}


def handler(reject):
    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                need(self.path == "/v1/traces", f"posted to {self.path}")
                need(self.headers["Content-Type"] == "application/json", f"type {self.headers['Content-Type']}")
                result, status = describe(parse(body)), 200
            except (Violation, ValueError, json_format.ParseError) as error:
                result, status = {"error": str(error)}, 400
            print(json.dumps(result), flush=True)
            answer = ExportTraceServiceResponse()
            if reject:
                answer.partial_success.rejected_spans = reject
            data = json_format.MessageToJson(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            pass

    return Handler


def self_test():
    span = {
        "traceId": "0af7651916cd43dd8448eb211c80319c", "spanId": "b7ad6b7169203331", "name": "n", "kind": 1,
        "startTimeUnixNano": "1700000000000000000", "endTimeUnixNano": "1700000000000000001",
        "attributes": [{"key": "a", "value": {"intValue": "1"}}],
    }
    service = {"attributes": [{"key": "service.name", "value": {"stringValue": "s"}}]}
    whole = {"resourceSpans": [{"resource": service, "scopeSpans": [{"spans": [span]}]}]}
    parse(json.dumps(whole))
    faults = [
        ("traceId", "CvdlGRbNQ92ESOshHIAxnA=="), ("traceId", "0" * 32), ("spanId", "B7AD6B7169203331"), ("kind", 0),
        ("kind", "SPAN_KIND_CLIENT"), ("startTimeUnixNano", 1700000000000000000), ("endTimeUnixNano", "1"),
        ("attributes", [{"key": "a", "value": {"intValue": 1}}]), ("parentSpanId", "b7ad6b7169203331"),
        ("attributes", span["attributes"] * 2), ("nonsense", 1), ("name", ""), ("status", {"code": "STATUS_CODE_OK"}),
        ("links", [{"traceId": "0af7651916cd43dd8448eb211c80319c"}]), ("start_time", "1"),
    ]
    for key, value in faults:
        broken = copy.deepcopy(whole)
        broken["resourceSpans"][0]["scopeSpans"][0]["spans"][0][key] = value
        try:
            parse(json.dumps(broken))
        except (Violation, json_format.ParseError):
            continue
        sys.exit(f"not found: {key} = {value!r}")
    print(f"{len(faults)} faults found")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reject", type=int, default=0)
    parser.add_argument("--self-test", action="store_true")
    options = parser.parse_args()
    if options.self_test:
        return self_test()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler(options.reject))
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
