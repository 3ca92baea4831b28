/// A value with secrets in it: what prints, logs or dumps it shows the name of its type.
package protocol Undisclosed: CustomStringConvertible, CustomReflectable {}

extension Undisclosed {
    package var description: String { "\(Self.self)(…)" }
    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
