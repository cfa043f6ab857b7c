import Execution
import PlanGraph
import PlanLanguage
import Words

/// Writes the nodes of a dry-run's JSON document: up to millions of them, so each is put together
/// from pieces that were made once.
struct DryRunNodes {
  private let graph: Graph
  private let sources: DryRunJSON.Sources
  private let words: StepWords
  /// By subject: its path, as the inside of a JSON text.
  private let paths: Pieces
  /// By item: its name and a colon.
  private let items: Pieces
  /// By step template: `#` and its name.
  private let statements: Pieces
  /// By step template: the stem of its logs; empty for none.
  private let stems: Pieces
  /// By block: whether something in or around it may keep a step from running.
  private let isUncertain: [Bool]

  init(_ graph: Graph, _ sources: DryRunJSON.Sources, _ words: StepWords) {
    self.graph = graph
    self.sources = sources
    self.words = words
    paths = Pieces(0..<graph.subjects.count) { graph.subjects.path(SubjectID(UInt32($0))) }
    items = Pieces(graph.items.indices) { graph.items[$0].name + ":" }
    statements = Pieces(graph.steps.indices) { "#" + graph.steps[$0].name }
    stems = Pieces(graph.steps.indices) { sources.logStem(StepTemplateID(UInt32($0))) ?? "" }
    var isUncertain = [Bool](repeating: false, count: graph.blocks.count)
    for (index, block) in graph.blocks.enumerated() {
      let template = graph.blockTemplates[Int(block.template.index)]
      isUncertain[index] =
        template.skipReason != nil || template.condition != nil || template.kind == .onFailure
        || block.parent != .none && isUncertain[Int(block.parent.index)]
    }
    self.isUncertain = isUncertain
  }

  func write(_ json: inout JSONWriter) {
    json.name("nodes")
    json.array { json in
      var line: [UInt8] = []
      line.reserveCapacity(1024)
      for index in graph.nodes.indices {
        line.removeAll(keepingCapacity: true)
        write(NodeID(UInt32(index)), &line)
        json.lineBreak()
        json.raw(line)
      }
    }
  }

  private func write(_ node: NodeID, _ line: inout [UInt8]) {
    let entry = graph[node]
    line.put("{\"id\":")
    line.put(Int(node.index))
    line.put(",\"kind\":\"")
    switch entry.kind {
    case .step: line.put("step\",\"name\":\"")
    case .barrier: line.put("barrier\",\"name\":\"")
    case .join: line.put("join\",\"name\":\"")
    case .blockBegin: line.put("block-begin\",\"name\":\"")
    case .blockEnd: line.put("block-end\",\"name\":\"")
    }
    if entry.kind == .step {
      items.put(Int(graph.item(node).index), &line)
      paths.put(Int(entry.subject.index), &line)
      statements.put(Int(entry.payload), &line)
    } else {
      line.append(contentsOf: jsonString(graph.name(node)).utf8.dropFirst().dropLast())
    }
    line.put("\",\"subject\":\"")
    paths.put(Int(entry.subject.index), &line)
    line.put("\",\"block\":")
    if entry.block == .none { line.put("null") } else { line.put(Int(entry.block.index)) }
    if entry.kind == .step { writeStep(node, entry, &line) }
    line.put(",\"waits_for\":[")
    write(graph.predecessors(node), &line)
    line.put("],\"then\":[")
    write(graph.successors(node), &line)
    line.put("]}")
  }

  private func write(_ nodes: ArraySlice<UInt32>, _ line: inout [UInt8]) {
    var isFirst = true
    for node in nodes {
      if !isFirst { line.append(UInt8(ascii: ",")) }
      isFirst = false
      line.put(Int(node))
    }
  }

  private func writeStep(_ node: NodeID, _ entry: Node, _ line: inout [UInt8]) {
    line.put(",\"statement\":")
    line.put(Int(entry.payload))
    line.put(",\"state\":\"")
    let fate = fate(node, entry)
    switch fate {
    case .runs: line.put("runs\"")
    case .skipped: line.put("skipped\",\"reason\":")
    case .unknown: line.put("unknown\",\"reason\":")
    }
    if let reason = fate.reason { line.append(contentsOf: jsonString(reason).utf8) }
    if let script = sources.script(node) {
      line.put(",\"script\":")
      line.put(script)
    }
    let template = Int(entry.payload)
    if !stems.isEmpty(template) {
      for (field, end) in [
        (",\"stdout\":\"" as StaticString, ".stdout.log\"" as StaticString),
        (",\"stderr\":\"", ".stderr.log\""),
      ] {
        line.put(field)
        line.append(contentsOf: sources.logsPath.utf8)
        line.append(UInt8(ascii: "/"))
        if graph.subjects.scope(entry.subject) == .releaseJob {
          line.append(contentsOf: graph.subjects.name(entry.subject).utf8)
        } else {
          line.put("lockstep")
        }
        line.append(UInt8(ascii: "/"))
        stems.put(template, &line)
        line.put(end)
      }
    }
    if let overlay = sources.overlay { write(overlay.steps[node], &line) }
  }

  private func fate(_ node: NodeID, _ entry: Node) -> StepFate {
    let step = Int(entry.payload)
    if graph.steps[step].skipReason == nil, graph.steps[step].condition == nil,
      entry.block == .none || !isUncertain[Int(entry.block.index)], sources.passedOver.isEmpty
    {
      return .runs
    }
    return words.fate(node, passedOver: sources.passedOver)
  }

  private func write(_ step: RunOverlay.Step?, _ line: inout [UInt8]) {
    var text = ""
    var json = JSONWriter { text += String(decoding: $0, as: UTF8.self) }
    if let step {
      json.object {
        $0.field("state", step.state.word)
        $0.field("attempts", step.attempts)
        $0.field("started", step.started)
        $0.field("duration", step.duration)
        $0.field("failure", step.failure)
      }
    } else {
      json.null()
    }
    json.finish()
    line.put(",\"run\":")
    line.append(contentsOf: text.utf8.dropLast())
  }
}

/// Texts in one piece of memory, escaped for JSON.
private struct Pieces {
  private var bytes: [UInt8] = []
  private var ends: [UInt32] = [0]

  init(_ range: Range<Int>, _ text: (Int) -> String) {
    ends.reserveCapacity(range.count + 1)
    for index in range {
      var text = text(index)
      let isPlain = text.withUTF8 {
        $0.allSatisfy { (0x20..<0x7F).contains($0) && $0 != 0x22 && $0 != 0x5C }
      }
      if isPlain {
        bytes.append(contentsOf: text.utf8)
      } else {
        bytes.append(contentsOf: jsonString(text).utf8.dropFirst().dropLast())
      }
      ends.append(UInt32(bytes.count))
    }
  }

  func isEmpty(_ index: Int) -> Bool { ends[index] == ends[index + 1] }

  func put(_ index: Int, _ line: inout [UInt8]) {
    line.append(contentsOf: bytes[Int(ends[index])..<Int(ends[index + 1])])
  }
}

extension [UInt8] {
  fileprivate mutating func put(_ text: StaticString) {
    text.withUTF8Buffer { append(contentsOf: $0) }
  }

  fileprivate mutating func put(_ number: Int) {
    var number = number
    if number < 0 {
      append(UInt8(ascii: "-"))
      number = -number
    }
    let start = count
    repeat {
      append(UInt8(ascii: "0") + UInt8(number % 10))
      number /= 10
    } while number > 0
    self[start...].reverse()
  }
}
