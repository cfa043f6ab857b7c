package import Reports
package import VM

extension ScriptFacts {
  /// The facts of a script that was looked at.
  package init(_ found: ScriptInspection.Found) {
    self.init(
      firstLine: found.firstLine,
      size: found.size,
      mode: found.mode,
      sha256: found.sha256
    )
  }
}
