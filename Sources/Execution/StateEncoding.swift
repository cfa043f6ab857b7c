import PlanGraph

extension Run {
  /// Everything that decides how the run goes on, as bytes: two runs of one graph with the same bytes
  /// act alike from here on.
  ///
  /// For comparing, not for keeping: what is kept of a run are its events.
  package var encodedState: [UInt8] {
    var encoder = StateEncoder()
    encode(into: &encoder)
    return encoder.bytes
  }

  private func encode(into encoder: inout StateEncoder) {
    encoder.add(states.map(\.rawValue).map(UInt64.init))
    encoder.add(waitingFor.map(UInt64.init))
    encoder.add(attempts.map(UInt64.init))
    encoder.add(readySince.map(UInt64.init))
    encoder.add([UInt64(eventCount), UInt64(underWay), UInt64(pendingAtTop)])
    encoder.add([hasFailed, isForced].map { $0 ? 1 : 0 })
    encoder.add(describing: [stopping.map { "\($0)" } ?? "", outcome.map { "\($0)" } ?? ""])
    encoder.add(attemptsBefore) { UInt64($0) }
    encoder.add(unstarted) { UInt64($0) }
    encoder.add(stopReasons) { UInt64($0) }
    encoder.add(failures) { UInt64($0.index) }
    encoder.add(answers) { UInt64($0.index) }
    encoder.add(withheld) { UInt64($0.index) }
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

/// Writes a run's parts one after another, each with its length.
private struct StateEncoder {
  private(set) var bytes: [UInt8] = []

  mutating func add(_ values: [UInt64]) {
    add(UInt64(values.count))
    for value in values { add(value) }
  }

  private mutating func add(_ value: UInt64) {
    for shift in stride(from: 0, to: 64, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
    }
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
    let pairs = dictionary.map { (key($0.key), "\($0.value)") }.sorted { $0.0 < $1.0 }
    add(pairs.map(\.0))
    add(describing: pairs.map(\.1))
  }

  mutating func add(_ queue: Queue<NodeID>) { add(queue.all.map { UInt64($0.index) }) }

  mutating func add(_ slots: SlotQueue) {
    add([UInt64(bitPattern: Int64(slots.free))])
    add(slots.waiting)
  }

  mutating func add(_ block: BlockState) {
    add([
      UInt64(bitPattern: Int64(block.pending)), UInt64(block.attempt), block.isEntered ? 1 : 0,
      block.isClosed ? 1 : 0, block.isStopping ? 1 : 0, block.hasHandlerFailed ? 1 : 0,
    ])
    add(describing: ["\(block.stage)", block.failure.map { "\($0)" } ?? ""])
    if let slots = block.slots { add(slots) }
  }
}
