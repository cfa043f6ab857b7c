package import PlanLanguage

/// The tree of subjects, flat, each before what it holds: the deployment, its deployment jobs,
/// their instances, their release jobs.
package struct Subjects: Sendable {
  private struct Entry: Sendable {
    var name: String
    var parent: UInt32
    /// One past the last subject inside this one.
    var end: UInt32
    var scope: Scope
  }

  private var entries: [Entry] = [Entry(name: "", parent: 0, end: 1, scope: .deployment)]

  /// A tree of the deployment alone.
  package init() {}

  /// How many subjects there are, the deployment included.
  package var count: Int { entries.count }

  /// Adds a subject as the last inside `parent`, which must be the last subject of its own level
  /// and exactly one level wider.
  package mutating func append(_ name: String, in parent: SubjectID) -> SubjectID {
    let holder = entries[Int(parent.index)]
    guard let scope = Scope(rawValue: holder.scope.rawValue &- 1),
      Int(holder.end) == entries.count
    else { preconditionFailure("subjects are appended depth first") }
    let id = SubjectID(UInt32(entries.count))
    entries.append(Entry(name: name, parent: parent.index, end: id.index + 1, scope: scope))
    var ancestor = parent
    while true {
      entries[Int(ancestor.index)].end = id.index + 1
      if ancestor == .deployment { return id }
      ancestor = SubjectID(entries[Int(ancestor.index)].parent)
    }
  }

  /// Its own name: a deployment job's or release job's, an instance's index; empty for the
  /// deployment.
  package func name(_ id: SubjectID) -> String { entries[Int(id.index)].name }

  /// Its level.
  package func scope(_ id: SubjectID) -> Scope { entries[Int(id.index)].scope }

  /// What holds it; the deployment holds itself.
  package func parent(_ id: SubjectID) -> SubjectID { SubjectID(entries[Int(id.index)].parent) }

  /// It and everything inside it, as indices.
  package func subtree(_ id: SubjectID) -> Range<UInt32> { id.index..<entries[Int(id.index)].end }

  /// Whether `outer` is `inner` or holds it.
  package func contains(_ outer: SubjectID, _ inner: SubjectID) -> Bool {
    subtree(outer).contains(inner.index)
  }

  /// The subject at `scope` that is `id` or holds it; nil where `id` is wider than `scope`.
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
    var index = id.index + 1
    let end = subtree(id).upperBound
    while index < end {
      let subject = SubjectID(index)
      if self.scope(subject) == scope {
        found.append(subject)
        index = subtree(subject).upperBound
      } else {
        index += 1
      }
    }
    return found
  }

  /// The path people see: `web`, `web/0`, `web/0/nginx`; empty for the deployment.
  package func path(_ id: SubjectID) -> String {
    let holder = parent(id)
    if holder == .deployment { return name(id) }
    var path = path(holder)
    path += "/"
    path += name(id)
    return path
  }
}
