package import PlanGraph
import PlanLanguage

/// Which VM each subject of a graph is on.
///
/// A subject wider than an instance is on the VM of its first instance that has one.
package struct SubjectVMs {
  /// The VMs, each once, in the order of their first instances.
  package private(set) var all: [VMFolder] = []
  /// The index of a subject's VM; nil if it has none.
  private var indices: Table<SubjectID, Int?>

  /// For each subject wider than an instance: the instance whose VM it is on.
  private var firstInstances: [SubjectID: SubjectID] = [:]
  private let subjects: Subjects

  package init(_ subjects: Subjects, _ vms: [SubjectID: VMFolder]) {
    self.subjects = subjects
    indices = Table(repeating: nil, count: subjects.count)
    var known: [ObjectIdentifier: Int] = [:]
    for (instance, vm) in vms.sorted(by: { $0.key < $1.key }) {
      let index = known[ObjectIdentifier(vm)] ?? all.count
      if index == all.count {
        all.append(vm)
        known[ObjectIdentifier(vm)] = index
      }
      for subject in subjects.subtree(instance) { indices[subject] = index }
      var holder = instance
      while holder != .deployment {
        holder = subjects.parent(holder)
        if indices[holder] == nil {
          indices[holder] = index
          firstInstances[holder] = instance
        }
      }
    }
  }

  /// The index in `all` of a subject's VM; nil if it has none.
  package func index(of subject: SubjectID) -> Int? { indices[subject] }

  /// The instance whose VM a subject is on; nil if it has none.
  package func instance(of subject: SubjectID) -> SubjectID? {
    subjects.ancestor(of: subject, at: .instance) ?? firstInstances[subject]
  }

  /// The VM of a subject; nil if it has none.
  func vm(of subject: SubjectID) -> VMFolder? { index(of: subject).map { all[$0] } }
}
