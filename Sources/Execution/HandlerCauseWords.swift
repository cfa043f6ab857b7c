package import PlanGraph

/// The cause of a handler, as text for its steps.
package struct HandlerCauseWords: Hashable, Sendable {
  /// The names of the steps, separated by blanks, which no name contains; `...` at the end if there
  /// are more.
  package var failedSteps: String
  /// Why, in one line without control characters.
  package var reason: String

  /// Makes a cause from text that came from elsewhere.
  package init(failedSteps: String, reason: String) {
    (self.failedSteps, self.reason) = (failedSteps, reason)
  }
}

extension HandlerCause {
  /// No environment variable may be longer than 128 KiB, and more would not be read anyway.
  private static let mostBytes = 16 << 10
  private static let mostReason = 500

  /// The words for the steps of a handler.
  ///
  /// - Parameter graph: the run's graph.
  /// - Returns: the words.
  package func words(in graph: Graph) -> HandlerCauseWords {
    HandlerCauseWords(failedSteps: names(in: graph), reason: reason)
  }

  private func names(in graph: Graph) -> String {
    var text = ""
    var isCut = others > 0
    for step in steps {
      let name = graph.name(step)
      if text.utf8.count + name.utf8.count > Self.mostBytes {
        isCut = true
        break
      }
      text += text.isEmpty ? name : " \(name)"
    }
    if isCut { text += text.isEmpty ? "..." : " ..." }
    return text
  }

  private var reason: String {
    switch ending {
    case .succeeded: return "succeeded"
    case .failed(let failure):
      let line = describe(failure).unicodeScalars.prefix(Self.mostReason).map { scalar in
        scalar.properties.generalCategory == .control ? " " : Character(scalar)
      }
      return String(line)
    }
  }
}
