import VM

/// Units for a boot and for the way down that were removed.
package struct BootRemoval: Equatable, Sendable {
  /// The files that were removed.
  package private(set) var removed: [String] = []
  /// The file of the unit that would run the plan after a boot.
  package let path: String
  /// Where nothing was removed: the units that there are of this plan for other machines.
  package private(set) var others: [String] = []

  /// Removes the units of a plan on some machines.
  ///
  /// - Parameters:
  ///   - argument: as the plan was named.
  ///   - vms: its folders, which need not be there any more.
  ///   - path: the folder of units.
  /// - Throws: where a file of somebody else's is in the way, or cannot be removed.
  package init(
    of argument: String,
    _ vms: VMRequest,
    from path: String
  ) throws(CommandFailure) {
    let folders = vms.paths(planPath: argument).map(Self.whole)
    let boot = BootName.unit(plan: argument, folders: folders)
    do throws(Problem) {
      let folder = try UnitFolder(path)
      self.path = folder.path(of: boot)
      for unit in [boot, BootUnit.shutdownName(of: boot)] where try folder.remove(unit) {
        removed.append(folder.path(of: unit))
      }
      if removed.isEmpty { others = folder.units(of: BootName.plan(argument)) }
    } catch {
      throw .refused([error])
    }
  }

  /// Where a folder is, links followed; as it is written where it is not there any more.
  private static func whole(_ path: String) -> String {
    FileReader.resolved(path) ?? FileReader.absolute(path) ?? path
  }
}
