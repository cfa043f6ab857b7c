package import PlanLanguage

/// The tree of subjects as a flat list: the deployment, its deployment jobs, their instances, their
/// release jobs.
///
/// Each subject comes before what it holds.
package struct Subjects: Sendable {
  private struct Entry: Sendable {
    var name: String
    var parent: SubjectID
    /// The subject after the last one inside this one.
    var end: SubjectID
    var scope: Scope
  }

  private var entries: Table<SubjectID, Entry> = [
    Entry(name: "", parent: .deployment, end: SubjectID(1), scope: .deployment)
  ]

  /// A tree of the deployment alone.
  package init() {}

  /// How many subjects there are, the deployment included.
  package var count: Int { entries.count }

  /// Their identifiers, in order.
  package var indices: Range<SubjectID> { entries.indices }

  /// Adds a subject at the end of `parent`, which must be the last subject of its level, exactly
  /// one level wider.
  package mutating func append(_ name: String, in parent: SubjectID) -> SubjectID {
    let holder = entries[parent]
    guard let scope = Scope(rawValue: holder.scope.rawValue &- 1),
      holder.end == entries.endIndex
    else { preconditionFailure("subjects are appended depth first") }
    let end = entries.endIndex.advanced(by: 1)
    let id = entries.append(Entry(name: name, parent: parent, end: end, scope: scope))
    var ancestor = parent
    while true {
      entries[ancestor].end = end
      if ancestor == .deployment { return id }
      ancestor = entries[ancestor].parent
    }
  }

  /// The name of a deployment job or a release job, or the index of an instance; empty for the
  /// deployment.
  package func name(_ id: SubjectID) -> String { entries[id].name }

  /// The level of a subject.
  package func scope(_ id: SubjectID) -> Scope { entries[id].scope }

  /// The subject that holds it.
  ///
  /// The deployment holds itself.
  package func parent(_ id: SubjectID) -> SubjectID { entries[id].parent }

  /// The subject and everything inside it.
  package func subtree(_ id: SubjectID) -> Range<SubjectID> { id..<entries[id].end }

  /// Whether `outer` is `inner` or holds it.
  package func contains(_ outer: SubjectID, _ inner: SubjectID) -> Bool {
    subtree(outer).contains(inner)
  }

  /// The subject at `scope` that is `id` or holds it; nil if `id` is wider than `scope`.
  package func ancestor(of id: SubjectID, at scope: Scope) -> SubjectID? {
    var current = id
    while self.scope(current) < scope { current = parent(current) }
    return self.scope(current) == scope ? current : nil
  }

  /// The deployment job that `id` is or that holds it; nil for the deployment.
  package func deploymentJob(of id: SubjectID) -> SubjectID? {
    ancestor(of: id, at: .deploymentJob)
  }

  /// The subjects of `scope` that are `id` or inside it, in order.
  package func members(of id: SubjectID, at scope: Scope) -> [SubjectID] {
    if self.scope(id) == scope { return [id] }
    var found: [SubjectID] = []
    var subject = id.advanced(by: 1)
    let end = entries[id].end
    while subject < end {
      if self.scope(subject) == scope {
        found.append(subject)
        subject = entries[subject].end
      } else {
        subject = subject.advanced(by: 1)
      }
    }
    return found
  }

  /// The path for people: `web`, `web/0`, `web/0/nginx`; empty for the deployment.
  package func path(_ id: SubjectID) -> String {
    let holder = parent(id)
    if holder == .deployment { return name(id) }
    var path = path(holder)
    path += "/"
    path += name(id)
    return path
  }
}
