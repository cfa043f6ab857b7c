package import PlanLanguage

/// A plan that was found, read and parsed.
package struct LoadedPlan: Sendable {
  package var parsed: ParseResult
  /// How it is found again: the file's path without links, `bundled:NAME`, or for standard input
  /// what `folderOfStandardInput(key:)` reads.
  package var key: String
  /// The path as given; nil for a bundled plan and for standard input.
  package var path: String?
  /// The included files by name, if they come from a record instead of the disk.
  var recorded: [String: [UInt8]]?
}
