/// Variables of the environment that are not the plan's to set.
package enum ReservedVariables {
  /// How the names of all that Lockstep sets begin.
  package static let prefix = "LOCKSTEP_"
}
