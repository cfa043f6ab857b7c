import CLinux

/// What this process does with the memory that it has.
package enum Memory {
  /// Returns freed memory that would otherwise be kept for later use (malloc_trim(3)).
  ///
  /// For when something large is over, such as the tree of a long plan.
  package static func giveBack() { lockstep_trim_memory() }
}
