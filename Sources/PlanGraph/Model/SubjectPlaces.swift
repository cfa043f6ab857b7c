import PlanLanguage

/// Where each subject of a graph is: the number of a machine.
///
/// A subject wider than an instance is where its first instance is that has a place.
package struct SubjectPlaces: Sendable {
  private var numbers: Table<SubjectID, Int?>
  /// For each subject wider than an instance: the instance whose place it has.
  private var firstInstances: [SubjectID: SubjectID] = [:]
  private let subjects: Subjects

  /// Finds the place of every subject.
  ///
  /// - Parameters:
  ///   - subjects: of the graph.
  ///   - places: the place of each instance that has one.
  package init(_ subjects: Subjects, _ places: [SubjectID: Int]) {
    self.subjects = subjects
    numbers = Table(repeating: nil, count: subjects.count)
    for (instance, number) in places.sorted(by: { $0.key < $1.key }) {
      for subject in subjects.subtree(instance) { numbers[subject] = number }
      var holder = instance
      while holder != .deployment {
        holder = subjects.parent(holder)
        if numbers[holder] == nil {
          numbers[holder] = number
          firstInstances[holder] = instance
        }
      }
    }
  }

  /// The place of a subject; nil if it has none.
  package subscript(_ subject: SubjectID) -> Int? { numbers[subject] }

  /// The instance whose place a subject has; nil if it has none.
  package func instance(of subject: SubjectID) -> SubjectID? {
    subjects.ancestor(of: subject, at: .instance) ?? firstInstances[subject]
  }
}
