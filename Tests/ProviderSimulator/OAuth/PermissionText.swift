/// What scopes mean, in words for people.
enum PermissionText {
    static func of(_ scope: String) -> String {
        let short = scope.replacing("https://www.googleapis.com/auth/", with: "")
            .replacing("https://graph.microsoft.com/", with: "")
        if let text = texts[short] { return text }
        if short.hasPrefix("url:") {
            let parts = short.dropFirst("url:".count).split(separator: "|", maxSplits: 1)
            let isReading = parts.first == "GET"
            return "\(isReading ? "Read" : "Change") what is at \(parts.last ?? "")"
        }
        return "Use “\(short)”"
    }

    /// What a client may do at a provider that was asked for no scope.
    static func withoutScopes(_ provider: ProviderKind) -> String {
        switch provider {
        case .notion: "See and change the pages of the workspace that are shared with it"
        case .canvas: "Do everything that your account can do"
        case .google, .microsoft: "Know who you are"
        }
    }

    private static let texts = [
        "openid": "Know which account is yours", "email": "See your e-mail address", "profile": "See your name",
        "userinfo.email": "See your e-mail address", "userinfo.profile": "See your name",
        "calendar": "See, change and share all your calendars", "calendar.readonly": "See all your calendars",
        "calendar.events": "See and change events in all your calendars",
        "calendar.events.readonly": "See events in all your calendars",
        "calendar.calendarlist.readonly": "See the list of your calendars",
        "gmail.readonly": "Read your e-mail", "gmail.send": "Send e-mail in your name",
        "gmail.modify": "Read, write and sort your e-mail", "gmail.compose": "Write drafts and send e-mail",
        "drive": "See and change all your files", "drive.readonly": "See all your files",
        "drive.file": "See and change the files that you use with it",
        "spreadsheets": "See and change all your spreadsheets", "spreadsheets.readonly": "See all your spreadsheets",
        "contacts.readonly": "See your contacts", "tasks": "See and change your tasks",
        "offline_access": "Keep its access while you are away", "User.Read": "See your profile",
        "Calendars.Read": "See your calendars", "Calendars.ReadWrite": "See and change your calendars",
        "Mail.Read": "Read your e-mail", "Mail.ReadWrite": "Read and change your e-mail",
        "Mail.Send": "Send e-mail in your name", "Files.Read": "See your files",
        "Files.ReadWrite": "See and change your files", "/auth/userinfo": "Know which account is yours",
    ]
}
