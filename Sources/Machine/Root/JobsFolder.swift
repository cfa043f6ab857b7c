import CLinux
import Glibc

/// Looks through `jobs/` of a root.
struct JobsFolder {
  /// The root as it was given, for the paths that people see.
  let root: String
  /// The same without links.
  let realRoot: String
  private(set) var names: [CheckedName] = []
  private(set) var problems: [Problem] = []

  init(root: String, realRoot: String) {
    self.root = root
    self.realRoot = realRoot
  }

  private func shown(_ name: String) -> String {
    let folder = root.hasSuffix("/") ? root + "jobs" : root + "/jobs"
    if name.isEmpty { return folder }
    // A name that is refused may hold anything.
    return (try? CheckedName(name)) != nil ? "\(folder)/\(name)" : "\(folder)/\(quoted(name))"
  }

  /// Finds the release jobs and everything that is wrong with them.
  mutating func list(in folder: borrowing Descriptor) {
    switch folder.containment(of: "jobs", beneath: realRoot) {
    case .inside: break
    case .absent:
      problems = [
        Problem(
          path: shown(""),
          what: "does not exist",
          help: "a VM's root has a folder for each release job in jobs/; is this the right root?"
        )
      ]
      return
    case .outside(let end):
      problems = [Self.endsOutside(shown(""), end, realRoot)]
      return
    case .unknown(let number):
      problems = [Problem(path: shown(""), what: "cannot be opened: \(SystemError.words(number))")]
      return
    }
    let entries: [FolderEntry]
    do {
      entries = try entriesOfFolder("jobs", in: folder.number)
    } catch {
      let what = error.number == ENOTDIR ? "is not a folder" : SystemError.words(error.number)
      problems = [Problem(path: shown(""), what: what)]
      return
    }
    for entry in entries { look(at: entry, in: folder) }
  }

  private mutating func look(at found: FolderEntry, in folder: borrowing Descriptor) {
    let entry = found.name
    if found.isFolder, let name = try? CheckedName(entry) {
      // In a folder that is beneath the root, and no link: so it is beneath the root.
      names.append(name)
      return
    }
    let path = "jobs/" + entry
    if entry.hasPrefix("."),
      let status = fileStatus(path, in: folder.number, follow: false), status.isRegular
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
    switch folder.containment(of: path, beneath: realRoot) {
    case .inside:
      if let status = fileStatus(path, in: folder.number, follow: true), status.isFolder {
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
      problems.append(Self.endsOutside(shown(entry), end, realRoot))
    case .absent:
      problems.append(
        Problem(path: shown(entry), what: "is a link to nothing", help: "remove or mend it")
      )
    case .unknown(let number):
      problems.append(
        Problem(path: shown(entry), what: "cannot be opened: \(SystemError.words(number))")
      )
    }
  }

  private static func endsOutside(_ path: String, _ end: String, _ root: String) -> Problem {
    Problem(
      path: path,
      what: "ends outside of the root, at \(quoted(end))",
      help: "only what is beneath \(root) is run; put the folder there"
    )
  }
}
