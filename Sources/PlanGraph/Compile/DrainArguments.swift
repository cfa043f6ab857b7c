import PlanLanguage

extension PhaseCompiler {
  /// The possible first and second arguments of a drain script, about its release jobs.
  ///
  /// Source: BOSH's agent, script/drain/script_params.go. Only the agent itself uses
  /// `job_check_status`.
  private static let jobChanges = ["job_shutdown", "job_changed", "job_unchanged", "job_new"]
  private static let hashChanges = ["hash_unchanged", "hash_changed", "hash_new"]
  private static let standard = ["job_shutdown", "hash_unchanged"]

  /// The arguments of a drain script's first call.
  ///
  /// A string may hold several, separated by blanks, or none, so one param can name all packages
  /// that change. They are sorted, as in BOSH.
  func drainArguments(_ literals: [StringLiteral], _ context: Context) -> [String] {
    guard let first = literals.first, let last = literals.last else { return Self.standard }
    let span = Span(first.span.start, last.span.end)
    var words: [String] = []
    for literal in literals {
      guard let value = context.values.string(literal), !value.isBelieved else {
        return Self.standard
      }
      words += value.text.split { $0 == " " || $0 == "\t" || $0 == "\n" }.map(String.init)
    }
    for (index, known) in [Self.jobChanges, Self.hashChanges].enumerated() {
      let found = index < words.count ? words[index] : nil
      if let found, known.contains(found) { continue }
      let place = index == 0 ? "first" : "second"
      sink.report(
        .wrongKindOfValue,
        at: context.unit.location(span),
        "the \(place) argument of a drain script is one of \(known.joined(separator: ", ")), "
          + (found.map { "and not '\($0)'" } ?? "and is missing"),
        notes: [
          Diagnostic.Note("without arguments it is called with job_shutdown hash_unchanged")
        ]
      )
      return Self.standard
    }
    return words[..<2] + words[2...].sorted()
  }
}
