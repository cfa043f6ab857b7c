/// Environment variables that a plan must not set.
package enum ReservedVariables {
  /// The prefix of all variables that Lockstep sets.
  package static let prefix = "LOCKSTEP_"
}
