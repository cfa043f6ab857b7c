import CHolder

/// What distinguishes this boot of the machine or container from every other; nil if /proc does not
/// say.
///
/// The kernel's `boot_id` (random(4)), and, if it is known, `+` and the moment at which the first
/// process started, in ticks since the kernel's boot (proc(5), starttime): a container that
/// restarts has the same kernel but another first process.
package func bootIdentifier() -> String? {
  let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(holder_boot_id_size)) {
    (buffer) -> String? in
    guard let start = buffer.baseAddress else { return nil }
    buffer.initialize(repeating: 0)
    return holder_boot_id(start) == 0 ? String(cString: start) : nil
  }
  return text
}

/// Whether a recorded boot is this one.
///
/// Older records have only the `boot_id`, which then decides.
package func isThisBoot(_ recorded: String) -> Bool {
  guard let current = bootIdentifier() else { return false }
  return isSameBoot(recorded, current)
}

/// Whether two recorded boots are the same, as far as both records say.
package func isSameBoot(_ one: String, _ other: String) -> Bool {
  let (first, second) = (one.split(separator: "+"), other.split(separator: "+"))
  guard let kernel = first.first, kernel == second.first else { return false }
  return first.count < 2 || second.count < 2 || first[1] == second[1]
}
