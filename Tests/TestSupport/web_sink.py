"""A web server for tests: gives the files of a folder, and prints each POST as one line of JSON.

    web_sink.py FOLDER

The first line is {"port": N}. Ends with the process that started it.
"""

import functools
import http.server
import json
import sys


class Handler(http.server.SimpleHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        line = {"path": self.path, "headers": dict(self.headers), "body": body.decode("utf-8", "replace")}
        print(json.dumps(line), flush=True)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(
    ("127.0.0.1", 0), functools.partial(Handler, directory=sys.argv[1])
)
print(json.dumps({"port": server.server_port}), flush=True)
server.serve_forever()
