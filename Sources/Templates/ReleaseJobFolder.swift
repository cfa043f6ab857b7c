import CLinux
import Glibc
import System
package import VM
import Words

/// Puts a rendered release job into a VM's folder, completely or not at all, as BOSH's agent does.
///
/// The files go into a new folder of `data/jobs/NAME`, and when all of them are on disk the link
/// `jobs/NAME` is turned to it in one step. No link is followed out of the root.
package final class ReleaseJobFolder {
  private let vmFolder: Descriptor
  private let realPath: String
  private let shownPath: String
  private let lock: VMLock
  /// root and vcap, if we are root and that group exists.
  private let owner: (user: uid_t, group: gid_t)?

  /// The beginnings of the names of folders that were made here, and may be removed here.
  private static let mark = "lockstep-"

  /// Opens the root, and keeps runs away from it.
  ///
  /// - Parameter path: of a folder; it may still be empty.
  /// - Throws: why it cannot be written to.
  package init(vm path: String) throws(Problem) {
    let folder: Descriptor
    do {
      folder = try Descriptor.folder(path)
    } catch {
      let isMissing = error.number == ENOENT
      throw Problem(
        path: path,
        what: isMissing ? "does not exist" : "cannot be opened: \(SystemError.words(error.number))",
        help: isMissing ? "create it first; it may be empty" : nil
      )
    }
    guard let real = folder.realPath else {
      throw Problem(path: path, what: "its location cannot be determined", help: "mount /proc")
    }
    lock = try VMLock(folder: folder.number, path: path)
    vmFolder = folder
    realPath = real
    shownPath = path.utf8.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    owner = geteuid() == 0 ? getgrnam("vcap").map { (0, $0.pointee.gr_gid) } : nil
  }

  /// Where a release job's files are found afterwards, for people.
  package func path(of releaseJob: CheckedName) -> String { "\(shownPath)/jobs/\(releaseJob.text)" }

  /// Puts the files there, in the place of those that were put there before.
  ///
  /// - Throws: an error that says why it failed. The earlier content is still there.
  package func install(_ files: [RenderedFile], of releaseJob: CheckedName) throws(Problem) {
    let name = releaseJob.text
    let jobs = try folder("jobs", in: vmFolder, shown: "\(shownPath)/jobs", mode: 0o755)
    try checkReplaceable(name, in: jobs)
    let data = try folder("data", in: vmFolder, shown: "\(shownPath)/data", mode: 0o755)
    let allBundles = try folder("jobs", in: data, shown: "\(shownPath)/data/jobs", mode: 0o755)
    let shown = "\(shownPath)/data/jobs/\(name)"
    let bundles = try folder(name, in: allBundles, shown: shown, mode: 0o750, isOwned: true)
    let bundle = try makeBundle(files, in: bundles, shown: shown)
    do throws(Problem) {
      try write(files, in: bundles, bundle, shown: "\(shown)/\(bundle)")
      try makeRunFolders(name, data: data)
      try turnLink(name, in: jobs, to: bundle, bundles)
    } catch {
      try? Self.remove(bundle, in: bundles.number)
      throw error
    }
    // The previous one is unused now; if it cannot be removed, it only takes up room.
    for old in (try? namesInFolder(".", in: bundles.number)) ?? []
    where old.hasPrefix(Self.mark) && old != bundle {
      try? Self.remove(old, in: bundles.number)
    }
  }

  /// A link may be replaced; what someone put there by hand is kept.
  private func checkReplaceable(_ name: String, in jobs: borrowing Descriptor) throws(Problem) {
    guard let status = FileStatus(name, in: jobs.number, follow: false) else { return }
    if status.isLink { return }
    throw Problem(
      path: "\(shownPath)/jobs/\(name)",
      what: "is \(status.kindWords) that 'lockstep render' did not make",
      help: "move it away first"
    )
  }

  /// Opens a folder, which is made if it is missing; a link is followed as long as it ends
  /// inside the VM's folder.
  private func folder(
    _ name: String,
    in parent: borrowing Descriptor,
    shown: String,
    mode: mode_t,
    isOwned: Bool = false
  ) throws(Problem) -> Descriptor {
    let isMade = mkdirat(parent.number, name, mode) == 0
    if !isMade, errno != EEXIST {
      throw Problem(path: shown, what: "cannot be made: \(SystemError.words(errno))")
    }
    let number = lockstep_openat(parent.number, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0)
    if number < 0 {
      let what = errno == ENOTDIR ? "is not a folder" : SystemError.words(errno)
      throw Problem(path: shown, what: what)
    }
    let found = Descriptor(owning: number)
    guard let end = found.realPath else {
      throw Problem(path: shown, what: "its location cannot be determined", help: "mount /proc")
    }
    if !isPath(end, beneath: realPath) {
      throw Problem(
        path: shown,
        what: "leads outside the VM's folder, to \(quoted(end))",
        help: "nothing is written outside of \(shownPath)"
      )
    }
    if isMade {
      if isOwned, let owner { _ = fchown(number, owner.user, owner.group) }
      // Restores what the umask removed.
      _ = fchmod(number, mode)
    }
    return found
  }

  private func makeBundle(
    _ files: [RenderedFile],
    in bundles: borrowing Descriptor,
    shown: String
  ) throws(Problem) -> String {
    var digest = Digest64()
    for file in files {
      Array(file.path.text.utf8).withUnsafeBytes { digest.add($0) }
      file.bytes.withUnsafeBytes { digest.add($0) }
    }
    let stem = Self.mark + padded(digest.value, to: 16, radix: 16)
    for number in 1...1000 {
      let name = number == 1 ? stem : "\(stem)-\(number)"
      if mkdirat(bundles.number, name, 0o700) == 0 { return name }
      if errno != EEXIST { break }
    }
    throw Problem(path: shown, what: "no folder can be created in it: \(SystemError.words(errno))")
  }

  private func write(
    _ files: [RenderedFile],
    in bundles: borrowing Descriptor,
    _ bundle: String,
    shown: String
  ) throws(Problem) {
    func fail(_ path: String) -> Problem {
      Problem(path: "\(shown)/\(path)", what: "cannot be written: \(SystemError.words(errno))")
    }
    var folders = Set([""])
    for file in files {
      var path = ""
      for name in file.path.folders {
        path += path.isEmpty ? name : "/\(name)"
        guard folders.insert(path).inserted else { continue }
        if mkdirat(bundles.number, "\(bundle)/\(path)", 0o700) != 0 { throw fail(path) }
      }
      // No one else knows this folder yet, so it cannot contain a link.
      let number = lockstep_openat(
        bundles.number,
        "\(bundle)/\(file.path.text)",
        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
        0o600
      )
      if number < 0 { throw fail(file.path.text) }
      let descriptor = Descriptor(owning: number)
      guard Self.write(file.bytes, to: descriptor.number), finish(descriptor, mode: file.mode)
      else { throw fail(file.path.text) }
    }
    // Each folder after what is in it.
    for path in folders.sorted(by: >) {
      let number = lockstep_openat(
        bundles.number,
        path.isEmpty ? bundle : "\(bundle)/\(path)",
        O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
        0
      )
      if number < 0 { throw fail(path) }
      guard finish(Descriptor(owning: number), mode: 0o750) else { throw fail(path) }
    }
    _ = fsync(bundles.number)
  }

  private static func write(_ bytes: [UInt8], to number: Int32) -> Bool {
    var offset = 0
    while offset < bytes.count {
      let count = bytes.withUnsafeBytes { buffer in
        Glibc.write(number, buffer.baseAddress.map { $0 + offset }, buffer.count - offset)
      }
      if count < 0, errno != EINTR { return false }
      offset += max(0, count)
    }
    return true
  }

  private func finish(_ file: consuming Descriptor, mode: mode_t) -> Bool {
    if let owner, fchown(file.number, owner.user, owner.group) != 0 { return false }
    return fchmod(file.number, mode) == 0 && fsync(file.number) == 0
  }

  /// The folders that the agent makes before a release job's scripts run for the first time.
  private func makeRunFolders(_ name: String, data: borrowing Descriptor) throws(Problem) {
    let sys = try folder("sys", in: vmFolder, shown: "\(shownPath)/sys", mode: 0o755)
    for kind in ["log", "run"] {
      let shown = "\(shownPath)/sys/\(kind)"
      let parent = try folder(kind, in: sys, shown: shown, mode: 0o755)
      _ = try folder(name, in: parent, shown: "\(shown)/\(name)", mode: 0o770, isOwned: true)
    }
    _ = try folder(name, in: data, shown: "\(shownPath)/data/\(name)", mode: 0o770, isOwned: true)
  }

  /// Turns `jobs/NAME` to the new folder.
  private func turnLink(
    _ name: String,
    in jobs: borrowing Descriptor,
    to bundle: String,
    _ bundles: borrowing Descriptor
  ) throws(Problem) {
    let shown = "\(shownPath)/jobs/\(name)"
    // Relative if possible, so that the whole VM folder can be moved.
    let isUsual =
      jobs.realPath == "\(realPath)/jobs"
      && bundles.realPath == "\(realPath)/data/jobs/\(name)"
    guard let end = bundles.realPath else { throw Problem(path: shown, what: "/proc is gone") }
    let target = isUsual ? "../data/jobs/\(name)/\(bundle)" : "\(end)/\(bundle)"
    // Not in jobs/, where everything counts as a release job.
    let temporary = ".lockstep-link"
    unlinkat(vmFolder.number, temporary, 0)
    guard symlinkat(target, vmFolder.number, temporary) == 0 else {
      throw Problem(path: shown, what: "no link can be created: \(SystemError.words(errno))")
    }
    if renameat(vmFolder.number, temporary, jobs.number, name) != 0 {
      let number = errno
      unlinkat(vmFolder.number, temporary, 0)
      throw Problem(path: shown, what: "cannot be turned: \(SystemError.words(number))")
    }
    _ = fsync(jobs.number)
  }

  /// Removes a folder with everything in it; links are removed, not followed.
  private static func remove(_ name: String, in parent: Int32) throws(SystemError) {
    let number = lockstep_openat(
      parent,
      name,
      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
      0
    )
    if number < 0 {
      if unlinkat(parent, name, 0) != 0 { throw SystemError("remove \(name)", number: errno) }
      return
    }
    let folder = Descriptor(owning: number)
    for entry in try namesInFolder(".", in: folder.number) {
      try remove(entry, in: folder.number)
    }
    if unlinkat(parent, name, AT_REMOVEDIR) != 0 {
      throw SystemError("remove \(name)", number: errno)
    }
  }
}
