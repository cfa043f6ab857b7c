import PlanLanguage

/// What must be there on a release job or instance for a step to have anything to do.
enum Need: Sendable {
  case nothing
  case script(String)
  case processes

  var isProcesses: Bool { if case .processes = self { true } else { false } }
}

/// The release jobs that a step of an instance is about, one node for each of them.
enum Spread: Sendable {
  /// None: it is about its subject itself.
  case none
  /// All of the instance, or those of these names.
  case releaseJobs(Set<String>?)
}

/// A statement with its templates, to be put into the graph once for each subject.
enum CompiledStatement {
  case step(StepTemplateID, Need, Spread)
  indirect case block(CompiledBlock)
}

/// A block with its templates.
///
/// A block without a template has no nodes of its own: nothing about it matters to a run but the
/// order of what it holds.
struct CompiledBlock {
  var template: BlockTemplateID?
  var isParallel: Bool
  var statements: [CompiledStatement]
  /// In the order of the text.
  var onFailure: [CompiledBlock] = []
  var finally: [CompiledBlock] = []
}

/// A phase with its templates and the subjects that it takes.
struct CompiledPhase {
  var item: ItemID
  var scope: Scope
  /// Names of deployment jobs that it keeps; nil for all.
  var deploymentJobs: Set<String>?
  /// Names of release jobs that it keeps; nil for all.
  var releaseJobs: Set<String>?
  /// The param that gave those names, where one did.
  var releaseJobParam: String?
  /// Whether `after` does not order it.
  var isSideBySide: Bool
  var body: CompiledBlock
  /// The same for subjects on which its facts are other ones.
  var variants: [CompiledBlock] = []
  /// Which of the variants a subject has; nothing for those with the first body.
  var variantOfSubject: [SubjectID: Int] = [:]
  /// Whether it starts or stops processes.
  var movesProcesses: Bool

  /// What is done to a subject.
  func body(for subject: SubjectID) -> CompiledBlock {
    if variants.isEmpty { return body }
    return variantOfSubject[subject].map { variants[$0] } ?? body
  }

  /// Whether it applies to a subject of its scope.
  func selects(_ subject: SubjectID, in subjects: Subjects) -> Bool {
    if let deploymentJobs,
      let job = subjects.ancestor(of: subject, at: .deploymentJob),
      !deploymentJobs.contains(subjects.name(job))
    {
      return false
    }
    guard let releaseJobs else { return true }
    if scope == .releaseJob { return releaseJobs.contains(subjects.name(subject)) }
    return subjects.members(of: subject, at: .releaseJob).contains {
      releaseJobs.contains(subjects.name($0))
    }
  }
}
