import VM

/// The facts of several VMs, merged for a plan that is the same for all of them.
struct KnownFacts {
  /// What is the same on all VMs.
  private(set) var common: [String: String] = [:]
  /// What differs: by name, the values with their machines.
  private(set) var disputed: [String: String] = [:]

  /// Compares machines.
  ///
  /// An empty name stands for all others.
  init(_ vms: [(name: String, vm: VMFolder)]) {
    self.init(vms.map { ($0.name.isEmpty ? $0.vm.givenPath : $0.name, $0.vm.facts) })
  }

  /// Compares what machines know, by what they are called for people.
  init(_ vms: [(name: String, facts: [String: String])]) {
    for name in Set(vms.flatMap { $0.facts.keys }) {
      let values = vms.map { $0.facts[name] }
      if let first = values[0], values.allSatisfy({ $0 == first }) {
        common[name] = first
        continue
      }
      let most = 3
      let words = zip(vms, values).prefix(most).map { machine, value in
        "\(value ?? "unknown") on \(machine.name)"
      }
      disputed[name] =
        words.joined(separator: ", ")
        + (values.count > most ? " and \(values.count - most) more" : "")
    }
  }
}
