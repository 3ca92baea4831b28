import Domain
import Providers

/// A provider as the API shows it.
struct ProviderAnswer {
    let about: ProviderDescription

    init(_ about: ProviderDescription) { self.about = about }

    func write(to writer: inout JSONWriter) {
        writer.object { object in
            object.field("name", about.name.rawValue)
            object.field("title", about.title)
            object.key("features")
            object.array { array in
                for feature in about.features {
                    array.object { entry in
                        entry.field("name", feature.name)
                        entry.field("title", feature.title)
                    }
                }
            }
            object.field("needs_host", about.needsHost)
        }
    }
}
