import Glibc

/// This machine's cgroups (version 2) that the command may use.
enum CGroups {
  /// The folder of the cgroup that tests run in; nil if there is none.
  static let own: String? = {
    let path = (FileTree.bytes("/proc/self/cgroup") ?? []).split(separator: UInt8(ascii: "\n"))
      .map { String(decoding: $0, as: UTF8.self) }
      .first { $0.hasPrefix("0::/") }
    guard let path = path?.dropFirst(4) else { return nil }
    return ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"]
      .first { access("\($0)/cgroup.procs", F_OK) == 0 }
      .map { path.isEmpty ? $0 : "\($0)/\(path)" }
  }()

  /// Whether new ones can be made.
  static let work: Bool = {
    guard let own, getuid() == 0 else { return false }
    let path = "\(own)/lockstep-test-\(getpid())"
    defer { rmdir(path) }
    return mkdir(path, 0o755) == 0
  }()

  /// The folders in our own.
  static var folders: [String] { own.map { FileTree.names($0) } ?? [] }

  /// The cgroup of a process, as /proc has it.
  static func path(of process: pid_t) -> String? {
    (FileTree.bytes("/proc/\(process)/cgroup") ?? []).split(separator: UInt8(ascii: "\n"))
      .map { String(decoding: $0, as: UTF8.self) }
      .first { $0.hasPrefix("0::/") }
      .map { String($0.dropFirst(3)) }
  }
}
