import System

/// A VM's folder that cannot be used, with every problem that was found, at least one.
package struct VMRefusal: Error, Hashable, Sendable {
  /// What was found, in the order of the paths.
  package var problems: [Problem]
}
