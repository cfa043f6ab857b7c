import CLinux
import Glibc
package import System
import Words

/// The systemd units that are a release job's processes.
///
/// `jobs/<release job>/systemd` names them, one per line; `#` begins a comment. A release job
/// without that file, but with processes in its `monit` files, has one unit, `<release
/// job>.service`.
package enum SystemdUnits {
  /// Relative to a release job's folder.
  package static let fileName = "systemd"
  private static let largest = 1 << 16
  /// systemd.unit(5).
  private static let kinds = [
    "service", "socket", "device", "mount", "automount", "swap", "target", "path", "timer", "slice",
    "scope",
  ]

  /// The units of a release job.
  ///
  /// - Parameters:
  ///   - releaseJob: a checked name.
  ///   - vm: the VM.
  /// - Returns: their whole names; none if it has no processes.
  /// - Throws: one line for people.
  package static func read(of releaseJob: String, on vm: VMFolder) throws(PlainFailure) -> [String]
  {
    if let mapped = try mapped(of: releaseJob, on: vm) { return mapped }
    return try ReleaseJobProcesses.read(of: releaseJob, on: vm).isEmpty
      ? [] : ["\(releaseJob).service"]
  }

  /// What the release job's file says; nil if there is none.
  static func mapped(of releaseJob: String, on vm: VMFolder) throws(PlainFailure) -> [String]? {
    let file = "jobs/\(releaseJob)/\(fileName)"
    let path = "\(vm.path)/\(file)"
    guard let bytes = try vm.controlFile(file, limit: largest) else { return nil }
    var units: [String] = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (index, line) in lines.enumerated() {
      let text = String(decoding: line.prefix { $0 != UInt8(ascii: "#") }, as: UTF8.self)
      for word in text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" }) {
        let name = String(word)
        guard isUnitName(name) else {
          throw PlainFailure(
            path: path,
            line: "\(index + 1)",
            "\(quoted(name)) is not the name of a systemd unit, such as web.service"
          )
        }
        let unit = hasKind(name) ? name : "\(name).service"
        if unit.contains("@.") {
          throw PlainFailure(
            path: path,
            line: "\(index + 1)",
            "\(quoted(name)) is a template without an instance, such as web@1.service"
          )
        }
        if !units.contains(unit) { units.append(unit) }
      }
    }
    return units
  }

  /// Whether any release job of a machine says which units are its processes.
  package static func areMapped(on vm: VMFolder) -> Bool {
    vm.releaseJobs.contains { releaseJob in
      FileStatus("jobs/\(releaseJob.text)/\(fileName)", in: vm.folder.number, follow: true) != nil
    }
  }

  /// Refuses a release job that only systemd can start and stop.
  ///
  /// - Throws: one line for people.
  package static func requireNone(of releaseJob: String, on vm: VMFolder) throws(PlainFailure) {
    if try ReleaseJobProcesses.read(of: releaseJob, on: vm).isEmpty,
      try mapped(of: releaseJob, on: vm)?.isEmpty == false
    {
      throw PlainFailure(
        path: "\(vm.path)/jobs/\(releaseJob)",
        "has systemd units and no monit file; use --supervisor systemd on a machine that was "
          + "booted with systemd"
      )
    }
  }

  /// The characters and the length that systemd.unit(5) allows; none that begins with `-`, which
  /// would be an option.
  private static func isUnitName(_ name: String) -> Bool {
    !name.hasPrefix("-") && !name.hasPrefix(".") && name.utf8.count <= 255
      && name.unicodeScalars.allSatisfy {
        switch $0 {
        case "a"..."z", "A"..."Z", "0"..."9", ":", "-", "_", ".", "\\", "@": true
        default: false
        }
      }
  }

  private static func hasKind(_ name: String) -> Bool {
    guard let dot = name.lastIndex(of: ".") else { return false }
    return kinds.contains(String(name[name.index(after: dot)...]))
  }
}
