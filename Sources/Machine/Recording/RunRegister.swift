import CLinux
import Glibc
import System
package import VM

/// Where it is written down that a run has begun and is not over: in the folder that it is recorded in,
/// and beneath each of its VMs, so that every later run on one of them finds it.
///
/// A folder beneath a VM's root that cannot be written, as on a read-only root, is done without.
package final class RunRegister {
  /// The newest name of a run that is taken anywhere.
  private(set) var newest: RunID?
  private let places: [Place]

  /// The name of the folder beneath a state folder.
  static let name = "unfinished"

  private final class Place {
    let state: RunStore
    let folder: Descriptor
    /// Whether the runs are recorded here, or elsewhere.
    let isHome: Bool
    /// Whether the run is to be found here by `resume` as well.
    let isListing: Bool

    init(_ state: RunStore, isHome: Bool, isListing: Bool) throws(Problem) {
      let path = "\(state.path)/\(RunRegister.name)"
      let folder = try PrivateFolder.open(
        RunRegister.name,
        in: state.folder.number,
        path: path,
        makes: true
      )
      guard let folder else { throw Problem(path: path, what: "is gone") }
      self.state = state
      self.folder = folder
      self.isHome = isHome
      self.isListing = isListing
    }
  }

  /// Makes ready; the folders are made where they are missing.
  ///
  /// - Parameters:
  ///   - home: where the run is recorded.
  ///   - vms: its VMs.
  ///   - isListing: whether `resume` is to find it beneath each of them.
  /// - Throws: why it cannot be written down at home.
  package init(
    _ home: RunStore,
    _ vms: [VMFolder] = [],
    isListing: Bool = false
  ) throws(Problem) {
    var places = [try Place(home, isHome: true, isListing: false)]
    var seen = Set([home.identity].compactMap { $0 })
    for vm in vms {
      // Whoever names another folder for the records has a reason, which may be this one.
      guard let state = try? RunStore(.beneath(vm), makes: true),
        let identity = state.identity, seen.insert(identity).inserted,
        let place = try? Place(state, isHome: false, isListing: isListing)
      else { continue }
      places.append(place)
    }
    self.places = places
    newest = nil
    for place in places {
      if let last = try place.state.allIDs().first { noteTaken(last) }
    }
  }

  /// Hears that a name is taken.
  func noteTaken(_ id: RunID) { newest = newest.map { max($0, id) } ?? id }

  /// Writes down that a run begins.
  ///
  /// - Returns: whether its name is free everywhere; else nothing was written.
  /// - Throws: why it cannot be written down at home.
  package func begin(_ id: RunID) throws(Problem) -> Bool {
    let target = places[0].state.target(of: id)
    for place in places where place.isListing {
      if symlinkat(target, place.state.runs.number, id.text) != 0, errno == EEXIST,
        readLink(id.text, in: place.state.runs.number) != target
      {
        noteTaken(id)
        withdraw(id)
        return false
      }
    }
    try note(id)
    return true
  }

  /// Writes down that a run goes on.
  ///
  /// - Throws: why it cannot be written down at home.
  func note(_ id: RunID) throws(Problem) {
    for place in places {
      // Relative, so that it is found in a folder that was moved as well.
      let target = place.isHome ? "../runs/\(id)" : places[0].state.target(of: id)
      if symlinkat(target, place.folder.number, id.text) != 0, errno != EEXIST, place.isHome {
        throw Problem(state: "\(place.state.path)/\(Self.name)/\(id)", errno)
      }
    }
  }

  /// Sees to it that what was written down is on disk.
  ///
  /// - Throws: why that at home is not.
  func sync() throws(Problem) {
    for place in places {
      do throws(Problem) {
        try PrivateFolder.sync(place.folder.number, path: place.state.path)
        if place.isListing {
          try PrivateFolder.sync(place.state.runs.number, path: place.state.path)
        }
      } catch {
        if place.isHome { throw error }
      }
    }
  }

  /// Writes down that a run which was over, or known to nobody, goes on; it is on disk afterwards.
  ///
  /// - Throws: why it cannot be written down at home.
  package func resume(_ id: RunID) throws(Problem) {
    try note(id)
    try sync()
  }

  /// Takes back that a run was begun.
  func withdraw(_ id: RunID) {
    finish(id)
    let target = places[0].state.target(of: id)
    for place in places
    where place.isListing && readLink(id.text, in: place.state.runs.number) == target {
      unlinkat(place.state.runs.number, id.text, 0)
    }
  }

  /// Hears that a run is over.
  ///
  /// Where a power cut undoes that it is looked at once more, and nothing is found.
  package func finish(_ id: RunID) {
    for place in places { unlinkat(place.folder.number, id.text, 0) }
  }
}

extension RunRegister {
  /// Removes the records of old runs where the run is recorded, and elsewhere what leads to none.
  ///
  /// - Parameter keep: how many of the last ones stay.
  package func prune(keep: Int) {
    for place in places {
      if place.isHome { place.state.prune(keep: keep) }
      place.state.removeDeadLinks()
    }
  }
}
