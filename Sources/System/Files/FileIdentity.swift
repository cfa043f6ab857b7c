import Glibc

/// Identifies a file independently of its name.
package struct FileIdentity: Hashable, Comparable {
  package var device: UInt
  package var number: UInt

  package static func < (left: FileIdentity, right: FileIdentity) -> Bool {
    (left.device, left.number) < (right.device, right.number)
  }
}
