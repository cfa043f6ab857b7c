/// Programs that do the same work, in turn, so that other work of the machine affects all of them
/// alike.
struct Contest {
  /// One of the programs and what its runs took.
  struct Entry {
    var name: String
    var program: Program
    /// What its runs took, in their order; empty if a run took too much time.
    var costs: [Program.Cost] = []
    /// Whether a run took too much time; then it is not run again.
    var isOutOfTime = false

    /// The least of a figure over all runs; not a number without runs.
    func least(_ figure: (Program.Cost) -> Double) -> Double {
      costs.map(figure).min() ?? .nan
    }

    /// The median of a figure; for an even number of runs, the lower of the two in the middle.
    func median(_ figure: (Program.Cost) -> Double) -> Double {
      costs.isEmpty ? .nan : costs.map(figure).sorted()[(costs.count - 1) / 2]
    }
  }

  /// The programs; the table compares the others with the first.
  private(set) var entries: [Entry] = []
  /// The file for the output of a run; each run overwrites it.
  var output = "/dev/null"

  /// Adds a program.
  mutating func add(_ name: String, _ program: Program) {
    entries.append(Entry(name: name, program: program))
  }

  /// Adds a program of the machine, if it is installed.
  ///
  /// A run ends after `limit` seconds of processor time.
  mutating func add(
    _ name: String,
    installed word: String,
    _ arguments: [String],
    limit: Int? = nil
  ) {
    guard let path = Program.find(word) else { return }
    let program = Program(path, arguments)
    add(name, limit.map { program.limited(toSeconds: $0) } ?? program)
  }

  /// Runs each program `runs` times, after one run that does not count.
  ///
  /// That first run makes sure that all programs find the same files in memory.
  mutating func run(_ runs: Int, warmUp: Bool = true) throws(Failure) {
    for run in (warmUp ? -1 : 0)..<runs {
      for index in entries.indices where !entries[index].isOutOfTime {
        do throws(Failure) {
          let cost = try entries[index].program.run(output: output)
          if run >= 0 { entries[index].costs.append(cost) }
        } catch {
          guard error.isOutOfTime else { throw error }
          entries[index].isOutOfTime = true
          entries[index].costs = []
        }
      }
    }
  }

  /// The least and the median time of each, and their ratios to the first.
  ///
  /// - Parameter work: how many things the programs started, and what they are. The table then also
  ///   has the processor time that each program itself used for one of them.
  /// - Returns: a row for each.
  func table(of work: (count: Int, thing: String)? = nil) -> Table {
    let head = ["", "least", "ratio", "median", "ratio"]
    var table = Table(head + (work.map { ["CPU a \($0.thing)"] } ?? []))
    guard let base = entries.first else { return table }
    for entry in entries {
      let times = [
        entry.name,
        seconds(entry.least { $0.wall }),
        fixed(entry.least { $0.wall } / base.least { $0.wall }, 2),
        seconds(entry.median { $0.wall }),
        fixed(entry.median { $0.wall } / base.median { $0.wall }, 2),
      ]
      let own = work.map { microseconds(entry.median { $0.ownTime } / Double($0.count)) }
      table.add(times + (own.map { [$0] } ?? []))
    }
    return table
  }
}
