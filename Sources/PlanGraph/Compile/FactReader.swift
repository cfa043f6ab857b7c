import PlanLanguage

/// What facts are on the subject that a text is being read for.
///
/// A phase is read once for all of its subjects where none of its facts differs between them. Which
/// facts it asked for that may differ is noted, so that it can be read again for those that have other
/// ones.
final class FactReader {
  /// What is known of a fact.
  enum Answer {
    case known(String)
    /// No machine was looked at: every fact is believed to be there.
    case believed
    /// Nobody has told it; with the instance whose VM does not know it where others may.
    case unknown(on: String?)
    /// It is not the same on all VMs that this is about; what is found where, for people.
    case disputed(String)
    /// Only a subject of this scope, or one inside, has it.
    case narrower(Scope)
  }

  /// The facts that follow from a subject itself, and the scope that has them.
  private static let own: [String: Scope] = [
    "instance.index": .instance, "instance.name": .instance,
    "deployment-job.name": .deploymentJob, "release-job.name": .releaseJob,
  ]

  let site: Site
  private var subjects = Subjects()
  private var isAboutKnownSubjects = false
  private var subject: SubjectID?
  /// What stands on the subject, for messages: `phase 'up' is per deployment`.
  private(set) var place = ""
  /// The facts that were asked for and may be others on other subjects.
  private var differing: Set<String> = []

  init(site: Site) { self.site = site }

  /// Says which subjects there are.
  ///
  /// - Parameters:
  ///   - subjects: all of them.
  ///   - isDeclared: whether it is the plan that says so.
  func know(_ subjects: Subjects, isDeclared: Bool) {
    self.subjects = subjects
    isAboutKnownSubjects = isDeclared || site.discovered != nil
  }

  /// Reads for a subject from now on; nil for none in particular.
  func enter(_ subject: SubjectID?, _ place: String) {
    self.subject = subject
    self.place = place
    differing = []
  }

  /// Reads for no subject in particular from now on.
  ///
  /// - Returns: the facts that were asked for since and may be others on other subjects; sorted.
  func leave() -> [String] {
    defer { enter(nil, "") }
    return differing.sorted()
  }

  /// What a fact is.
  func look(up name: String) -> Answer {
    if site.givenFacts.contains(name), let value = site.facts[name] { return .known(value) }
    if let scope = Self.own[name] {
      guard isAboutKnownSubjects else { return .believed }
      differing.insert(name)
      guard let subject else { return .believed }
      guard let holder = subjects.ancestor(of: subject, at: scope) else { return .narrower(scope) }
      return .known(
        name == "instance.name" ? subjects.path(holder) : subjects.name(holder)
      )
    }
    if let value = site.facts[name] { return .known(value) }
    if site.discovered == nil { return .believed }
    guard let words = site.disputedFacts[name] else { return .unknown(on: nil) }
    differing.insert(name)
    guard let subject else { return .believed }
    return onMachines(of: subject, name, words)
  }

  /// The fact where it is known; nil where it is not, or only believed.
  func value(of name: String) -> String? {
    if case .known(let value) = look(up: name) { return value }
    return nil
  }

  /// Names of facts that are known here, sorted; the subject's own among them.
  var names: [String] {
    let own = Self.own.keys.filter { value(of: $0) != nil }
    return Set(own).union(site.facts.keys).union(site.disputedFacts.keys).sorted()
  }

  /// What is the same on all VMs inside a subject.
  private func onMachines(of subject: SubjectID, _ name: String, _ words: String) -> Answer {
    let instances =
      subjects.ancestor(of: subject, at: .instance).map { [$0] }
      ?? subjects.members(of: subject, at: .instance)
    var found: Answer?
    for instance in instances {
      // One that has no VM yet is told of by whoever needs it.
      guard let facts = site.factsOfInstance(subjects.path(instance)) else { continue }
      guard let value = facts[name] else {
        if instances.count > 1 { return .disputed(words) }
        return .unknown(on: subjects.path(instance))
      }
      if case .known(let other)? = found, other != value { return .disputed(words) }
      found = .known(value)
    }
    return found ?? .believed
  }
}

extension ValueReader {
  /// Whether what is put in is a fact and no param: it has a dot, and is not declared.
  func isFact(_ name: Name) -> Bool {
    name.text.utf8.contains(UInt8(ascii: ".")) && parameters.declarations[name.text] == nil
  }

  /// A fact as it is put into text; nil after a diagnostic.
  func fact(_ name: Name) -> ParameterValue? {
    sink.asked.note(fact: name.text)
    guard let facts else {
      reportFactOutsideText(name)
      return nil
    }
    switch facts.look(up: name.text) {
    case .known(let value): return ParameterValue(text: value, isSecret: false)
    case .believed:
      return ParameterValue(text: "\\(\(name.text))", isSecret: false, isBelieved: true)
    case .unknown(let instance): reportUnknown(name, on: instance, facts)
    case .disputed(let words): reportDisputed(name, words, facts)
    case .narrower(let scope): reportNarrower(name, scope, facts)
    }
    return nil
  }

  /// Says that nothing is known of a fact.
  func reportUnknown(_ name: Name, on instance: String?, _ facts: FactReader) {
    sink.reportUnknown(
      .unknownFact,
      name,
      in: file,
      "nothing is known of the fact '\(name.text)'" + (instance.map { " on \($0)" } ?? ""),
      known: facts.names + parameters.names.filter { $0.contains(".") },
      notes: [Diagnostic.Note("give it with --fact \(name.text)=VALUE")]
    )
  }

  /// Says that a fact is not the same on all VMs that it is asked for.
  func reportDisputed(_ name: Name, _ words: String, _ facts: FactReader) {
    sink.report(
      .unknownFact,
      at: Location(file, name.span),
      "the fact '\(name.text)' is not the same on all VMs: \(words)",
      notes: [
        Diagnostic.Note(
          "\(facts.place), and so about several VMs; one per instance knows that of its own"
        ),
        Diagnostic.Note("or say what holds for all with --fact \(name.text)=VALUE"),
      ]
    )
  }

  /// Says that a fact is one of a narrower subject.
  func reportNarrower(_ name: Name, _ scope: Scope, _ facts: FactReader) {
    sink.report(
      .factOfNarrowerScope,
      at: Location(file, name.span),
      "'\(name.text)' is another one for each \(scope.words), and \(facts.place)",
      notes: [
        Diagnostic.Note(
          scope == .releaseJob
            ? "it is known in a phase without 'per', which is for each release job"
            : "it is known in a phase 'per \(scope.word)', and in a narrower one"
        )
      ]
    )
  }

  /// Says that a fact stands where none can be put in.
  func reportFactOutsideText(_ name: Name) {
    if nearMiss(name.text, among: parameters.names) != nil {
      sink.reportUnknown(
        .unknownParam,
        name,
        in: file,
        "no param '\(name.text)' in this plan",
        known: parameters.names
      )
      return
    }
    sink.report(
      .factOutsideText,
      at: Location(file, name.span),
      "'\(name.text)' is a fact, and facts are put only into the text of steps, 'env' and conditions",
      notes: [Diagnostic.Note("declare a param, and give it with --set NAME=VALUE")]
    )
  }
}

extension Scope {
  /// What a subject of this scope is called.
  fileprivate var words: String {
    self == .releaseJob ? "release job" : self == .deploymentJob ? "deployment job" : word
  }
}
