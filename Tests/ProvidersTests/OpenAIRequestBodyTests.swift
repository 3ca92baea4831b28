import Domain
import Testing

@testable import Providers

@Suite struct OpenAIRequestBodyTests {
    @Test func `a request is written with OpenAI's names`() throws {
        let request = ChatRequest(
            messages: [ChatTurn(.system, "Be brief/kind."), ChatTurn(.user, "Grüße \"you\"")], maxOutputTokens: 64,
            temperature: 0.5)
        let body = try OpenAIRequestBody(request, model: "m", outputLimit: .maxTokens).json()
        let expected =
            #"{"max_tokens":64,"messages":[{"content":"Be brief/kind.","role":"system"},"#
            + #"{"content":"Grüße \"you\"","role":"user"}],"model":"m","stream":true,"#
            + #""stream_options":{"include_usage":true},"temperature":0.5}"#
        #expect(String(decoding: body, as: UTF8.self) == expected)
    }

    @Test func `the output limit has the name that the server knows, and an unset temperature is left out`() throws {
        let request = ChatRequest(messages: [ChatTurn(.user, "x")], maxOutputTokens: 64)
        let body = String(
            decoding: try OpenAIRequestBody(request, model: "m", outputLimit: .maxCompletionTokens).json(),
            as: UTF8.self)
        #expect(body.contains(#""max_completion_tokens":64"#))
        #expect(!body.contains("max_tokens\""))
        #expect(!body.contains("temperature"))
    }

    @Test func `a temperature that JSON cannot hold is an encoding error`() {
        let request = ChatRequest(messages: [], maxOutputTokens: 1, temperature: .nan)
        #expect(throws: EncodingError.self) {
            try OpenAIRequestBody(request, model: "m", outputLimit: .maxTokens).json()
        }
    }
}
