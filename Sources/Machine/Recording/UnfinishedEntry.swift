import CLinux
import Glibc
import System
package import VM

extension RunStore {
  /// Which folder it is.
  var identity: FileIdentity? {
    FileStatus(".", in: folder.number, follow: true)?.identity
  }

  /// The whole path of a run's folder, for a link elsewhere.
  func target(of id: RunID) -> String { "\(folder.realPath ?? path)/runs/\(id)" }

  /// An unfinished run that is registered here.
  package struct Unfinished: Sendable {
    package let id: RunID
    /// Where it is recorded, for people.
    package let path: String
    /// Whether that is in this very folder.
    package let isHere: Bool
  }

  /// The runs that are registered here, oldest first.
  package func unfinished() -> [Unfinished] {
    guard
      let folder = try? PrivateFolder.open(
        RunRegister.name,
        in: folder.number,
        path: "\(path)/\(RunRegister.name)",
        makes: false
      )
    else { return [] }
    let names = (try? namesInFolder(".", in: folder.number)) ?? []
    return names.compactMap { RunID($0) }.sorted().compactMap { id in
      guard let target = readLink(id.text, in: folder.number) else { return nil }
      let isHere = target == "../runs/\(id)"
      return Unfinished(id: id, path: isHere ? self.target(of: id) : target, isHere: isHere)
    }
  }

  /// Opens the folder of such a run.
  ///
  /// - Throws: why it cannot be used.
  package func open(_ run: Unfinished) throws(Problem) -> RunFolder {
    try Self.open(run.id, at: run.path)
  }

  /// Removes an abandoned run from the unfinished ones.
  package func forget(_ id: RunID) { unlinkat(folder.number, "\(RunRegister.name)/\(id)", 0) }
}
