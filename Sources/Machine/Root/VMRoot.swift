import CLinux
import Glibc
package import PlanGraph

/// A folder laid out like a BOSH VM's `/var/vcap`, opened and looked through once.
package final class VMRoot: Sendable {
  /// Where BOSH has it.
  package static let standard = "/var/vcap"

  /// Its absolute path, all links resolved.
  package let path: String
  /// As it was asked for.
  package let givenPath: String
  /// The release jobs found in `jobs/`, in the order of their bytes.
  package let releaseJobs: [CheckedName]
  /// The folder, to resolve names in.
  let folder: Descriptor
  /// Where its scripts run: `bosh/` as on a stemcell, or the root itself where there is none.
  let workingFolder: Descriptor
  let workingFolderPath: String

  /// Opens a root and finds its release jobs.
  ///
  /// Every entry of `jobs/` must be a folder, or a link that ends at one beneath the root, with a
  /// name that BOSH means to allow; a hidden file such as `.gitkeep` is passed over.
  ///
  /// - Parameter path: absolute, or relative to the present folder; links in it are followed.
  /// - Throws: all that is wrong with the root and with `jobs/`.
  package init(_ path: String) throws(RefusedRoot) {
    let folder: Descriptor
    do {
      folder = try Descriptor.folder(path)
    } catch {
      throw RefusedRoot(problems: [Self.cannotOpen(path, error.number)])
    }
    guard let real = folder.realPath else {
      throw RefusedRoot(problems: [
        Problem(path: path, what: "where it is cannot be found out", help: "mount /proc")
      ])
    }
    if access(real, R_OK | X_OK) != 0 {
      throw RefusedRoot(problems: [Self.cannotOpen(path, errno)])
    }
    var jobs = JobsFolder(root: path, realRoot: real)
    jobs.list(in: folder)
    if !jobs.problems.isEmpty { throw RefusedRoot(problems: jobs.problems) }

    let bosh: Descriptor?
    switch folder.containment(of: "bosh", beneath: real) {
    case .inside: bosh = try? Descriptor.folder("bosh", in: folder.number)
    default: bosh = nil
    }
    do {
      if let bosh {
        workingFolder = bosh
        workingFolderPath = real + "/bosh"
      } else {
        workingFolder = try Descriptor.folder(real)
        workingFolderPath = real
      }
    } catch {
      throw RefusedRoot(problems: [Self.cannotOpen(path, error.number)])
    }
    self.path = real
    givenPath = path
    releaseJobs = jobs.names
    self.folder = folder
  }

  private static func cannotOpen(_ path: String, _ number: Int32) -> Problem {
    switch number {
    case ENOENT:
      Problem(
        path: path,
        what: "does not exist",
        help: "give the folder that is laid out like a BOSH VM's /var/vcap with --vm ROOT"
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

  /// The path of a release job's script, relative to the root.
  static func scriptPath(_ releaseJob: String, _ script: String) -> String {
    "jobs/\(releaseJob)/bin/\(script)"
  }

  /// Whether a release job has a script.
  ///
  /// As in BOSH: what stat(2) finds, links followed, is there, whatever it is; a link to nothing is
  /// not; neither is a name that could not be a release job's or a script's.
  package func hasScript(_ script: String, of releaseJob: String) -> Bool {
    guard (try? CheckedName(releaseJob)) != nil, (try? CheckedName(script)) != nil else {
      return false
    }
    let path = Self.scriptPath(releaseJob, script)
    return fileStatus(path, in: folder.number, follow: true) != nil || errno != ENOENT
  }

  /// Whether a release job has processes to start and stop: those of group vcap in its monit files, or
  /// systemd units that it names.
  ///
  /// A file that cannot be understood is taken to have some, so that a step is there to say so.
  package func hasProcesses(of releaseJob: String) -> Bool {
    guard (try? CheckedName(releaseJob)) != nil else { return false }
    do {
      return try !SystemdUnits.read(of: releaseJob, on: self).isEmpty
    } catch {
      return true
    }
  }

  /// What a plan is compiled against where this is the only machine.
  ///
  /// A plan that declares no deployment job has one here, `vm`, with instance `0`.
  package var site: Site {
    Site(
      discovered: Site.Discovered(
        deploymentJob: "vm",
        instance: "0",
        releaseJobs: releaseJobs.map(\.text)
      ),
      facts: [:],
      hasScript: { _, releaseJob, script in self.hasScript(script, of: releaseJob) },
      hasProcesses: { _, releaseJob in self.hasProcesses(of: releaseJob) }
    )
  }
}
