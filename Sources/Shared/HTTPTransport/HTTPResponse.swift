/// An answer whose headers have arrived and whose body may still be on its way.
///
/// Dropping the response without reading its body to the end closes the connection at once.
package struct HTTPResponse: Sendable {
    /// The final status, 200…599; interim 1xx answers are passed over. Redirects are answers like any other.
    package let status: Int
    package let headers: HTTPHeaders
    package let body: HTTPBody
}
