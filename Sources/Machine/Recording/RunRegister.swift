import CLinux
import Glibc
import System
package import VM

/// Records that a run is unfinished: in the folder that it is recorded in, and in each of its VMs'
/// folders, so that every later run on one of them finds it.
///
/// A VM's folder that cannot be written to, such as a read-only one, is skipped.
package final class RunRegister {
  /// The newest run ID that is taken anywhere.
  private(set) var newest: RunID?
  private let places: [Place]

  /// The name of the folder in a state folder.
  static let name = "unfinished"

  private final class Place {
    let state: RunStore
    let folder: Descriptor
    /// Whether the runs are recorded here.
    let isHome: Bool
    /// Whether `resume` finds the run here as well.
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

  /// Prepares it; creates missing folders.
  ///
  /// - Parameters:
  ///   - home: where the run is recorded.
  ///   - vms: its VMs.
  ///   - isListing: whether `resume` finds it in each of their folders.
  /// - Throws: why it cannot be written down at home.
  package init(
    _ home: RunStore,
    _ vms: [VMFolder] = [],
    isListing: Bool = false
  ) throws(Problem) {
    var places = [try Place(home, isHome: true, isListing: false)]
    var seen = Set([home.identity].compactMap { $0 })
    for vm in vms {
      // There may be a reason why another folder was given for the records; it may be this one.
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

  /// Notes that an ID is taken.
  func noteTaken(_ id: RunID) { newest = newest.map { max($0, id) } ?? id }

  /// Records that a run begins.
  ///
  /// - Returns: whether its ID is free everywhere; otherwise nothing was written.
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

  /// Records that a run continues.
  ///
  /// - Throws: why it cannot be written down at home.
  func note(_ id: RunID) throws(Problem) {
    for place in places {
      // Relative, so that it also works after the folder was moved.
      let target = place.isHome ? "../runs/\(id)" : places[0].state.target(of: id)
      if symlinkat(target, place.folder.number, id.text) != 0, errno != EEXIST, place.isHome {
        throw Problem(state: "\(place.state.path)/\(Self.name)/\(id)", errno)
      }
    }
  }

  /// Makes sure that what was recorded is on disk.
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

  /// Records that a run continues that was over, or was not registered; it is on disk afterwards.
  ///
  /// - Throws: why it cannot be written down at home.
  package func resume(_ id: RunID) throws(Problem) {
    try note(id)
    try sync()
  }

  /// Withdraws the record that a run has begun.
  func withdraw(_ id: RunID) {
    finish(id)
    let target = places[0].state.target(of: id)
    for place in places
    where place.isListing && readLink(id.text, in: place.state.runs.number) == target {
      unlinkat(place.state.runs.number, id.text, 0)
    }
  }

  /// Notes that a run is over.
  ///
  /// If a power failure undoes this, the run is inspected again, and nothing is found.
  package func finish(_ id: RunID) {
    for place in places { unlinkat(place.folder.number, id.text, 0) }
  }
}

extension RunRegister {
  /// Removes the records of old runs where this run is recorded, and dangling links elsewhere.
  ///
  /// - Parameter keep: how many of the last ones stay.
  package func prune(keep: Int) {
    for place in places {
      if place.isHome { place.state.prune(keep: keep) }
      place.state.removeDeadLinks()
    }
  }
}
