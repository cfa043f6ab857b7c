package import Clock
import Execution
import Journal
import PlanGraph
import Words

/// An entry of the record that a machine keeps of a run coordinated from elsewhere: one line.
package enum FarRecordEntry: Sendable {
  /// The first one: the run's name, and the VM's folder.
  case run(String, vm: String)
  /// A process begins to work for the run.
  case session(boot: String, process: Int32, Instant)
  /// Who coordinates the run, and the plan's name; for people.
  case coordinator(String, plan: String)
  /// An attempt was asked for, and is about to be started.
  case asked(FarHistory.Identity, Instant, isHeld: Bool, name: String)
  /// As `MachineReport.started`.
  case started(FarHistory.Identity, process: Int32?, Instant)
  /// As `MachineReport.ended`.
  case ended(FarHistory.Identity, FarHistory.End)

  /// The line, without its frame.
  var line: String {
    switch self {
    case .run(let name, let vm): "far 1 \(name) \(RecordText.quoted(vm))"
    case .session(let boot, let process, let moment):
      "session \(RecordText.quoted(boot)) \(process) \(moment.nanoseconds)"
    case .coordinator(let words, let plan):
      "coordinator \(RecordText.quoted(words)) \(RecordText.quoted(plan))"
    case .asked(let identity, let moment, let isHeld, let name):
      "asked \(identity.words) \(moment.nanoseconds) \(isHeld ? "held" : "free") "
        + RecordText.quoted(name)
    case .started(let identity, let process, let moment):
      "started \(identity.words) \(process.map(String.init) ?? "-") \(moment.nanoseconds)"
    case .ended(let identity, let end):
      "ended \(identity.words) \(end.moment.nanoseconds) "
        + "\(end.took.map { String($0.nanoseconds) } ?? "-") \(end.result.recordWords)"
    }
  }

  /// Reads the words and texts of a line; nil for anything else.
  init?(_ fields: [String]) {
    func moment(_ index: Int) -> Instant? {
      Int64(fields[index]).map { Instant(nanoseconds: $0) }
    }
    func identity() -> FarHistory.Identity? {
      guard let node = UInt32(fields[1]), let attempt = Int(fields[2]) else { return nil }
      return FarHistory.Identity(NodeID(node), attempt)
    }
    switch (fields.first, fields.count) {
    case ("far", 4) where fields[1] == "1": self = .run(fields[2], vm: fields[3])
    case ("session", 4):
      guard let process = Int32(fields[2]), let moment = moment(3) else { return nil }
      self = .session(boot: fields[1], process: process, moment)
    case ("coordinator", 3): self = .coordinator(fields[1], plan: fields[2])
    case ("asked", 6):
      guard let identity = identity(), let moment = moment(3) else { return nil }
      self = .asked(identity, moment, isHeld: fields[4] == "held", name: fields[5])
    case ("started", 5):
      guard let identity = identity(), let moment = moment(4) else { return nil }
      self = .started(identity, process: Int32(fields[3]), moment)
    case ("ended", 6), ("ended", 7):
      guard let identity = identity(), let moment = moment(3),
        let result = AttemptResult(recordWords: fields[5], fields.count > 6 ? fields[6] : nil)
      else { return nil }
      let took = Int64(fields[4]).map { Duration.nanoseconds($0) }
      self = .ended(identity, FarHistory.End(result, at: moment, took: took))
    default: return nil
    }
  }
}

extension FarHistory.Identity {
  fileprivate var words: String { "\(node.index) \(attempt)" }
}

extension AttemptResult {
  fileprivate var recordWords: String {
    switch self {
    case .exited(let status): "exited \(status)"
    case .signalled(let number): "signalled \(number)"
    case .failed(let words): "failed \(RecordText.quoted(words))"
    case .refused(let words): "refused \(RecordText.quoted(words))"
    case .lost: "lost"
    case .notStarted: "not-started"
    }
  }

  fileprivate init?(recordWords word: String, _ more: String?) {
    switch word {
    case "exited":
      guard let status = more.flatMap({ Int32($0) }) else { return nil }
      self = .exited(status)
    case "signalled":
      guard let number = more.flatMap({ Int32($0) }) else { return nil }
      self = .signalled(number)
    case "failed": self = .failed(more ?? "")
    case "refused": self = .refused(more ?? "")
    case "lost": self = .lost
    case "not-started": self = .notStarted
    default: return nil
    }
  }
}
