/// Programs that do the same work, run in turn, so that what else the machine does in the meantime
/// hits all of them alike.
struct Contest {
  /// One of the programs and what its runs took.
  struct Entry {
    var name: String
    var program: Program
    /// What it took, in the order of the runs; empty where it took more time than it was given.
    var costs: [Program.Cost] = []
    /// Whether a run took more than that; it is not run again.
    var isOutOfTime = false

    /// The least of a figure over all runs; not a number where there are none.
    func least(_ figure: (Program.Cost) -> Double) -> Double {
      costs.map(figure).min() ?? .nan
    }

    /// The median of a figure; of an even number of runs the lower of the two in the middle.
    func median(_ figure: (Program.Cost) -> Double) -> Double {
      costs.isEmpty ? .nan : costs.map(figure).sorted()[(costs.count - 1) / 2]
    }
  }

  /// The first is what the others are compared with.
  private(set) var entries: [Entry] = []
  /// Where the output of each run goes, over that of the one before.
  var output = "/dev/null"

  /// Adds a program.
  mutating func add(_ name: String, _ program: Program) {
    entries.append(Entry(name: name, program: program))
  }

  /// Adds a program of the machine; one that is not installed takes no part.
  ///
  /// After `limit` seconds of processor time a run is given up.
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

  /// Runs each once for nothing, so that all find the same files in memory, then each `runs` times.
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
  /// - Parameter work: to say also what each has computed itself for one of so many things.
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
