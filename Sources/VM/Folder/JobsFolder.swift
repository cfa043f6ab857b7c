import CLinux
import Glibc
import System
import Words

/// Looks through `jobs/` of a root.
struct JobsFolder {
  /// The root as it was given, for the paths that people see.
  let givenPath: String
  /// The same without links.
  let realPath: String
  private(set) var names: [CheckedName] = []
  /// What is in `jobs/` but is not a release job of this VM according to `bosh/spec.json`.
  private(set) var leftovers: [String] = []
  private(set) var problems: [Problem] = []

  init(givenPath: String, realPath: String) {
    self.givenPath = givenPath
    self.realPath = realPath
  }

  private func shown(_ name: String) -> String {
    let folder = givenPath.hasSuffix("/") ? givenPath + "jobs" : givenPath + "/jobs"
    if name.isEmpty { return folder }
    // A name that is refused may hold anything.
    return (try? CheckedName(name)) != nil ? "\(folder)/\(name)" : "\(folder)/\(quoted(name))"
  }

  /// Finds the release jobs and everything that is wrong with them.
  ///
  /// - Parameters:
  ///   - folder: the root.
  ///   - wanted: those that the VM should have, in this order; nil for all that exist.
  mutating func list(in folder: borrowing Descriptor, wanted: [CheckedName]?) {
    if let wanted, wanted.isEmpty, FileStatus("jobs", in: folder.number, follow: true) == nil {
      return
    }
    guard let jobs = open(in: folder) else { return }
    let entries: [FolderEntry]
    do {
      entries = try entriesOfFolder(".", in: jobs.number)
    } catch {
      problems = [Problem(path: shown(""), what: SystemError.words(error.number))]
      return
    }
    guard let wanted else {
      for entry in entries { check(entry, in: jobs) }
      return
    }
    let known = Dictionary(entries.map { ($0.name, $0) }) { $1 }
    for name in wanted {
      if let entry = known[name.text] {
        check(entry, in: jobs)
      } else {
        problems.append(
          Problem(
            path: shown(name.text),
            what: "does not exist, and \(ApplySpec.path) names this release job",
            help: "the agent has not applied that file completely; apply it again"
          )
        )
      }
    }
    let names = Set(wanted.map(\.text))
    leftovers = entries.map(\.name).filter { !names.contains($0) && !$0.hasPrefix(".") }
  }

  /// Opens `jobs` once: what follows inspects this folder, even if it is replaced in the meantime.
  private mutating func open(in folder: borrowing Descriptor) -> Descriptor? {
    let jobs: Descriptor
    do {
      jobs = try Descriptor.folder("jobs", in: folder.number)
    } catch {
      problems = [cannotOpen(error.number)]
      return nil
    }
    guard let end = jobs.realPath else {
      problems = [Problem(path: shown(""), what: "cannot be located", help: "mount /proc")]
      return nil
    }
    if isPath(end, beneath: realPath) { return jobs }
    problems = [Self.endsOutside(shown(""), end, realPath)]
    return nil
  }

  private func cannotOpen(_ number: Int32) -> Problem {
    switch number {
    case ENOENT:
      Problem(
        path: shown(""),
        what: "does not exist",
        help:
          "a VM's folder has a folder in jobs/ for each release job; is this the right folder? On "
          + "a machine without BOSH, use --vm /"
      )
    case ENOTDIR: Problem(path: shown(""), what: "is not a folder")
    default: Problem(path: shown(""), what: "cannot be opened: \(SystemError.words(number))")
    }
  }

  private mutating func check(_ found: FolderEntry, in jobs: borrowing Descriptor) {
    let entry = found.name
    if found.isFolder, let name = try? CheckedName(entry) {
      // It is in a folder inside the VM's folder, and not a link: so it is inside, too.
      names.append(name)
      return
    }
    if entry.hasPrefix("."),
      let status = FileStatus(entry, in: jobs.number, follow: false), status.isRegular
    {
      return
    }
    let name: CheckedName
    do {
      name = try CheckedName(entry)
    } catch {
      problems.append(
        Problem(
          path: shown(entry),
          what: "the name of this release job \(error.reason)",
          help: "rename or remove it"
        )
      )
      return
    }
    switch jobs.containment(of: entry, beneath: realPath) {
    case .inside:
      if let status = FileStatus(entry, in: jobs.number, follow: true), status.isFolder {
        names.append(name)
      } else {
        problems.append(
          Problem(
            path: shown(entry),
            what: "is not a folder, and jobs/ holds a folder for each release job",
            help: "remove it"
          )
        )
      }
    case .outside(let end):
      problems.append(Self.endsOutside(shown(entry), end, realPath))
    case .absent:
      problems.append(
        Problem(path: shown(entry), what: "is a dangling link", help: "fix or remove it")
      )
    case .unknown(let number):
      problems.append(
        Problem(path: shown(entry), what: "cannot be opened: \(SystemError.words(number))")
      )
    }
  }

  private static func endsOutside(_ path: String, _ end: String, _ vmPath: String) -> Problem {
    Problem(
      path: path,
      what: "leads outside the VM's folder, to \(quoted(end))",
      help: "only what is inside \(vmPath) is run; put the folder there"
    )
  }
}
