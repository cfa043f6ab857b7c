package import Execution
package import PlanGraph
import Words

/// What a journal says about its run before the first event: everything that is needed to continue
/// the run.
package struct RunHeader: Hashable, Sendable {
  /// What the value of a machine begins with that is reached over a connection; a folder's path begins
  /// with `/`.
  package static let hostMark = "host:"

  /// A name and a value, such as a param's.
  package struct Pair: Hashable, Sendable {
    package var name: String
    package var value: String

    /// Makes a pair.
    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  /// A step as it was when the run began.
  package struct Step: Hashable, Sendable {
    package var node: NodeID
    /// The digest of its text and clauses.
    package var digest: UInt64
    /// The digest of its script's contents; nil if it has none or it could not be read.
    package var script: UInt64?
    package var name: String

    /// Makes a step.
    package init(node: NodeID, digest: UInt64, script: UInt64?, name: String) {
      self.node = node
      self.digest = digest
      self.script = script
      self.name = name
    }
  }

  /// The run's name.
  package var run: String
  /// The run that this one continues with a changed plan.
  package var continues: String?
  /// The plan as named on the command line.
  ///
  /// A path is made absolute.
  package var plan: String
  /// The folders of the VMs, by deployment job or instance; an empty name stands for all others.
  package var machines: [Pair] = []
  /// The given params, except secret ones.
  package var parameters: [Pair] = []
  /// The names of the given secret params.
  ///
  /// A resume asks for their values again.
  package var secrets: [String] = []
  package var facts: [Pair] = []
  /// As on the command line.
  package var supervisor = "auto"
  package var policy = RunPolicy()
  /// The files of the plan with their text, without the defaults of secret params.
  package var sources: [Pair] = []
  /// The identity of the compiled plan.
  package var graph: UInt64 = 0
  package var steps = StepTable()

  /// Makes the header of a run.
  package init(run: String, plan: String) {
    self.run = run
    self.plan = plan
  }

  static let format = "lockstep-journal 1"

  /// The lines in order, without those of the steps.
  package var lines: [String] {
    func quoted(_ text: String) -> String { RecordText.quoted(text) }
    var lines = [Self.format, "run \(quoted(run))", "plan \(quoted(plan))"]
    if let continues { lines.append("continues \(quoted(continues))") }
    for pair in sources { lines.append("source \(quoted(pair.name)) \(quoted(pair.value))") }
    for pair in machines { lines.append("vm \(quoted(pair.name)) \(quoted(pair.value))") }
    for pair in parameters { lines.append("set \(quoted(pair.name)) \(quoted(pair.value))") }
    for name in secrets { lines.append("secret \(quoted(name))") }
    for pair in facts { lines.append("fact \(quoted(pair.name)) \(quoted(pair.value))") }
    lines.append("supervisor \(quoted(supervisor))")
    lines.append("parallel \(policy.parallel)")
    lines.append("on-failure \(policy.failureMode.rawValue)")
    lines.append("seed \(policy.seed)")
    for (node, reason) in policy.passedOver.sorted(by: { $0.key < $1.key }) {
      lines.append("pass-over \(node.index) \(reason.rawValue)")
    }
    lines.append("graph \(padded(graph, to: 16, radix: 16))")
    return lines
  }

  /// Takes another line.
  ///
  /// - Returns: whether it belongs to a header and is well formed.
  mutating func take(_ fields: [String]) -> Bool {
    switch (fields.first, fields.count) {
    case ("run", 2): run = fields[1]
    case ("plan", 2): plan = fields[1]
    case ("continues", 2): continues = fields[1]
    case ("source", 3): sources.append(Pair(fields[1], fields[2]))
    case ("vm", 3): machines.append(Pair(fields[1], fields[2]))
    case ("set", 3): parameters.append(Pair(fields[1], fields[2]))
    case ("secret", 2): secrets.append(fields[1])
    case ("fact", 3): facts.append(Pair(fields[1], fields[2]))
    case ("supervisor", 2): supervisor = fields[1]
    case ("parallel", 2):
      guard let number = Int(fields[1]), number > 0 else { return false }
      policy.parallel = number
    case ("on-failure", 2):
      guard let mode = RunPolicy.FailureMode(rawValue: fields[1]) else { return false }
      policy.failureMode = mode
    case ("seed", 2):
      guard let seed = UInt64(fields[1]) else { return false }
      policy.seed = seed
    case ("pass-over", 3):
      guard let number = UInt32(fields[1]),
        let reason = RunPolicy.PassOver(rawValue: fields[2])
      else { return false }
      policy.passedOver[NodeID(number)] = reason
    case ("graph", 2):
      guard let digest = UInt64(fields[1], radix: 16) else { return false }
      graph = digest
    default: return false
    }
    return true
  }
}

/// One session in which a run was driven: from its beginning, or from a resume.
package struct RunSession: Hashable, Sendable {
  /// The identity of the machine's boot: the kernel's `boot_id`; in newer journals also `+` and the
  /// start time of the first process.
  package var boot: String
  /// When it began, in seconds since 1970.
  package var time: Int64
  /// The process that drives the run.
  package var process: Int32

  /// Makes a session.
  package init(boot: String, time: Int64, process: Int32) {
    self.boot = boot
    self.time = time
    self.process = process
  }

  /// Its line in a journal.
  package var line: String { "session \(RecordText.quoted(boot)) \(time) \(process)" }

  init?(_ fields: [String]) {
    guard fields.count == 4, fields[0] == "session", let time = Int64(fields[2]),
      let process = Int32(fields[3])
    else { return nil }
    self.init(boot: fields[1], time: time, process: process)
  }
}
