package import Clock
package import Execution
package import PlanGraph
import Words

/// An event and its moment as a line of a journal.
///
/// `12.345678901 ended 17 1 exited 0 pre-start:web/0/nginx#pre-start`: seconds since boot, what
/// happened, the numbers of the node and the attempt, and how it ended. The name at the end is for
/// people and is not read back.
package enum EventRecord {
  /// Appends the line, without its end.
  package static func append(
    _ event: Event,
    at moment: Instant,
    _ graph: Graph,
    to line: inout [UInt8]
  ) {
    line.append(moment)
    switch event {
    case .began: line += " began".utf8
    case .started(let node, let attempt, let process):
      line += " started".utf8
      line.append(word: Int(node.index))
      line.append(word: attempt)
      if let process { line.append(word: Int(process)) } else { line += " -".utf8 }
      line.append(nameOf: node, graph)
    case .ended(let node, let attempt, let result):
      line += " ended".utf8
      line.append(word: Int(node.index))
      line.append(word: attempt)
      line.append(result)
      line.append(nameOf: node, graph)
    case .answered(let node, let holds):
      line += " answered".utf8
      line.append(word: Int(node.index))
      line += (holds ? " yes" : " no").utf8
      line.append(nameOf: node, graph)
    case .fired(let timer): line.append(timer, graph)
    case .cancelled(let signal):
      line += " cancelled".utf8
      line.append(word: Int(signal))
    case .assumed(let node, let assumption):
      line += " assumed".utf8
      line.append(word: Int(node.index))
      line += " \(assumption.rawValue)".utf8
      line.append(nameOf: node, graph)
    case .resumed(let lapse):
      line += " resumed".utf8
      if lapse != .nothing { line += " \(lapse.rawValue)".utf8 }
    case .halted: line += " halted".utf8
    }
  }

  /// Reads a line.
  ///
  /// - Parameters:
  ///   - line: as `append` makes it.
  ///   - graph: the graph of the run. Numbers that it does not have are refused; if it is nil, all
  ///     numbers are accepted.
  /// - Returns: nil if it is not an event of this graph.
  package static func read(
    _ line: UnsafeRawBufferPointer,
    _ graph: Graph?
  ) -> (Instant, Event)? {
    var reader = RecordReader(line)
    guard let moment = reader.moment(), let event = reader.event(graph) else { return nil }
    return (moment, event)
  }
}

extension [UInt8] {
  fileprivate mutating func append(_ moment: Instant) {
    let (seconds, rest) = moment.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    append(decimal: Int(seconds))
    append(UInt8(ascii: "."))
    var divisor: Int64 = 100_000_000
    while divisor > 0 {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest / divisor % 10))
      divisor /= 10
    }
  }

  fileprivate mutating func append(word value: Int) {
    append(UInt8(ascii: " "))
    append(decimal: value)
  }

  fileprivate mutating func append(_ result: AttemptResult) {
    switch result {
    case .exited(let status):
      self += " exited".utf8
      append(word: Int(status))
    case .signalled(let number):
      self += " signalled".utf8
      append(word: Int(number))
    case .failed(let why):
      self += " failed ".utf8
      self += RecordText.quoted(why).utf8
    case .lost: self += " lost".utf8
    case .notStarted: self += " not-started".utf8
    case .refused(let why):
      self += " refused ".utf8
      self += RecordText.quoted(why).utf8
    }
  }

  fileprivate mutating func append(_ timer: TimerID, _ graph: Graph) {
    let (word, number, node): (String, UInt32, NodeID) =
      switch timer {
      case .timeout(let node): (" fired timeout", node.index, node)
      case .grace(let node): (" fired grace", node.index, node)
      case .backoff(let node): (" fired backoff", node.index, node)
      case .blockTimeout(let block): (" fired block-timeout", block.index, graph[block].begin)
      case .blockBackoff(let block): (" fired block-backoff", block.index, graph[block].begin)
      }
    self += word.utf8
    append(word: Int(number))
    append(nameOf: node, graph)
  }

  /// The name of a step, or of the block that begins at a node, as in `graph.name`.
  fileprivate mutating func append(nameOf node: NodeID, _ graph: Graph) {
    append(UInt8(ascii: " "))
    let start = count
    let entry = graph[node]
    self += graph.items[graph.item(node)].name.utf8
    append(UInt8(ascii: ":"))
    self += graph.subjects.path(entry.subject).utf8
    append(UInt8(ascii: "#"))
    self +=
      entry.kind == .step
      ? graph.steps[entry.template].name.utf8
      : graph.template(entry.block).name.utf8
    for index in start..<count where self[index] < 0x20 { self[index] = UInt8(ascii: "?") }
  }

}

