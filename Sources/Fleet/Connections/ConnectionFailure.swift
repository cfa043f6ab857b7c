package import VM
package import Wire

/// Why a host cannot be reached, or is no longer.
package struct ConnectionFailure: Error, Hashable, Sendable {
  /// One line for people.
  package var words: String
  /// What to do about it; nil if `words` says it all.
  package var help: String?
  /// What is wrong with the VM, if it was reached and refuses.
  package var problems: [Problem] = []
  /// Whether trying again later is of no use.
  package var isPermanent = false

  /// Makes a failure.
  init(_ words: String, help: String? = nil, isPermanent: Bool = false) {
    self.words = words
    self.help = help
    self.isPermanent = isPermanent
  }

  /// Takes what a far end refuses for.
  init(_ problems: [WireProblem]) {
    self.problems = problems.map { Problem($0) }
    words = self.problems.first?.description ?? "it refuses"
    isPermanent = true
  }
}

extension Problem {
  /// A problem on another machine.
  package init(_ problem: WireProblem) {
    self.init(path: problem.path, what: problem.what, help: problem.help)
    isWarning = problem.isWarning
  }
}
