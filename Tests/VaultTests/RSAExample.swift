import JWTKit

@testable import Vault

/// The key of RFC 7515 appendix A.2, private half included.
enum RSAExample {
    static let modulus =
        "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR"
        + "T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXB"
        + "dQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9ia"
        + "GNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
    private static let privateExponent =
        "Eq5xpGnNCivDflJsRQBXHx1hdR1k6Ulwe2JZD50LpXyWPEAeP88vLNO97IjlA7_GQ5sLKMgvfTeXZx9SE-7YwVol2NXOoAJe46su"
        + "i395IW_GO-pWJ1O0BkTGoVEn2bKVRUCgu-GjBVaYLU6f3l9kJfFNS3E0QbVdxzubSu3Mkqzjkn439X0M_V51gfpRLI9JYanrC4D4"
        + "qAdGcopV_0ZHHzQlBjudU2QvXt4ehNYTCBr6XCLQUShb1juUO1ZdiYoFaFQT5Tw8bGUl_x_jTj3ccPDVZFD9pIuhLhBOneufuBiB"
        + "4cS98l2SR_RQyGWSeWjnczT0QU91p1DhOVRuOopznQ"

    /// Its public half as an issuer publishes it.
    static func publicKey(kid: String, alg: String = "RS256") -> String {
        #"{"kty":"RSA","use":"sig","alg":"\#(alg)","kid":"\#(kid)","e":"AQAB","n":"\#(modulus)"}"#
    }

    static func engine() async throws -> any JWTAlgorithm {
        let keys = JWTKeyCollection()
        let key = try Insecure.RSA.PrivateKey(modulus: modulus, exponent: "AQAB", privateExponent: privateExponent)
        await keys.add(rsa: key, digestAlgorithm: .sha256)
        return try await keys.getKey()
    }
}
