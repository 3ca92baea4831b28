/// Which accounts people can connect, and what seals their tokens. Workers and gateways read the same.
package struct ConnectionSettings: Sendable {
    package enum MasterKeys: Sendable {
        /// MASTER_KEYS: `id:base64,id:base64`.
        case text(String)
        /// MASTER_KEYS_FILE: one `id:base64` a line; read again when it changed.
        case file(path: String)
    }

    package var masterKeys: MasterKeys
    /// Of those that have a client id.
    package var providers: [ProviderRegistration]

    /// `nil` when no master key is set: nothing can be connected.
    /// - Parameter names: of every provider that can be set up. Each is a prefix of variables.
    package static func read(_ reader: inout SettingsReader, providers names: [String]) -> ConnectionSettings? {
        let (text, file) = (reader.optionalText("master.keys"), reader.optionalText("master.keys.file"))
        if text != nil, file != nil {
            reader.report("master.keys.file", "must be left out when MASTER_KEYS is set")
        }
        guard let masterKeys = file.map({ MasterKeys.file(path: $0) }) ?? text.map({ MasterKeys.text($0) }) else {
            return nil
        }
        let providers = names.compactMap { ProviderRegistration($0, &reader) }
        return ConnectionSettings(masterKeys: masterKeys, providers: providers)
    }
}
