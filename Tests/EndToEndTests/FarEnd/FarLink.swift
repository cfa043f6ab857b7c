import Execution
import Glibc
import PlanGraph
import Testing
import Wire

/// A connection to a far end of its own: `lockstep serve` at the other ends of two pipes.
final class FarLink {
  let command: RunningCommand
  private var input: Handle?
  private var output: Handle?
  private var frames = FrameReader()
  /// Everything that came, in its order.
  private(set) var heard: [FarMessage] = []

  /// Starts a far end, and reads its greeting.
  init(_ sandbox: Sandbox, _ location: SourceLocation = #_sourceLocation) throws {
    let (theirInput, ourOutput) = try Handle.pipe()
    let (ourInput, theirOutput) = try Handle.pipe()
    command = try sandbox.start(
      ["serve"],
      input: .handle(theirInput),
      stdout: .handle(theirOutput)
    )
    input = ourInput
    output = ourOutput
    var greeting = GreetingReader()
    let deadline = Deadline()
    while true {
      guard let bytes = try read(deadline, location) else {
        throw Hang(description: "the far end ended before it greeted", location)
      }
      guard let rest = try greeting.add(bytes) else { continue }
      #expect(greeting.banner.isEmpty, sourceLocation: location)
      frames.add(rest)
      return
    }
  }

  /// Sends messages without waiting for anything.
  func send(_ messages: NearMessage...) throws {
    for message in messages {
      var bytes: [UInt8] = []
      try Frame.append(message.payload, to: &bytes)
      try send(bytes: bytes)
    }
  }

  /// Sends bytes as they are.
  func send(bytes: [UInt8]) throws { try output?.write(bytes) }

  /// The next message; nil at the end.
  func next(_ location: SourceLocation = #_sourceLocation) throws -> FarMessage? {
    let deadline = Deadline()
    while true {
      if let payload = try frames.next() {
        let message = try #require(try FarMessage(payload: payload), sourceLocation: location)
        heard.append(message)
        return message
      }
      guard let bytes = try read(deadline, location) else { return nil }
      frames.add(bytes)
    }
  }

  /// Waits for a message that `take` likes.
  func wait<Answer>(
    _ location: SourceLocation = #_sourceLocation,
    for take: (FarMessage) -> Answer?
  ) throws -> Answer {
    while let message = try next(location) {
      if let answer = take(message) { return answer }
    }
    throw Hang(description: "it did not come; heard \(heard)", location)
  }

  /// Waits for a message.
  func wait(for wanted: FarMessage, _ location: SourceLocation = #_sourceLocation) throws {
    try wait(location) { $0 == wanted ? () : nil }
  }

  /// Waits for the end of a step's attempt.
  func end(
    of node: NodeID,
    _ attempt: Int = 1,
    _ location: SourceLocation = #_sourceLocation
  ) throws -> FarMessage.End {
    try wait(location) { message -> FarMessage.End? in
      guard case .ended(node, attempt, let result, let took) = message else { return nil }
      return FarMessage.End(result: result, took: took)
    }
  }

  /// Waits until a step's attempt is reported as started, and gives its process.
  @discardableResult
  func start(
    of node: NodeID,
    _ attempt: Int = 1,
    _ location: SourceLocation = #_sourceLocation
  ) throws -> Int32? {
    try wait(location) { message -> Int32?? in
      guard case .started(node, attempt, let process) = message else { return nil }
      return .some(process)
    }
  }

  /// The bytes that come next; nil at the end.
  private func read(_ deadline: Deadline, _ location: SourceLocation) throws -> [UInt8]? {
    guard let input else { return nil }
    var wanted = pollfd(fd: input.number, events: Int16(POLLIN), revents: 0)
    while poll(&wanted, 1, deadline.milliseconds) <= 0 {
      if deadline.milliseconds == 0 {
        throw Hang(description: "the far end says no more; heard \(heard)", location)
      }
    }
    var bytes: [UInt8] = []
    _ = input.read(into: &bytes)
    return bytes.isEmpty ? nil : bytes
  }

  /// Loses the connection: closes both pipes.
  func close() {
    input = nil
    output = nil
  }

  /// Ends only what goes to the far end.
  func closeOutput() { output = nil }

  /// Fails the test unless the far end says nothing more and ends its side.
  func expectEnd(_ location: SourceLocation = #_sourceLocation) throws {
    while let message = try next(location) {
      Issue.record("it still said \(message)", sourceLocation: location)
    }
  }

  /// Loses the connection and waits for the end of the process.
  func finish(_ location: SourceLocation = #_sourceLocation) throws -> FinishedCommand {
    close()
    return try command.finish(location)
  }
}

extension FarMessage {
  /// How an attempt ended.
  struct End: Equatable {
    var result: AttemptResult
    var took: Duration?
  }
}
