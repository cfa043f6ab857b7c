import System

/// Finds units that a plan starts and that wait for the very unit that runs the plan after a boot.
///
/// This is systemd's own ordering, as `systemctl show` reports it for the units that are loaded
/// now.
package struct BootOrdering {
  /// For each such unit the chain of units that it waits for: itself first, the boot unit last.
  package private(set) var ways: [[String]] = []

  private static let target = "multi-user.target"
  private static let properties = [
    "Id", "Names", "After", "Wants", "Requires", "Requisite", "BindsTo",
  ]
  /// More rounds of asking than any chain of units is long.
  private static let mostRounds = 50

  private struct Unit {
    var after: [String] = []
    /// What is started together with it.
    var pulls: [String] = []
  }

  /// Asks systemd; nil if none is running.
  ///
  /// - Parameters:
  ///   - units: that the plan starts.
  ///   - boot: the name of the unit that runs it; it need not be known to systemd yet.
  package init?(of units: [String], boot: String) {
    guard FileStatus(Systemctl.bootedFolder, follow: true) != nil else { return nil }
    var known: [String: Unit] = [:]
    var names: [String: String] = [:]
    // The units with a job at boot: everything that the default target and these units start.
    var wanted = ["default.target"] + units
    for _ in 0..<Self.mostRounds where !wanted.isEmpty {
      guard let answer = Self.show(wanted) else { return nil }
      var next: [String] = []
      for properties in answer {
        guard let name = properties["Id"], known[name] == nil else { continue }
        let unit = Unit(
          after: Self.words(properties["After"]),
          pulls: ["Wants", "Requires", "Requisite", "BindsTo"]
            .flatMap { Self.words(properties[$0]) }
        )
        known[name] = unit
        for other in Self.words(properties["Names"]) { names[other] = name }
        next += unit.pulls
      }
      let asked = Set(wanted)
      wanted = Set(next).subtracting(asked).filter { known[$0] == nil && names[$0] == nil }.sorted()
    }
    known[boot, default: Unit()].after = []
    // A target is ordered after everything that it wants; from the next boot on that may include
    // the boot unit.
    known[Self.target, default: Unit()].after.append(boot)
    for unit in units {
      let name = names[unit] ?? unit
      if let way = Self.way(from: name, to: boot, known) { ways.append(way) }
    }
  }

  private static func way(from first: String, to last: String, _ known: [String: Unit]) -> [String]?
  {
    var comesFrom = [first: first]
    var queue = [first][...]
    while let name = queue.popFirst() {
      for next in known[name]?.after ?? [] where comesFrom[next] == nil && known[next] != nil {
        comesFrom[next] = name
        if next != last {
          queue.append(next)
          continue
        }
        var way = [next]
        while let before = comesFrom[way[0]], before != way[0] { way.insert(before, at: 0) }
        return way
      }
    }
    return nil
  }

  private static func show(_ units: [String]) -> [[String: String]]? {
    let asked = ["show", "--property=\(properties.joined(separator: ","))", "--"] + units
    guard case .success(let text)? = try? Systemctl.ask(asked) else { return nil }
    var all: [[String: String]] = [[:]]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty { all.append([:]) }
      guard let equals = line.firstIndex(of: "=") else { continue }
      all[all.count - 1][String(line[..<equals])] = String(line[line.index(after: equals)...])
    }
    return all.filter { !$0.isEmpty }
  }

  private static func words(_ text: String?) -> [String] {
    (text ?? "").split(separator: " ").map(String.init)
  }
}
