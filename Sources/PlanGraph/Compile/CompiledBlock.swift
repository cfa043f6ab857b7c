import PlanLanguage

/// What a release job or an instance must have so that a step has anything to do.
enum Need: Sendable {
  case nothing
  case script(String)
  case processes

  var isProcesses: Bool { if case .processes = self { true } else { false } }
}

/// The release jobs that a step of an instance applies to, with one node for each.
enum Spread: Sendable {
  /// None: the step applies to its subject itself.
  case none
  /// All release jobs of the instance, or those with these names.
  case releaseJobs(Set<String>?)
}

/// A statement with its templates.
///
/// It is put into the graph once for each subject.
enum CompiledStatement {
  case step(StepTemplateID, Need, Spread)
  indirect case block(CompiledBlock)
}

/// A block with its templates.
///
/// A block without a template has no nodes of its own: only the order of its statements matters to
/// a run.
struct CompiledBlock {
  var template: BlockTemplateID?
  var isParallel: Bool
  var statements: [CompiledStatement]
  /// The handlers, in the order of the text.
  var onFailure: [CompiledBlock] = []
  var finally: [CompiledBlock] = []
}

/// A phase with its templates and the subjects that it applies to.
struct CompiledPhase {
  var item: ItemID
  var scope: Scope
  /// The names of the deployment jobs that it applies to; nil for all.
  var deploymentJobs: Set<String>?
  /// The names of the release jobs that it applies to; nil for all.
  var releaseJobs: Set<String>?
  /// The param that gave those names, if one did.
  var releaseJobParam: String?
  /// Whether it is side by side: `after` does not order it.
  var isSideBySide: Bool
  var body: CompiledBlock
  /// The bodies for subjects with other facts.
  var variants: [CompiledBlock] = []
  /// The index of a subject's variant; subjects with the first body have none.
  var variantOfSubject: [SubjectID: Int] = [:]
  /// Whether it starts or stops processes.
  var movesProcesses: Bool

  /// The body for a subject.
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
