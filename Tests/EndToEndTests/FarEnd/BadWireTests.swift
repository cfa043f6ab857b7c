import Execution
import Glibc
import PlanGraph
import TestSupport
import Testing
import Wire

/// What a far end does if what comes is not what a near end sends.
@Suite(.waits) struct BadWireTests {
  /// Bytes that are no frame, and what is said of them.
  static let bad: [(name: String, bytes: [UInt8], words: String)] = [
    ("nothing", [], "nobody said hello"),
    ("text", Array("GET / HTTP/1.1\r\nHost: far\r\n\r\n".utf8), "are the most"),
    ("half a header", [0, 0, 0], "ended within a frame"),
    ("half a frame", [0, 0, 0, 100, 1, 2, 3, 4, 5], "ended within a frame"),
    ("a gigabyte", [0x40, 0, 0, 0, 0, 0, 0, 0], "are the most"),
    ("a wrong checksum", [0, 0, 0, 2, 1, 2, 3, 4, 0x7B, 0x7D], "wrong checksum"),
    ("no JSON", frame("hello"), "a frame's payload"),
    ("no type", frame("{}"), "has no 'type'"),
  ]

  private static func frame(_ text: String) -> [UInt8] {
    var bytes: [UInt8] = []
    // It is short enough for a frame.
    try? Frame.append(Array(text.utf8), to: &bytes)
    return bytes
  }

  @Test(arguments: bad.indices)
  func badBytesEndTheConnection(_ index: Int) throws {
    let (name, bytes, words) = Self.bad[index]
    let sandbox = try Sandbox()
    let link = try FarLink(sandbox)
    try link.send(bytes: bytes)
    link.closeOutput()
    try link.expectEnd()
    try link.finish().expect(1).complains(words)
    sandbox.expectNoSurvivors()
    #expect(!name.isEmpty)
  }

  @Test func unknownMessagesAreIgnored() throws {
    let world = try FarWorld("phase a per instance { run \"true\" as a { idempotent } }")
    let link = try FarLink(world.sandbox)
    try link.send(bytes: Self.frame("{\"type\": \"from-the-future\", \"x\": 1}"))
    try link.send(world.hello())
    _ = try link.wait { if case .welcome(let report) = $0 { report } else { nil } }
    try link.finish().expect(0)
  }

  @Test func messagesOutOfOrderFail() throws {
    let world = try FarWorld("phase a per instance { run \"true\" as a { idempotent } }")
    let link = try FarLink(world.sandbox)
    try link.send(.lock(patience: .zero))
    _ = try link.wait { if case .failed(let words) = $0 { words } else { nil } }
    try link.send(
      world.hello(),
      .begin(NearMessage.Begin(run: "x", supervisor: "ctl", coordinator: "", isResumed: false))
    )
    _ = try link.wait { if case .failed(let words) = $0 { words } else { nil } }
    try link.send(.lock(patience: .zero), .start(NodeID(1), attempt: 1, cause: nil))
    _ = try link.wait { if case .failed(let words) = $0 { words } else { nil } }
    for part in try world.parts() { try link.send(.plan(part)) }
    try link.send(world.begin("../../../etc"))
    let words = try link.wait { if case .failed(let words) = $0 { words } else { nil } }
    #expect(words.contains("no name of a run"))
    try link.finish().expect(0)
    #expect(!world.sandbox.exists("vm/data"))
  }

  @Test func garbageEndsNoStep() throws {
    let world = try FarWorld(
      "phase a per instance { run \"echo a >> order; read line < go\" as a { idempotent } }"
    )
    let go = try world.sandbox.fifo("vm/go")
    let a = try world.node("a")
    let first = try world.connect().link
    try first.send(.start(a, attempt: 1, cause: nil))
    try first.start(of: a)
    try first.send(bytes: Array(repeating: 0xFF, count: 100))
    try first.expectEnd()
    let (link, underWay) = try world.connect(isAgain: true)
    #expect(underWay == [a: 1])
    try go.release()
    #expect(try link.end(of: a).result == .exited(0))
    #expect(world.sandbox.lines("vm/order") == ["a"])
    try world.finish(link)
    _ = try first.finish().expect(1).complains("are the most")
  }
}
