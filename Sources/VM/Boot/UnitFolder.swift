import CLinux
import Glibc
import System

/// The folder of systemd's units that an administrator makes.
package final class UnitFolder {
  /// Where systemd has it.
  package static let standard = "/etc/systemd/system"

  /// As it was given.
  package let path: String
  private let folder: Descriptor

  /// Whose wish it is that a unit is started.
  private static let wants = "multi-user.target.wants"

  /// Opens it.
  ///
  /// - Throws: why that cannot be done.
  package init(_ path: String) throws(Problem) {
    self.path = path
    let number = lockstep_openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    if number < 0 {
      throw Problem(
        path: path,
        what: "cannot be opened: \(SystemError.words(errno))",
        help: errno == ENOENT
          ? "is this a machine with systemd? give another folder with --unit-dir" : nil
      )
    }
    folder = Descriptor(owning: number)
  }

  /// The path of a unit, for people.
  package func path(of unit: String) -> String {
    "\(path.utf8.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path)/\(unit)"
  }

  /// The names of a plan's existing units, for any VMs, in order.
  package func units(of plan: String) -> [String] {
    let usual = BootUnit.name(plan: plan, folders: [])
    let prefix = usual.dropLast(".service".count) + "@"
    let all = (try? namesInFolder(".", in: folder.number)) ?? []
    return all.filter { $0 == usual || $0.hasPrefix(prefix) && $0.hasSuffix(".service") }
  }

  /// What is in the place of a unit.
  package enum Found: Hashable, Sendable {
    case nothing
    /// A unit that was written here, with the same text or another.
    case same, other
  }

  /// Reads the existing file.
  ///
  /// - Throws: that it is something that was not written here.
  package func look(_ name: String, text: String) throws(Problem) -> Found {
    guard let status = FileStatus(name, in: folder.number, follow: false) else {
      if errno == ENOENT { return .nothing }
      throw Problem(path: path(of: name), what: SystemError.words(errno))
    }
    // A little more than is compared, so that a longer file differs.
    let limit = max(text.utf8.count, BootUnit.mark.utf8.count) + 1
    let bytes =
      status.isRegular ? (try? firstBytes(of: name, in: folder.number, limit: limit)) ?? [] : []
    if !bytes.starts(with: BootUnit.mark.utf8) {
      let kind = status.isRegular ? "a unit" : status.kindWords
      throw Problem(
        path: path(of: name),
        what: "is \(kind) that 'lockstep install-boot' did not write",
        help: "move it away, or give the plan's file another name"
      )
    }
    return bytes.elementsEqual(text.utf8) ? .same : .other
  }

  /// Writes or rewrites a unit, and has systemd start it at each boot if it is meant to.
  ///
  /// - Throws: an error that says why it failed. A unit is written completely or not at all.
  package func install(_ unit: BootUnit) throws(Problem) {
    let shown = path(of: unit.name)
    if try look(unit.name, text: unit.text) != .same {
      let temporary = ".\(unit.name).\(getpid())"
      let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
      let number = lockstep_openat(folder.number, temporary, flags, 0o600)
      if number < 0 { throw cannotWrite(shown) }
      let file = Descriptor(owning: number)
      let bytes = Array(unit.text.utf8)
      guard write(file.number, bytes, bytes.count) == bytes.count, fchmod(file.number, 0o644) == 0,
        fsync(file.number) == 0,
        renameat(folder.number, temporary, folder.number, unit.name) == 0
      else {
        let problem = cannotWrite(shown)
        unlinkat(folder.number, temporary, 0)
        throw problem
      }
    }
    if !unit.isEnabled {
      _ = fsync(folder.number)
      return
    }
    if mkdirat(folder.number, Self.wants, 0o755) != 0, errno != EEXIST {
      throw cannotWrite(path(of: Self.wants))
    }
    let link = "\(Self.wants)/\(unit.name)"
    if symlinkat("../\(unit.name)", folder.number, link) != 0, errno != EEXIST {
      throw cannotWrite(path(of: link))
    }
    _ = fsync(folder.number)
  }

  /// Removes a unit.
  ///
  /// - Returns: whether there was one.
  /// - Throws: an error that says why it still exists.
  package func remove(_ name: String) throws(Problem) -> Bool {
    let found = try look(name, text: "")
    for entry in ["\(Self.wants)/\(name)", name] {
      if unlinkat(folder.number, entry, 0) != 0, errno != ENOENT {
        throw Problem(
          path: path(of: entry),
          what: "cannot be removed: \(SystemError.words(errno))"
        )
      }
    }
    _ = fsync(folder.number)
    return found != .nothing
  }

  private func cannotWrite(_ path: String) -> Problem {
    let number = errno
    return Problem(
      path: path,
      what: "cannot be written: \(SystemError.words(number))",
      help: number == EACCES || number == EPERM ? "run as root" : nil
    )
  }
}
