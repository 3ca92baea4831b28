import Domain
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Testing
import Vault

@testable import APIGateway

@Suite struct CalendarHeaderTests {
    private static func headers(_ changed: [HTTPField.Name: String?] = [:]) -> HTTPFields {
        var headers: HTTPFields = [
            .googleChannelID: "019a8f3e-6c2d-7a41-9b8e-3d5f60718293", .googleChannelToken: "secret",
            .googleResourceID: "o3hgv1538sdjfh", .googleResourceState: "exists",
        ]
        for (name, value) in changed { headers[name] = value }
        return headers
    }

    @Test func `a notification names its channel and shows its secret`() throws {
        let taken = try #require(GoogleNotification(Self.headers()))
        #expect(taken.channel.description == "019a8f3e-6c2d-7a41-9b8e-3d5f60718293")
        #expect(taken.digest == Digest.sha256("secret".utf8) && taken.resource == "o3hgv1538sdjfh" && !taken.isFirst)
        #expect(try #require(GoogleNotification(Self.headers([.googleResourceState: "sync"]))).isFirst)
        #expect(try #require(GoogleNotification(Self.headers([.googleResourceID: nil]))).resource == nil)
    }

    @Test func `what lacks a part, has it twice or has it too long is no notification`() {
        for changed: [HTTPField.Name: String?] in [
            [.googleChannelID: nil], [.googleChannelToken: nil], [.googleChannelID: "mine"], [.googleChannelToken: ""],
            [.googleChannelToken: String(repeating: "x", count: 257)],
            [.googleResourceID: String(repeating: "x", count: 1_001)],
        ] { #expect(GoogleNotification(Self.headers(changed)) == nil) }
        var twice = Self.headers()
        twice.append(HTTPField(name: .googleChannelToken, value: "another"))
        #expect(GoogleNotification(twice) == nil)
    }

    private static func version(_ values: String...) throws -> String? {
        var head = HTTPRequest(method: .patch, scheme: nil, authority: nil, path: "/")
        for value in values { head.headerFields.append(HTTPField(name: .ifMatch, value: value)) }
        return try EventPrecondition.read(Request(head: head, body: RequestBody(buffer: ByteBuffer())))
    }

    @Test func `an event's version is its etag with the quotes`() throws {
        #expect(try Self.version("\"3181161784712000\"") == "\"3181161784712000\"")
        #expect(try Self.version() == nil && Self.version("*") == nil)
    }

    @Test(arguments: ["3181161784712000", "W/\"1\"", "\"1\", \"2\"", "\"\"", "\"", "\"a b\""])
    func `anything else names no version of an event`(_ text: String) {
        #expect(throws: Problem.self) { try Self.version(text) }
        #expect(throws: Problem.self) { try Self.version("\"1\"", "\"2\"") }
    }

    @Test func `tags are compared without the mark of weak ones`() {
        var headers: HTTPFields = [.ifNoneMatch: "\"a\", W/\"b\""]
        let tags = EntityTags(ifNoneMatch: headers)
        #expect(tags.contains("\"a\"") && tags.contains("W/\"a\"") && tags.contains("\"b\"") && !tags.contains("\"c\""))
        #expect(EntityTags(ifNoneMatch: [:]).isEmpty && !EntityTags(ifNoneMatch: [:]).contains("\"a\""))
        headers[.ifNoneMatch] = "*"
        #expect(EntityTags(ifNoneMatch: headers).contains("\"c\""))
    }

    @Test func `a file is called as its calendar, and nothing breaks out of the header`() {
        #expect(ExportRoutes.attachment("Work") == "attachment; filename=\"Work.ics\"; filename*=UTF-8''Work.ics")
        let sharp = ExportRoutes.attachment("a\"\r\nX: ü/..")
        #expect(
            sharp == "attachment; filename=\"a---X------.ics\"; filename*=UTF-8''a%22%0D%0AX%3A%20%C3%BC%2F%2E%2E.ics")
    }

    @Test func `a part of a path keeps its plus`() {
        #expect(FormReader.segment("a%2Fb+c%20d") == "a/b+c d" && FormReader.segment("%FF") == nil)
    }

    @Test func `notifications have a class of their own, and writes start work`() {
        #expect(RouteClass(.post, "/api/v1/webhooks/google/calendar") == .notification)
        #expect(RouteClass(.post, "/api/v1/calendars/{id}/events") == .execute)
        #expect(RouteClass(.get, "/api/v1/events") == .ordinary)
    }
}
