import PlanGraph
import Wire
import Words

/// What must be true for all bytes that can come over a connection.
package enum WireChecks {
  /// Reads bytes in every way that the two ends can.
  ///
  /// - Parameter bytes: a stream of frames, perhaps with a greeting in front, or one payload.
  /// - Returns: what is not true; nil if everything is.
  package static func mistake(in bytes: [UInt8]) -> String? {
    do {
      try check(stream: bytes)
      try check(payload: bytes[...])
      return nil
    } catch {
      return error.words
    }
  }

  private struct Mistake: Error { var words: String }

  private static func require(
    _ condition: Bool,
    _ words: @autoclosure () -> String
  ) throws(Mistake) {
    if !condition { throw Mistake(words: words()) }
  }

  // MARK: Streams

  /// What a reader takes out of a stream.
  private struct Reading: Equatable {
    var payloads: [[UInt8]] = []
    var failure: WireFailure?
  }

  private static func check(stream: [UInt8]) throws(Mistake) {
    let (greeted, rest) = try greeting(stream, pieces: [stream.count])
    let pieces = cuts(of: stream)
    let (again, restAgain) = try greeting(stream, pieces: pieces)
    try require(greeted == again && rest == restAgain, "the greeting depends on the pieces")
    // Without a greeting, all of it may be frames.
    let frames = rest ?? stream
    let whole = try read(frames, pieces: [frames.count])
    let cut = try read(frames, pieces: pieces)
    try require(whole == cut, "the frames depend on the pieces")
    if let failure = whole.failure { try check(words: failure) }
    try check(rewritten: whole.payloads, stream: frames)
    var plan = VMPlan()
    for payload in whole.payloads {
      try check(payload: payload[...])
      let message = try? NearMessage(payload: payload[...])
      if case .plan(let part) = message { try check(part, &plan) }
    }
  }

  /// The lengths of pieces, as their own bytes choose them.
  private static func cuts(of bytes: [UInt8]) -> [Int] {
    var pieces: [Int] = []
    var place = 0
    while place < bytes.count {
      let length = min(1 + Int(bytes[place] & 31), bytes.count - place)
      pieces.append(length)
      place += length
    }
    return pieces
  }

  private static func read(_ bytes: [UInt8], pieces: [Int]) throws(Mistake) -> Reading {
    var reader = FrameReader()
    var reading = Reading()
    var place = 0
    for piece in pieces where place < bytes.count {
      let end = min(place + piece, bytes.count)
      reader.add(bytes[place..<end])
      place = end
      do throws(WireFailure) {
        while let payload = try reader.next() { reading.payloads.append(Array(payload)) }
      } catch {
        reading.failure = error
        break
      }
      try require(reader.pending <= place, "more is kept than came")
    }
    return reading
  }

  /// The frames written again are the beginning of the stream.
  private static func check(rewritten payloads: [[UInt8]], stream: [UInt8]) throws(Mistake) {
    var bytes: [UInt8] = []
    do throws(WireFailure) {
      for payload in payloads { try Frame.append(payload, to: &bytes) }
    } catch {
      throw Mistake(words: "a frame that came cannot be sent: \(error.words)")
    }
    try require(stream.starts(with: bytes), "the frames written again are other bytes")
  }

  /// What comes before the greeting, or why there is none; and what follows it.
  private static func greeting(
    _ bytes: [UInt8],
    pieces: [Int]
  ) throws(Mistake) -> (banner: [UInt8]?, rest: [UInt8]?) {
    var reader = GreetingReader()
    var place = 0
    var rest: [UInt8]?
    for piece in pieces {
      let part = Array(bytes[place..<place + piece])
      place += piece
      if rest != nil {
        rest? += part
        continue
      }
      do throws(WireFailure) {
        if let found = try reader.add(part) { rest = Array(found) }
      } catch {
        try check(words: error)
        return (nil, nil)
      }
    }
    if let rest {
      let again = reader.banner + WireProtocol.greeting + rest
      try require(again == bytes, "the greeting's surroundings are other bytes")
    }
    return (reader.banner, rest)
  }

  // MARK: Messages

  private static func check(payload: ArraySlice<UInt8>) throws(Mistake) {
    try check(payload) { bytes throws(WireFailure) in
      try NearMessage(payload: bytes)
    } write: {
      $0.payload
    }
    try check(payload) { bytes throws(WireFailure) in
      try FarMessage(payload: bytes)
    } write: {
      $0.payload
    }
  }

  /// What was read and written again is read as the same.
  private static func check<Message: Equatable>(
    _ payload: ArraySlice<UInt8>,
    read: (ArraySlice<UInt8>) throws(WireFailure) -> Message?,
    write: (Message) -> [UInt8]
  ) throws(Mistake) {
    let message: Message
    do throws(WireFailure) {
      guard let found = try read(payload) else { return }
      message = found
    } catch {
      return try check(words: error)
    }
    let written = write(message)
    try require(written.count <= 10 * payload.count + 1000, "a message grows when it is written")
    let again: Message?
    do throws(WireFailure) {
      again = try read(written[...])
    } catch {
      throw Mistake(words: "what was written cannot be read: \(error.words)")
    }
    try require(again == message, "what was written is read as something else")
    try require(again.map(write) == written, "what was read is written in another way")
  }

  /// The words of a failure are shown to people.
  private static func check(words failure: WireFailure) throws(Mistake) {
    let isSafe = failure.words.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7F }
    try require(isSafe, "a control character is in the words of a failure")
    try require((1...500).contains(failure.words.utf8.count), "the words of a failure are too many")
  }

  // MARK: Plans

  /// Whatever parts say, a plan takes them or refuses them.
  private static func check(_ part: PlanPart, _ plan: inout VMPlan) throws(Mistake) {
    let before = plan.nodes.count
    do throws(WireFailure) {
      try plan.add(part)
    } catch {
      plan = VMPlan()
      return try check(words: error)
    }
    try require(plan.nodes.count == before + part.steps.count, "a step of the plan is lost")
    for (node, near) in zip(plan.nodes.indices, plan.nodes).suffix(100) {
      try require(plan.node(near) == node, "a step of the plan has another number")
      try require(!plan.graph.name(node).isEmpty, "a step of the plan has no name")
    }
    if plan.isWhole { plan = VMPlan() }
  }
}
