import System

/// A machine's folder that cannot be worked with; every problem that was found, at least one.
package struct VMRefusal: Error, Hashable, Sendable {
  /// What was found, in the order of the paths.
  package var problems: [Problem]
}
