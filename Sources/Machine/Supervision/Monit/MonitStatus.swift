import System

/// What a monit reports about itself and its services (`/_status2?format=xml`).
struct MonitStatus: Hashable, Sendable {
  /// One service.
  struct Service: Hashable, Sendable {
    var name: String
    /// 3 is a process.
    var type = 0
    /// Seconds and microseconds of monit's own last look at it.
    var collected = ""
    /// 0 is fine; otherwise the sum of what is wrong.
    var status = 0
    /// A set of bits: 1 monitored, 2 not checked yet, 4 waits for its cycle (`every`); 0 is not
    /// monitored.
    var monitor = 0
    /// 0 for none; otherwise what monit must still do.
    var pendingAction = 0
    /// nil if monit knows none.
    var process: Int32?
    /// Monit's own message about what is wrong, if it has one (5.2).
    var message: String?

    static let processType = 3

    /// Whether it is watched, by the agent's rule.
    var isMonitored: Bool { monitor > 0 }

    /// Whether monit skips it until its cycle (`every`): its status is as old as that.
    var isWaiting: Bool { monitor & 4 != 0 }

    /// Whether monit is about to look at it for the first time.
    var isInitializing: Bool { monitor & 2 != 0 && !isWaiting }

    /// Whether it has no fault and nothing pending.
    var isWell: Bool { pendingAction == 0 && isMonitored && !isInitializing && status == 0 }

    /// Running, as far as one status shows.
    var isUp: Bool { isWell && process != nil }

    /// Whether its start or stop program has failed (monit/event.h, Event_Exec).
    var isProgramFailing: Bool { status & 4096 != 0 }

    /// For people, the same place in a sentence as `words`: what monit says of a failed program.
    var failureWords: String {
      "is failing: \(message ?? "its start or stop program failed")"
    }

    /// For people: why it does not run, as the end of a sentence that begins with its name.
    var words: String {
      if pendingAction != 0 { return pendingWords }
      if !isMonitored { return "is not watched by monit" }
      if message != nil || isProgramFailing { return failureWords }
      if status & 2048 != 0 { return "is failing: its process is a zombie" }
      if status & 512 != 0 { return "is failing: its process does not run" }
      if status != 0 { return "is failing: monit's status is \(status)" }
      if isWaiting { return "has no process yet, and monit checks it in its cycle ('every')" }
      return isInitializing ? "has not been checked by monit yet" : "has no process yet"
    }
  }

  /// The moment at which monit was started, in seconds: changes with each start.
  var incarnation = ""
  var version = ""
  var services: [String: Service] = [:]
  /// Names by group.
  var groups: [String: [String]] = [:]

  /// Reads the answer.
  ///
  /// - Throws: one line for people.
  init(_ bytes: [UInt8]) throws(PlainFailure) {
    do {
      try read(bytes)
    } catch {
      throw PlainFailure(words: "its status \(error.what) (byte \(error.offset))")
    }
    if incarnation.isEmpty { throw PlainFailure(words: "the answer is not a monit status") }
  }

  private mutating func read(_ bytes: [UInt8]) throws(XMLError) {
    var reader = XMLReader(bytes)
    var path: [String] = []
    var service: Service?
    var group: String?
    var text = ""
    while let part = try reader.next() {
      switch part {
      case .begin(let name, let attributes):
        path.append(name)
        text = ""
        switch path {
        case ["monit"]:
          incarnation = attributes["incarnation"] ?? ""
          version = attributes["version"] ?? ""
        case ["monit", "services", "service"]:
          service = attributes["name"].map { Service(name: $0) }
        case ["monit", "servicegroups", "servicegroup"]:
          group = attributes["name"]
        default: break
        }
      case .text(let more): text += more
      case .end(let name):
        if path.count == 4, path[2] == "service" { service?.set(name, text) }
        if path == ["monit", "services", "service"], let known = service {
          services[known.name] = known
          service = nil
        }
        if path == ["monit", "servicegroups", "servicegroup", "service"], let group {
          groups[group, default: []].append(text)
        }
        path.removeLast()
      }
    }
  }
}

extension MonitStatus.Service {
  /// monit/event.h: what is still to be done.
  private var pendingWords: String {
    switch pendingAction {
    case 2: "is to be restarted by monit, which is busy"
    case 3: "is to be stopped by monit, which is busy"
    case 5: "is to be unmonitored by monit, which is busy"
    case 6: "is to be started by monit, which is busy"
    case 7: "is to be watched by monit, which is busy"
    default: "waits for monit, which is still busy with it"
    }
  }

  fileprivate mutating func set(_ name: String, _ text: String) {
    switch name {
    case "type": type = Int(text) ?? 0
    case "collected_sec": collected = text
    case "collected_usec": collected += "." + text
    case "status": status = Int(text) ?? 0
    case "monitor": monitor = Int(text) ?? 0
    case "pendingaction": pendingAction = Int(text) ?? 0
    case "pid": process = Int32(text).flatMap { $0 > 0 ? $0 : nil }
    case "status_message": message = text
    default: break
    }
  }
}
