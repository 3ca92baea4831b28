import NIOCore
import Vault

/// One file of the page, compiled into the program.
struct PageAsset: Sendable {
    let type: String
    /// All answers share it.
    let body: ByteBuffer
    /// Differs when the bytes differ, so that browsers need not fetch what they have (RFC 9110 section 8.8.3).
    let tag: String

    init(type: String, bytes: [UInt8]) {
        self.type = type
        body = ByteBuffer(bytes: bytes)
        let digest = Digest.sha256(bytes).prefix(12).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        tag = "\"\(digest.joined())\""
    }

    private static func script(_ bytes: [UInt8]) -> PageAsset {
        PageAsset(type: "text/javascript; charset=utf-8", bytes: bytes)
    }

    private static func style(_ bytes: [UInt8]) -> PageAsset {
        PageAsset(type: "text/css; charset=utf-8", bytes: bytes)
    }

    private static func image(_ bytes: [UInt8]) -> PageAsset { PageAsset(type: "image/svg+xml", bytes: bytes) }

    /// By their names below `/assets/`.
    static let all: [String: PageAsset] = [
        "account-menu.js": .script(PackageResources.account_menu_js),
        "account.js": .script(PackageResources.account_js),
        "accounts.css": .style(PackageResources.accounts_css),
        "activity.js": .script(PackageResources.activity_js),
        "api.js": .script(PackageResources.api_js),
        "ask-dialog.js": .script(PackageResources.ask_dialog_js),
        "calendar-accounts.js": .script(PackageResources.calendar_accounts_js),
        "calendar-changes.js": .script(PackageResources.calendar_changes_js),
        "calendar-edit-dialog.js": .script(PackageResources.calendar_edit_dialog_js),
        "calendar-empty.js": .script(PackageResources.calendar_empty_js),
        "calendar-event-dialog.js": .script(PackageResources.calendar_event_dialog_js),
        "calendar-events.js": .script(PackageResources.calendar_events_js),
        "calendar-feed.js": .script(PackageResources.calendar_feed_js),
        "calendar-grid.js": .script(PackageResources.calendar_grid_js),
        "calendar-head.js": .script(PackageResources.calendar_head_js),
        "calendar-layout.js": .script(PackageResources.calendar_layout_js),
        "calendar-list.js": .script(PackageResources.calendar_list_js),
        "calendar-side.js": .script(PackageResources.calendar_side_js),
        "calendar-state.js": .script(PackageResources.calendar_state_js),
        "calendar-text.js": .script(PackageResources.calendar_text_js),
        "calendar-time.js": .script(PackageResources.calendar_time_js),
        "calendar-weeks.js": .script(PackageResources.calendar_weeks_js),
        "calendar-when-field.js": .script(PackageResources.calendar_when_field_js),
        "calendar-writes.js": .script(PackageResources.calendar_writes_js),
        "calendar.css": .style(PackageResources.calendar_css),
        "calendar.js": .script(PackageResources.calendar_js),
        "chat.js": .script(PackageResources.chat_js),
        "company.js": .script(PackageResources.company_js),
        "composer.js": .script(PackageResources.composer_js),
        "connect-dialog.js": .script(PackageResources.connect_dialog_js),
        "connection-row.js": .script(PackageResources.connection_row_js),
        "connections.css": .style(PackageResources.connections_css),
        "connections.js": .script(PackageResources.connections_js),
        "conversations.js": .script(PackageResources.conversations_js),
        "copy-button.js": .script(PackageResources.copy_button_js),
        "devices.js": .script(PackageResources.devices_js),
        "drawer.js": .script(PackageResources.drawer_js),
        "elements.js": .script(PackageResources.elements_js),
        "ended-dialog.js": .script(PackageResources.ended_dialog_js),
        "exchange.js": .script(PackageResources.exchange_js),
        "fields.js": .script(PackageResources.fields_js),
        "form.js": .script(PackageResources.form_js),
        "forms.css": .style(PackageResources.forms_css),
        "gate-notices.js": .script(PackageResources.gate_notices_js),
        "gate.js": .script(PackageResources.gate_js),
        "icon.svg": .image(PackageResources.icon_svg),
        "invitation-card.js": .script(PackageResources.invitation_card_js),
        "invitations.js": .script(PackageResources.invitations_js),
        "jobs.js": .script(PackageResources.jobs_js),
        "joining.js": .script(PackageResources.joining_js),
        "key-dialog.js": .script(PackageResources.key_dialog_js),
        "keys.js": .script(PackageResources.keys_js),
        "links.js": .script(PackageResources.links_js),
        "listing.js": .script(PackageResources.listing_js),
        "members.js": .script(PackageResources.members_js),
        "page.css": .style(PackageResources.page_css),
        "page.js": .script(PackageResources.page_js),
        "password-cards.js": .script(PackageResources.password_cards_js),
        "people.js": .script(PackageResources.people_js),
        "problem.js": .script(PackageResources.problem_js),
        "roles.js": .script(PackageResources.roles_js),
        "scopes.js": .script(PackageResources.scopes_js),
        "session.js": .script(PackageResources.session_js),
        "settings.js": .script(PackageResources.settings_js),
        "sign-in.js": .script(PackageResources.sign_in_js),
        "sign-up-cards.js": .script(PackageResources.sign_up_cards_js),
        "stream.js": .script(PackageResources.stream_js),
        "task-dialog.js": .script(PackageResources.task_dialog_js),
        "task-row.js": .script(PackageResources.task_row_js),
        "tasks.css": .style(PackageResources.tasks_css),
        "tasks.js": .script(PackageResources.tasks_js),
        "toast.js": .script(PackageResources.toast_js),
        "views.js": .script(PackageResources.views_js),
    ]
}
