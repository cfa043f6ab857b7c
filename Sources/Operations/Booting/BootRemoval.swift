import VM

/// Removed units for boot and shutdown.
package struct BootRemoval: Equatable, Sendable {
  /// The files that were removed.
  package private(set) var removed: [String] = []
  /// The file of the boot unit for the plan.
  package let path: String
  /// If nothing was removed: the existing units of this plan for other machines.
  package private(set) var others: [String] = []

  /// Removes the units of a plan on some machines.
  ///
  /// - Parameters:
  ///   - argument: the plan as given.
  ///   - vms: its folders, which may be gone.
  ///   - path: the folder of units.
  /// - Throws: an error if a foreign file is in the way, or a file cannot be removed.
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

  /// The resolved path of a folder; the path as given if the folder is gone.
  private static func whole(_ path: String) -> String {
    FileReader.resolved(path) ?? FileReader.absolute(path) ?? path
  }
}
