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
    for name in Set(vms.flatMap { $0.vm.facts.keys }) {
      let values = vms.map { $0.vm.facts[name] }
      if let first = values[0], values.allSatisfy({ $0 == first }) {
        common[name] = first
        continue
      }
      let most = 3
      let words = zip(vms, values).prefix(most).map { machine, value in
        "\(value ?? "unknown") on \(machine.name.isEmpty ? machine.vm.givenPath : machine.name)"
      }
      disputed[name] =
        words.joined(separator: ", ")
        + (values.count > most ? " and \(values.count - most) more" : "")
    }
  }
}
