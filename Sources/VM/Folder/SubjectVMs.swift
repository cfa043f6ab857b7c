package import PlanGraph

/// Which VM each subject of a graph is on.
///
/// A subject wider than an instance is on the VM of its first instance that has one.
package struct SubjectVMs {
  /// The VMs, each once, in the order of their first instances.
  package private(set) var all: [VMFolder] = []
  private let places: SubjectPlaces

  package init(_ subjects: Subjects, _ vms: [SubjectID: VMFolder]) {
    var known: [ObjectIdentifier: Int] = [:]
    var numbers: [SubjectID: Int] = [:]
    for (instance, vm) in vms.sorted(by: { $0.key < $1.key }) {
      let index = known[ObjectIdentifier(vm)] ?? all.count
      if index == all.count {
        all.append(vm)
        known[ObjectIdentifier(vm)] = index
      }
      numbers[instance] = index
    }
    places = SubjectPlaces(subjects, numbers)
  }

  /// The index in `all` of a subject's VM; nil if it has none.
  package func index(of subject: SubjectID) -> Int? { places[subject] }

  /// The instance whose VM a subject is on; nil if it has none.
  package func instance(of subject: SubjectID) -> SubjectID? { places.instance(of: subject) }

  /// The VM of a subject; nil if it has none.
  func vm(of subject: SubjectID) -> VMFolder? { index(of: subject).map { all[$0] } }
}
