import Clock
import Glibc
import System
import Words

/// The unit of systemd that runs this process.
enum OwnUnit {
  /// Its full name; nil if there is none.
  static let name: String? = {
    let bytes = (try? firstBytes(of: "/proc/self/cgroup", limit: 1 << 16)) ?? []
    return name(inCgroups: String(decoding: bytes, as: UTF8.self))
  }()

  /// The unit in /proc/PID/cgroup: from the cgroup of version 2, or from systemd's own hierarchy.
  static func name(inCgroups text: String) -> String? {
    // NUMBER:CONTROLLERS:PATH
    let lines = text.split(separator: "\n").map {
      $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    }
    for controllers in ["", "name=systemd"] {
      for line in lines where line.count == 3 && line[1] == controllers {
        let parts = line[2].split(separator: "/")
        if let unit = parts.last(where: { $0.hasSuffix(".service") || $0.hasSuffix(".scope") }) {
          return String(unit)
        }
      }
    }
    return nil
  }
}
