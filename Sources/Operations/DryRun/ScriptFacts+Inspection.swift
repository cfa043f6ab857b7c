package import Reports
package import VM

extension ScriptFacts {
  /// The facts of an inspected script.
  package init(_ found: ScriptInspection.Found) {
    self.init(
      firstLine: found.firstLine,
      size: found.size,
      mode: found.mode,
      sha256: found.sha256
    )
  }
}
