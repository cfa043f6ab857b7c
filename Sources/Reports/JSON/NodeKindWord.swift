import PlanGraph

extension NodeKind {
  /// The word for it in JSON.
  var word: String {
    switch self {
    case .step: "step"
    case .barrier: "barrier"
    case .join: "join"
    case .blockBegin: "block-begin"
    case .blockEnd: "block-end"
    }
  }
}
