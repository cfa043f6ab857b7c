import PlanGraph

extension Run {
  /// Everything that decides how the run continues, as bytes: two runs of a graph with the same
  /// bytes act alike from here on.
  ///
  /// This is only for comparing. A run is stored as its events.
  package var encodedState: [UInt8] {
    var encoder = StateEncoder()
    encode(into: &encoder)
    return encoder.bytes
  }

  private func encode(into encoder: inout StateEncoder) {
    encoder.add(raw: states.elements)
    encoder.add(raw: waitingFor.elements)
    encoder.add(raw: attempts.elements)
    encoder.add(raw: readySince.elements)
    encoder.add([UInt64(eventCount), UInt64(underWay), UInt64(pendingAtTop), UInt64(signals)])
    encoder.add([hasFailed, isForced, isLapsePending].map { $0 ? 1 : 0 })
    encoder.add(describing: [stopping.map { "\($0)" } ?? "", outcome.map { "\($0)" } ?? ""])
    encoder.add(attemptsBefore) { UInt64($0.index) }
    encoder.add(unstarted) { UInt64($0.index) }
    encoder.add(stopReasons) { UInt64($0.index) }
    encoder.add(failures) { UInt64($0.index) }
    encoder.add(answers) { UInt64($0.index) }
    encoder.add(withheld) { UInt64($0.index) }
    encoder.add(kept) { UInt64($0.index) }
    encoder.add(renewed.map { UInt64($0.index) }.sorted())
    encoder.add(describing: [lapse.rawValue])
    encoder.add(assumptions) { UInt64($0.index) }
    encoder.add(freedByEntry) { UInt64($0.index) }
    encoder.add(settled.map { UInt64($0.index) }.sorted())
    encoder.add(awaited.map { UInt64($0.index) }.sorted())
    encoder.add(blockTimeouts.map { UInt64($0.index) }.sorted())
    encoder.add(startQueue)
    for queue in limitQueues { encoder.add(queue) }
    for block in blockStates { encoder.add(block) }
  }
}

/// Writes the parts of a run one after another, each with its length.
private struct StateEncoder {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ values: [UInt64]) { add(raw: values) }

  /// Adds values byte by byte.
  mutating func add<Value>(raw values: [Value]) {
    add(UInt64(values.count))
    values.withUnsafeBytes { bytes.append(contentsOf: $0) }
  }

  private mutating func add(_ value: UInt64) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }

  mutating func add(describing texts: [String]) {
    for text in texts {
      add(UInt64(text.utf8.count))
      bytes += text.utf8
    }
  }

  mutating func add<Key, Value>(
    _ dictionary: [Key: Value],
    key: (Key) -> UInt64
  ) {
    if dictionary.isEmpty { return add(0) }
    let pairs = dictionary.map { (key($0.key), "\($0.value)") }.sorted { $0.0 < $1.0 }
    add(pairs.map(\.0))
    add(describing: pairs.map(\.1))
  }

  mutating func add(_ queue: Queue<NodeID>) { add(raw: Array(queue.all)) }

  mutating func add(_ slots: SlotQueue) {
    add(UInt64(bitPattern: Int64(slots.free)))
    add(slots.waiting)
  }

  mutating func add(_ block: BlockState) {
    var flags: UInt64 = 0
    for flag in [block.isEntered, block.isClosed, block.isStopping] {
      flags = flags << 1 | (flag ? 1 : 0)
    }
    add([
      UInt64(bitPattern: Int64(block.pending)), UInt64(block.attempt), flags, block.stage.rawValue,
    ])
    add(describing: [block.failure, block.handlerFailure].map { $0.map { "\($0)" } ?? "" })
    if let slots = block.slots { add(slots) }
  }
}