/// Reads the words of a record one after another.
private struct RecordReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  mutating func moment() -> Instant? {
    guard let seconds = digits(until: UInt8(ascii: ".")) else { return nil }
    let start = position
    guard let rest = digits(until: UInt8(ascii: " ")), position - start == 10 else { return nil }
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    return overflow ? nil : Instant(nanoseconds: Int64(whole + rest))
  }

  /// A number and the byte after it, or the end.
  private mutating func digits(until end: UInt8) -> Int? {
    var value = 0
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      position += 1
      if byte == end { return position - 1 > start ? value : nil }
      guard byte >= 0x30, byte <= 0x39, value < 100_000_000_000_000_000 else { return nil }
      value = value * 10 + Int(byte - 0x30)
    }
    return position > start ? value : nil
  }

  private mutating func number() -> Int? { digits(until: UInt8(ascii: " ")) }

  private mutating func word() -> Slice<UnsafeRawBufferPointer> {
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: " ") { position += 1 }
    defer { position = min(position + 1, bytes.count) }
    return bytes[start..<position]
  }

  private mutating func node(_ graph: Graph?) -> NodeID? {
    guard let number = number(), number < graph?.count ?? .max else { return nil }
    return UInt32(exactly: number).map { NodeID($0) }
  }

  private mutating func step(_ graph: Graph?) -> NodeID? {
    guard let node = node(graph) else { return nil }
    if let graph, graph[node].kind != .step { return nil }
    return node
  }

  private mutating func block(_ graph: Graph?) -> BlockID? {
    guard let number = number(), number < graph?.blocks.count ?? .max else { return nil }
    return UInt32(exactly: number).map { BlockID($0) }
  }

  private mutating func small() -> Int32? { number().flatMap { Int32(exactly: $0) } }

  mutating func event(_ graph: Graph?) -> Event? {
    let kind = word()
    if kind.elementsEqual("started".utf8) {
      guard let node = step(graph), let attempt = number() else { return nil }
      if position < bytes.count, bytes[position] == UInt8(ascii: "-") {
        return .started(node, attempt: attempt, process: nil)
      }
      guard let process = small() else { return nil }
      return .started(node, attempt: attempt, process: process)
    }
    if kind.elementsEqual("ended".utf8) {
      guard let node = step(graph), let attempt = number(), let result = result() else {
        return nil
      }
      return .ended(node, attempt: attempt, result)
    }
    if kind.elementsEqual("fired".utf8) { return timer(graph).map { .fired($0) } }
    if kind.elementsEqual("answered".utf8) {
      guard let node = node(graph) else { return nil }
      let answer = word()
      if answer.elementsEqual("yes".utf8) { return .answered(node, true) }
      return answer.elementsEqual("no".utf8) ? .answered(node, false) : nil
    }
    switch String(decoding: kind, as: UTF8.self) {
    case "began": return .began
    case "resumed":
      // Old records, from before steps were renewed, have nothing more.
      if position >= bytes.count { return .resumed(.nothing) }
      return Lapse(rawValue: String(decoding: word(), as: UTF8.self)).map { .resumed($0) }
    case "halted": return .halted
    case "cancelled": return small().map { .cancelled(signal: $0) }
    case "assumed":
      guard let node = step(graph),
        let assumption = Assumption(rawValue: String(decoding: word(), as: UTF8.self))
      else { return nil }
      return .assumed(node, assumption)
    default: return nil
    }
  }

  private mutating func result() -> AttemptResult? {
    let kind = word()
    if kind.elementsEqual("exited".utf8) { return small().map { .exited($0) } }
    if kind.elementsEqual("signalled".utf8) { return small().map { .signalled($0) } }
    if kind.elementsEqual("lost".utf8) { return .lost }
    if kind.elementsEqual("not-started".utf8) { return .notStarted }
    let isFailed = kind.elementsEqual("failed".utf8)
    guard isFailed || kind.elementsEqual("refused".utf8) else { return nil }
    let why = RecordText.read(bytes[position...])?.text
    return why.map { isFailed ? .failed($0) : .refused($0) }
  }

  private mutating func timer(_ graph: Graph?) -> TimerID? {
    switch String(decoding: word(), as: UTF8.self) {
    case "timeout": step(graph).map { .timeout($0) }
    case "grace": step(graph).map { .grace($0) }
    case "backoff": step(graph).map { .backoff($0) }
    case "block-timeout": block(graph).map { .blockTimeout($0) }
    case "block-backoff": block(graph).map { .blockBackoff($0) }
    default: nil
    }
  }
}
