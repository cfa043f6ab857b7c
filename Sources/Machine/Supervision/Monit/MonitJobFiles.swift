import CLinux
import Glibc
import System
import VM
import Words

/// The files through which a VM's monit knows the processes of release jobs:
/// `monit/job/NNNN_JOB.monitrc`.
///
/// BOSH's agent deletes them when it applies a spec, and writes them when it starts the processes
/// (agent/applier/concrete_applier.go, `ConfigureJobs`): copies of the release jobs' own, with
/// numbers that count down over the spec.
enum MonitJobFiles {
  private static let folder = "monit/job"

  /// Whether a monit loads what is in that folder of a machine.
  static func areLoaded(by settings: MonitSettings, on vm: VMFolder) -> Bool {
    let suffix = "/\(folder)/*.monitrc"
    return settings.includes.contains { pattern in
      guard pattern.hasSuffix(suffix) else { return false }
      let base = String(pattern.dropLast(suffix.count))
      if base == vm.path { return true }
      guard let folder = try? Descriptor.folder(base) else { return false }
      return folder.realPath == vm.path
    }
  }

  /// Writes them, and removes those of release jobs that are not there any more.
  ///
  /// - Throws: one line for people.
  static func write(on vm: VMFolder) throws(PlainFailure) {
    var files: [(name: String, content: [UInt8])] = []
    for (index, releaseJob) in vm.releaseJobs.reversed().enumerated() {
      let prefix = padded(index, to: 4)
      for file in ReleaseJobProcesses.files(of: releaseJob.text, on: vm) {
        guard let content = try vm.controlFile(file, limit: ReleaseJobProcesses.largest) else {
          continue
        }
        let base = String(file.split(separator: "/").last ?? "")
        let label = base == "monit" ? "" : "_\(base.dropLast(".monit".count))"
        files.append(("\(prefix)_\(releaseJob.text)\(label).monitrc", content))
      }
    }
    let folder = try open(on: vm)
    let wanted = Set(files.map(\.name))
    for name in (try? namesInFolder(".", in: folder.number)) ?? []
    where isOurs(name) && !wanted.contains(name) {
      unlinkat(folder.number, name, 0)
    }
    for file in files { try write(file.content, file.name, in: folder, vm) }
  }

  /// Four digits, `_`, a name, `.monitrc`.
  private static func isOurs(_ name: String) -> Bool {
    let digits = name.prefix { ("0"..."9").contains($0) }
    return digits.count >= 4 && name.dropFirst(digits.count).hasPrefix("_")
      && name.hasSuffix(".monitrc")
  }

  private static func open(on vm: VMFolder) throws(PlainFailure) -> Descriptor {
    mkdirat(vm.folder.number, "monit", 0o777)
    mkdirat(vm.folder.number, folder, 0o777)
    let number = lockstep_openat(
      vm.folder.number,
      folder,
      O_RDONLY | O_DIRECTORY | O_CLOEXEC,
      0
    )
    if number < 0 {
      throw PlainFailure(words: "open \(vm.path)/\(folder): \(SystemError.words(errno))")
    }
    let opened = Descriptor(owning: number)
    let end = opened.realPath ?? ""
    if isPath(end, beneath: vm.path) { return opened }
    throw PlainFailure(
      words: "\(vm.path)/\(folder) leads outside the VM's folder, to \(quoted(end)); fix the link"
    )
  }

  /// Puts a file in place whole: monit may be reading.
  private static func write(
    _ content: [UInt8],
    _ name: String,
    in folder: borrowing Descriptor,
    _ vm: VMFolder
  ) throws(PlainFailure) {
    let temporary = ".\(name).new"
    func failure() -> PlainFailure {
      let words = SystemError.words(errno)
      unlinkat(folder.number, temporary, 0)
      return PlainFailure(words: "write \(vm.path)/\(self.folder)/\(name): \(words)")
    }
    unlinkat(folder.number, temporary, 0)
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    // Later versions of monit want their files private.
    let number = lockstep_openat(folder.number, temporary, flags, 0o600)
    if number < 0 { throw failure() }
    let file = Descriptor(owning: number)
    var rest = content[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(file.number, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count <= 0 { throw failure() }
      rest = rest.dropFirst(count)
    }
    if renameat(folder.number, temporary, folder.number, name) != 0 { throw failure() }
  }
}
