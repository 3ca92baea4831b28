import Foundation

/// An HTTPS server with a certificate of its own making for 127.0.0.1, run by python3 (its standard library) and
/// openssl, which every machine that builds this package has.
///
/// `/cut` announces more than it sends. The server ends with the process that started it, however that ends.
final class TLSServer: Sendable {
    let port: Int
    /// Path of the certificate, which is its own authority.
    let certificate: String
    private let process: Process
    /// Its end tells the server to end.
    private let input = Pipe()

    /// One for all tests.
    static let shared = Result { try TLSServer() }

    init() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "tls-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        certificate = folder.appending(path: "certificate.pem").path()
        let key = folder.appending(path: "key.pem").path()
        let maker = Self.command([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "2",
            "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate,
        ])
        try maker.run()
        maker.waitUntilExit()
        process = Self.command(["python3", "-c", Self.script, certificate, key])
        let output = Pipe()
        process.standardOutput = output
        process.standardInput = input
        try process.run()
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        guard let port = Int(line.trimmingCharacters(in: .whitespacesAndNewlines)) else {
            throw ServerFailure(what: "the TLS server did not start", errno: 0)
        }
        self.port = port
    }

    private static func command(_ words: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = words
        process.standardError = FileHandle.nullDevice
        return process
    }

    private static let script = """
        import http.server, os, shutil, socket, ssl, sys, threading

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def do_GET(self):
                if self.path == "/cut":
                    self.wfile.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\nhalf")
                    self.wfile.flush()
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_WR)
                    return
                self.send_response(200)
                self.send_header("Content-Length", "6")
                self.end_headers()
                self.wfile.write(b"sealed")
            def log_message(self, *ignored):
                pass

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[1], sys.argv[2])
        class Server(http.server.ThreadingHTTPServer):
            def finish_request(self, request, address):
                try:
                    super().finish_request(context.wrap_socket(request, server_side=True), address)
                except OSError:
                    pass
        server = Server(("127.0.0.1", 0), Handler)
        def end_with_parent():
            sys.stdin.read()
            shutil.rmtree(os.path.dirname(sys.argv[1]), ignore_errors=True)
            os._exit(0)
        threading.Thread(target=end_with_parent).start()
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """
}
