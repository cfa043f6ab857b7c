import PlanLanguage

/// The params and facts that a plan asks for, collected while it is compiled.
final class AskedNames {
  private var params: [FileID: Set<String>] = [:]
  private(set) var facts: Set<String> = []

  func note(param name: String, in file: FileID) { params[file, default: []].insert(name) }

  func note(fact name: String) { facts.insert(name) }

  /// Whether something in the file asks for this param.
  func isAsked(param name: String, in file: FileID) -> Bool {
    params[file]?.contains(name) ?? false
  }
}
