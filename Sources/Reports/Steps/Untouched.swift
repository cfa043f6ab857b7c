/// The release jobs of one VM that no step of a plan touches.
package struct Untouched: Sendable {
  /// The instances that the VM's folder stands for.
  package var instances: [String]
  /// The VM's folder.
  package var root: String
  package var releaseJobs: [String]

  /// Makes the untouched release jobs of a VM.
  package init(instances: [String], root: String, releaseJobs: [String]) {
    self.instances = instances
    self.root = root
    self.releaseJobs = releaseJobs
  }

  /// How many sentences there are at most, and how many names each has at most.
  private static let mostSentences = 8
  private static let mostNames = 12

  /// Sentences for people; one for all VMs with the same untouched release jobs.
  package static func sentences(_ all: [Untouched]) -> [String] {
    var instances: [[String]: [String]] = [:]
    var order: [[String]] = []
    for vm in all {
      if instances[vm.releaseJobs] == nil { order.append(vm.releaseJobs) }
      instances[vm.releaseJobs, default: []] += vm.instances
    }
    var sentences = order.prefix(mostSentences).map { names in
      "no step touches \(few(names)) of \(few(instances[names] ?? []))"
    }
    if order.count > mostSentences {
      sentences.append("and likewise for \(order.count - mostSentences) more kinds of VMs")
    }
    return sentences
  }

  private static func few(_ names: [String]) -> String {
    let rest = names.count - mostNames
    return names.prefix(mostNames).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }
}
