package import PlanGraph
import PlanLanguage

/// Which machine each subject of a graph is on.
///
/// What is wider than an instance is on the machine of its first instance that has one.
package struct MachineOfSubject {
  /// The machines, each once, in the order of their first instances.
  package private(set) var roots: [VMRoot] = []
  /// Index of a machine by subject; `none` where it has none.
  private var indices: [UInt32]

  /// Of each subject that is wider than an instance, the instance by which it has its machine.
  private var firstInstances: [SubjectID: SubjectID] = [:]
  private let subjects: Subjects

  private static let none = UInt32.max

  package init(_ subjects: Subjects, _ machines: [SubjectID: VMRoot]) {
    self.subjects = subjects
    indices = [UInt32](repeating: Self.none, count: subjects.count)
    var known: [ObjectIdentifier: UInt32] = [:]
    for (instance, root) in machines.sorted(by: { $0.key < $1.key }) {
      let index = known[ObjectIdentifier(root)] ?? UInt32(roots.count)
      if index == roots.count {
        roots.append(root)
        known[ObjectIdentifier(root)] = index
      }
      for subject in subjects.subtree(instance) { indices[Int(subject)] = index }
      var holder = instance
      while holder != .deployment {
        holder = subjects.parent(holder)
        if indices[Int(holder.index)] == Self.none {
          indices[Int(holder.index)] = index
          firstInstances[holder] = instance
        }
      }
    }
  }

  /// The index in `roots` of a subject's machine; nil where it has none.
  package func index(of subject: SubjectID) -> Int? {
    let index = indices[Int(subject.index)]
    return index == Self.none ? nil : Int(index)
  }

  /// The instance on whose machine a subject is; nil where it has none.
  package func instance(of subject: SubjectID) -> SubjectID? {
    subjects.ancestor(of: subject, at: .instance) ?? firstInstances[subject]
  }

  /// The machine of a subject; nil where it has none.
  func root(of subject: SubjectID) -> VMRoot? { index(of: subject).map { roots[$0] } }
}
