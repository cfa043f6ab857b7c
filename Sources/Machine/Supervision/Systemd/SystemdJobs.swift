/// The jobs that systemd has in its queue, and what each of them waits for, as
/// `systemctl list-jobs --before` shows it.
struct SystemdJobs: Hashable {
  private var numbers: [String: Int] = [:]
  private var units: [Int: String] = [:]
  private var awaited: [Int: [Int]] = [:]

  /// Reads its output without legend: one line for each job, with its number, unit, type and state,
  /// followed by a line for each job that it waits for.
  ///
  /// The words tell which lines are jobs that it waits for and which are jobs that wait for it
  /// (`--before`, `--after`).
  static func read(_ text: String) -> SystemdJobs {
    var jobs = SystemdJobs()
    var current: Int?
    for line in text.split(separator: "\n") {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" })
      if let number = words.first.flatMap({ Int($0) }), words.count >= 4 {
        current = number
        jobs.numbers[String(words[1])] = number
        jobs.units[number] = String(words[1])
        continue
      }
      guard let current, let job = words.firstIndex(of: "job"), job + 1 < words.count,
        let other = Int(words[job + 1])
      else { continue }
      if words.contains("waiting") { jobs.awaited[current, default: []].append(other) }
      if words.contains("blocking") { jobs.awaited[other, default: []].append(current) }
    }
    return jobs
  }

  /// How the job of a unit waits for that of another one.
  ///
  /// - Returns: the units on the way, both ends included; nil if it does not.
  func way(from unit: String, to other: String) -> [String]? {
    guard let first = numbers[unit], let last = numbers[other], first != last else { return nil }
    var comesFrom: [Int: Int] = [first: first]
    var queue = [first][...]
    while let job = queue.popFirst() {
      if job == last {
        var way = [job]
        while let before = comesFrom[way[0]], before != way[0] { way.insert(before, at: 0) }
        return way.compactMap { units[$0] }
      }
      for next in awaited[job] ?? [] where comesFrom[next] == nil {
        comesFrom[next] = job
        queue.append(next)
      }
    }
    return nil
  }
}
