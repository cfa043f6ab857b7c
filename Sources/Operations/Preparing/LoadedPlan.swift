package import PlanLanguage

/// A plan that was found, read and parsed.
package struct LoadedPlan: Sendable {
  package var parsed: ParseResult
  /// Where it is found again: the file's path without links, `bundled:NAME`, or for standard input
  /// what `folderOfStandardInput(key:)` reads.
  package var key: String
  /// The path as it was given; nil for a bundled plan and for standard input.
  package var path: String?
  /// The files that it includes, by their names, where they are those of a record and not of today.
  var recorded: [String: [UInt8]]?
}
