package import Domain
package import Jobs

extension Topic {
    /// Whatever changes in the mirror of a workspace's calendars.
    package static func calendars(of tenant: TenantID) -> Topic { Topic(rawValue: "calendars:\(tenant)") }
}
