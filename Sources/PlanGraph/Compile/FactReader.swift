import PlanLanguage

/// Reads the facts of the subject that a text is compiled for.
///
/// A phase is compiled once for all of its subjects if none of its facts differ between them. The
/// reader notes which facts were asked for that may differ, so that the phase can be compiled again
/// for subjects with other facts.
final class FactReader {
  /// What is known about a fact.
  enum Answer {
    case known(String)
    /// No machine was examined, so every fact counts as present.
    case believed
    /// It is not known. Has the instance whose VM does not know it, if others may.
    case unknown(on: String?)
    /// It differs between the VMs. Has what was found where, for people.
    case disputed(String)
    /// Only subjects of this scope, or inside such a subject, have it.
    case narrower(Scope)
  }

  /// The facts that a subject itself determines, and the scope that has them.
  private static let own: [String: Scope] = [
    "instance.index": .instance, "instance.name": .instance,
    "deployment-job.name": .deploymentJob, "release-job.name": .releaseJob,
  ]

  let site: Site
  private var subjects = Subjects()
  private var isAboutKnownSubjects = false
  private var subject: SubjectID?
  /// What is on the subject, for messages: `phase 'up' is per deployment`.
  private(set) var place = ""
  /// The facts that were asked for and may differ on other subjects.
  private var differing: Set<String> = []

  init(site: Site) { self.site = site }

  /// Sets the subjects.
  ///
  /// - Parameters:
  ///   - subjects: all of them.
  ///   - isDeclared: whether the plan declares them.
  func know(_ subjects: Subjects, isDeclared: Bool) {
    self.subjects = subjects
    isAboutKnownSubjects = isDeclared || site.discovered != nil
  }

  /// Reads the facts of a subject from now on; nil for no particular subject.
  func enter(_ subject: SubjectID?, _ place: String) {
    self.subject = subject
    self.place = place
    differing = []
  }

  /// Reads the facts of no particular subject from now on.
  ///
  /// - Returns: the facts that were asked for since and may differ on other subjects, sorted.
  func leave() -> [String] {
    defer { enter(nil, "") }
    return differing.sorted()
  }

  /// The value of a fact.
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

  /// The value of a fact; nil if it is not known or only assumed.
  func value(of name: String) -> String? {
    if case .known(let value) = look(up: name) { return value }
    return nil
  }

  /// The names of the facts known here, including the subject's own, sorted.
  var names: [String] {
    let own = Self.own.keys.filter { value(of: $0) != nil }
    return Set(own).union(site.facts.keys).union(site.disputedFacts.keys).sorted()
  }

  /// The value of a fact that is the same on all VMs inside a subject.
  private func onMachines(of subject: SubjectID, _ name: String, _ words: String) -> Answer {
    let instances =
      subjects.ancestor(of: subject, at: .instance).map { [$0] }
      ?? subjects.members(of: subject, at: .instance)
    var found: Answer?
    for instance in instances {
      // An instance without a VM is reported where the VM is needed.
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
  /// Whether a name in `\(…)` is a fact and not a param: it has a dot and is not declared.
  func isFact(_ name: Name) -> Bool {
    name.text.utf8.contains(UInt8(ascii: ".")) && parameters.declarations[name.text] == nil
  }

  /// The text of a fact; nil after a diagnostic.
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

  /// Reports that a fact is not known.
  func reportUnknown(_ name: Name, on instance: String?, _ facts: FactReader) {
    sink.reportUnknown(
      .unknownFact,
      name,
      in: file,
      "the fact '\(name.text)' is not known" + (instance.map { " on \($0)" } ?? ""),
      known: facts.names + parameters.names.filter { $0.contains(".") },
      notes: [Diagnostic.Note("give it with --fact \(name.text)=VALUE")]
    )
  }

  /// Reports that a fact is not the same on all VMs that it is asked for.
  func reportDisputed(_ name: Name, _ words: String, _ facts: FactReader) {
    sink.report(
      .unknownFact,
      at: Location(file, name.span),
      "the fact '\(name.text)' is not the same on all VMs: \(words)",
      notes: [
        Diagnostic.Note(
          "\(facts.place), so it covers several VMs; a phase per instance uses the fact of its own VM"
        ),
        Diagnostic.Note("or give a value for all with --fact \(name.text)=VALUE"),
      ]
    )
  }

  /// Reports that a fact belongs to a narrower subject.
  func reportNarrower(_ name: Name, _ scope: Scope, _ facts: FactReader) {
    sink.report(
      .factOfNarrowerScope,
      at: Location(file, name.span),
      "'\(name.text)' differs for each \(scope.words), but \(facts.place)",
      notes: [
        Diagnostic.Note(
          scope == .releaseJob
            ? "it is known in a phase without 'per', which is for each release job"
            : "it is known in a phase 'per \(scope.word)', and in a narrower one"
        )
      ]
    )
  }

  /// Reports a fact in a place that cannot have facts.
  func reportFactOutsideText(_ name: Name) {
    if nearMiss(name.text, among: parameters.names) != nil { return reportUnknownParam(name) }
    sink.report(
      .factOutsideText,
      at: Location(file, name.span),
      "'\(name.text)' is a fact, and facts can only be used in the text of steps, 'env' and conditions",
      notes: [Diagnostic.Note("declare a param, and give it with --set NAME=VALUE")]
    )
  }
}

extension Scope {
  /// The word for a subject of this scope.
  fileprivate var words: String {
    self == .releaseJob ? "release job" : self == .deploymentJob ? "deployment job" : word
  }
}
