import CLinux
import Glibc
package import System

/// The folder of a VM: laid out like BOSH's `/var/vcap`, or a plain machine's.
///
/// It is opened and searched once.
///
/// A machine is *plain* if it has nothing to do with BOSH and has no release jobs: any folder
/// without `jobs` and `bosh`, and `/`, which is the machine that Lockstep runs on.
package final class VMFolder: Sendable {
  /// Where BOSH has it.
  package static let standard = "/var/vcap"
  /// The machine that Lockstep runs on, without a separate folder.
  package static let wholeMachine = "/"

  /// The default folder: BOSH's own if it exists, otherwise the machine itself.
  package static var defaultPath: String {
    FileStatus(standard, follow: false) == nil ? wholeMachine : standard
  }

  /// Its absolute path, all links resolved.
  package let path: String
  /// As it was asked for.
  package let givenPath: String
  /// The release jobs: those that `bosh/spec.json` names, in its order, if it exists; otherwise
  /// those found in `jobs/`, in the order of their bytes.
  package let releaseJobs: [CheckedName]
  /// Whether it is `bosh/spec.json` that names them.
  package let hasSpec: Bool
  /// Whether it has nothing to do with BOSH, and so has no release jobs.
  package let isPlain: Bool
  /// What is in `jobs/` but does not run, because `bosh/spec.json` does not name it; unchecked
  /// names.
  package let leftovers: [String]
  /// The deployment job and the index of the instance that this VM is; `vm` and `0` if unknown.
  package let instance: (deploymentJob: String, index: String)
  /// The size of its persistent disk in MiB, as `bosh/spec.json` says; 0 if it does not.
  package let persistentDisk: Int
  /// What the VM knows about itself, by the names of facts.
  package let facts: [String: String]
  /// Why a fact that VMs usually know is not among them, for people.
  package let factRemarks: [String]
  /// The folder, to resolve names in.
  package let folder: Descriptor
  /// Folders in it, and `""` for itself, that were found to be writable only by root.
  let trustedFolders = Locked<Set<String>>([])
  /// Where its scripts run: `bosh/` as on a stemcell, or the folder itself if there is none.
  package let workingFolder: Descriptor
  let workingFolderPath: String

  /// Opens a VM's folder and finds its release jobs.
  ///
  /// Every release job must be a folder in `jobs/`, or a link to one inside the VM's folder, with a
  /// name that BOSH allows. If no `bosh/spec.json` names them, everything in `jobs/` is one; hidden
  /// files such as `.gitkeep` are ignored.
  ///
  /// - Parameter path: absolute, or relative to the current folder; links in it are followed.
  /// - Throws: everything that is wrong with the folder and with `jobs/`.
  package init(_ path: String) throws(VMRefusal) {
    let folder: Descriptor
    do {
      folder = try Descriptor.folder(path)
    } catch {
      throw VMRefusal(problems: [Self.cannotOpen(path, error.number)])
    }
    guard let real = folder.realPath else {
      throw VMRefusal(problems: [
        Problem(path: path, what: "its location cannot be determined", help: "mount /proc")
      ])
    }
    if access(real, R_OK | X_OK) != 0 {
      throw VMRefusal(problems: [Self.cannotOpen(path, errno)])
    }
    isPlain = Self.isPlain(folder, real)
    let spec: ApplySpec?
    do {
      spec = isPlain ? nil : try Self.spec(in: folder, real, path)
    } catch {
      throw VMRefusal(problems: [error])
    }
    var jobs = JobsFolder(givenPath: path, realPath: real)
    if !isPlain { jobs.list(in: folder, wanted: spec?.releaseJobs) }
    let stemcell =
      isPlain
      ? nil : StemcellFacts(in: folder.number, real, system: Self.system(around: real, path))
    let problems = jobs.problems + (stemcell?.problems ?? [])
    if !problems.isEmpty { throw VMRefusal(problems: problems) }

    // Judged by its location after it was opened, so that nobody can replace it in between.
    if !isPlain, let bosh = try? Descriptor.folder("bosh", in: folder.number),
      let end = bosh.realPath, isPath(end, beneath: real)
    {
      workingFolder = bosh
      workingFolderPath = real + "/bosh"
    } else {
      do {
        workingFolder = try Descriptor.folder(".", in: folder.number)
        workingFolderPath = real
      } catch {
        throw VMRefusal(problems: [Self.cannotOpen(path, error.number)])
      }
    }
    self.path = real
    givenPath = path
    releaseJobs = jobs.names
    hasSpec = spec != nil
    leftovers = jobs.leftovers
    persistentDisk = spec?.persistentDisk ?? 0
    instance = (spec?.deploymentJob ?? "vm", spec?.index ?? "0")
    var facts = (stemcell?.facts ?? [:]).merging(spec?.facts ?? [:]) { $1 }
    if let name = Self.hostName { facts["vm.host"] = name }
    self.facts = facts
    factRemarks = stemcell?.remarks ?? []
    self.folder = folder
  }

  /// Whether a folder is that of a plain machine.
  ///
  /// BOSH's own folder never is: without `jobs` something is wrong with it.
  private static func isPlain(_ folder: borrowing Descriptor, _ real: String) -> Bool {
    if real == wholeMachine { return true }
    if real == standard || real.hasSuffix(standard) { return false }
    return ["jobs", "bosh"].allSatisfy { name in
      FileStatus(name, in: folder.number, follow: false) == nil && errno == ENOENT
    }
  }

  /// More than any director writes.
  private static let longestSpec = 16 << 20

  /// Checks only whether the agent's apply spec, if there is one, can be read.
  ///
  /// - Parameter path: of the VM's folder.
  /// - Throws: what is wrong with it.
  package static func checkSpec(onVM path: String) throws(Problem) {
    guard let folder = try? Descriptor.folder(path), let real = folder.realPath else { return }
    _ = try spec(in: folder, real, path)
  }

  /// Reads the agent's apply spec; nil if there is none.
  static func spec(
    in folder: borrowing Descriptor,
    _ real: String,
    _ given: String
  ) throws(Problem) -> ApplySpec? {
    do throws(PlainFailure) {
      let bytes = try VMFile.read(
        ApplySpec.path,
        in: folder.number,
        beneath: real,
        limit: longestSpec
      )
      guard let bytes else { return nil }
      return try ApplySpec(bytes)
    } catch {
      throw Problem(
        path: given.hasSuffix("/") ? given + ApplySpec.path : "\(given)/\(ApplySpec.path)",
        what: error.words,
        help: "it says which release jobs run; have the agent write it again, or move it away to "
          + "run all release jobs in jobs/"
      )
    }
  }

  /// The `etc` of the system that a VM's folder belongs to: the folder next to `var` if it is a
  /// `/var/vcap`, mounted anywhere; nil for any other.
  private static func system(around real: String, _ given: String) -> String? {
    if given == standard { return "/etc" }
    return real.hasSuffix(standard) ? String(real.dropLast(standard.utf8.count)) + "/etc" : nil
  }

  /// What this machine calls itself.
  private static var hostName: String? {
    let name = ThisMachine.name
    return CheckedName.refusal(of: name) == nil ? name : nil
  }

  private static func cannotOpen(_ path: String, _ number: Int32) -> Problem {
    switch number {
    case ENOENT:
      Problem(
        path: path,
        what: "does not exist",
        help:
          "give an existing folder with --vm ROOT: /var/vcap on a BOSH VM, any folder elsewhere"
      )
    case ENOTDIR:
      Problem(path: path, what: "is not a folder", help: "give a folder with --vm ROOT")
    case EACCES, EPERM:
      Problem(
        path: path,
        what: "cannot be read",
        help: "run as root, or as a user who may read it"
      )
    default:
      Problem(path: path, what: "cannot be opened: \(SystemError.words(number))")
    }
  }

  /// The path of a release job's script, relative to the VM's folder.
  package static func scriptPath(_ releaseJob: String, _ script: String) -> String {
    "jobs/\(releaseJob)/bin/\(script)"
  }

  /// Whether a release job has a script.
  ///
  /// As in BOSH: whatever stat(2) finds, with links followed, exists. A dangling link does not, and
  /// neither does a name that cannot be a release job's or a script's.
  package func hasScript(_ script: String, of releaseJob: String) -> Bool {
    guard (try? CheckedName(releaseJob)) != nil, (try? CheckedName(script)) != nil else {
      return false
    }
    let path = Self.scriptPath(releaseJob, script)
    return FileStatus(path, in: folder.number, follow: true) != nil || errno != ENOENT
  }

  /// Where its logs are, relative to it.
  package var logsPath: String { path == Self.wholeMachine ? "var/log" : "sys/log" }

  /// The folders on the way to its logs, from the outermost on; relative to it.
  package var logFolders: [String] {
    path == Self.wholeMachine ? ["var", "var/log"] : ["sys", "sys/log"]
  }

  /// The folder whose subfolder `lockstep` holds the records of runs; relative to it.
  package var dataPath: String { Self.dataPath(of: path) }

  /// The same for a VM's folder that is not opened.
  ///
  /// - Parameter path: of the VM's folder, links resolved.
  /// - Returns: the same as `dataPath`.
  package static func dataPath(of path: String) -> String {
    path == wholeMachine ? "var/lib" : "data"
  }

  /// The absolute path of something in it.
  package func absolute(_ relative: String) -> String {
    path == "/" ? "/\(relative)" : "\(path)/\(relative)"
  }
}
