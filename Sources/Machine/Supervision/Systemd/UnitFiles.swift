import CLinux
import Glibc
import PlanLanguage
import System
import VM
import Words

/// The files of systemd's units on this machine (systemd.unit(5)): what systemd knows, found
/// without asking it and without starting anything.
struct UnitFiles {
  /// What is known of a unit.
  enum Finding: Hashable {
    /// It has a file, or needs none, such as an undeclared mount.
    case known
    /// Its file says that it is never to be started; the path.
    case masked(String)
    case unknown
  }

  /// Where units are, the first that has one counts.
  static let standardFolders = [
    "/etc/systemd/system.control", "/run/systemd/system.control", "/run/systemd/transient",
    "/run/systemd/generator.early", "/etc/systemd/system", "/etc/systemd/system.attached",
    "/run/systemd/system", "/run/systemd/system.attached", "/run/systemd/generator",
    "/usr/local/lib/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
    "/run/systemd/generator.late",
  ]
  /// A running unit exists, even if its file is gone.
  private static let slice = "/sys/fs/cgroup/system.slice"

  private let folders: [String]

  init(_ folders: [String] = standardFolders) { self.folders = folders }

  /// Looks for a unit.
  ///
  /// - Parameter name: a whole name.
  /// - Returns: what is known about it.
  func find(_ name: String) -> Finding {
    let names = [name] + [UnitName.template(of: name)].compactMap { $0 }
    for name in names {
      for folder in folders {
        let path = "\(folder)/\(name)"
        guard let status = FileStatus(path, follow: true) else { continue }
        let isMasked = status.isRegular ? status.size == 0 : !status.isFolder
        return isMasked ? .masked(path) : .known
      }
    }
    if !Self.hasFile(name) || FileStatus("\(Self.slice)/\(name)", follow: true) != nil {
      return .known
    }
    return .unknown
  }

  /// Whether every unit of this kind has a file; others come from the kernel, or from programs.
  private static func hasFile(_ name: String) -> Bool {
    ["service", "socket", "target", "path", "timer"].contains { name.hasSuffix(".\($0)") }
  }

  /// The name of an existing unit with a similar name; nil if there is none.
  func near(_ name: String) -> String? {
    var names: Set<String> = []
    for folder in folders { names.formUnion((try? namesInFolder(folder)) ?? []) }
    return nearMiss(name, among: names.filter(UnitName.hasKind).sorted())
  }

  /// What prevents starting or stopping a unit.
  ///
  /// - Parameters:
  ///   - name: a whole name.
  ///   - isStart: whether to start it; a masked unit can be stopped.
  /// - Returns: the problem; nil if nothing is certain to fail.
  func problem(_ name: String, isStart: Bool) -> Problem? {
    switch find(name) {
    case .known: return nil
    case .masked(let path):
      guard isStart else { return nil }
      return Problem(
        path: path,
        what: "is masked: systemd never starts this unit",
        help: "systemctl unmask \(name), or take it out of the plan"
      )
    case .unknown:
      let path =
        "\(folders.first { $0.hasPrefix("/etc") && $0.hasSuffix("/system") } ?? folders[0])/\(name)"
      return Problem(
        path: path,
        what:
          "does not exist, here or in any other unit folder: systemd has no unit \(quoted(name))",
        help: near(name).map { "did you mean \($0)?" }
          ?? "install it, or correct its name; if a step of the plan installs it, "
          + "give this step 'when exists \"\(path)\"'"
      )
    }
  }
}
