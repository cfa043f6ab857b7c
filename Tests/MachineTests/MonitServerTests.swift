import CLinux
import Execution
import Glibc
@testable import Machine
import PlanGraph
@testable import System
import Testing

/// Answers HTTP requests with what is prepared, one after the other; the last one is repeated.
private final class FakeMonit: @unchecked Sendable {
  let port: UInt16
  private let socket: Descriptor
  private let requests = Locked<[String]>([])
  private let answers: Locked<[String]>
  private var thread = pthread_t()

  init(_ answers: [String]) throws {
    self.answers = Locked(answers)
    let number = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let size = length
    port = try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        try #require(bind(number, generic, size) == 0 && listen(number, 16) == 0)
        try #require(getsockname(number, generic, &length) == 0)
      }
      return UInt16(bigEndian: pointer.pointee.sin_port)
    }
    socket = Descriptor(owning: number)
    let box = Unmanaged.passUnretained(self).toOpaque()
    pthread_create(
      &thread,
      nil,
      { box in
        if let box { Unmanaged<FakeMonit>.fromOpaque(box).takeUnretainedValue().serve() }
        return nil
      },
      box
    )
  }

  /// Ends the thread.
  ///
  /// Must be called, because the thread keeps this object alive.
  func stop() {
    shutdown(socket.number, Int32(SHUT_RDWR))
    pthread_join(thread, nil)
  }

  /// The first line and the body of each request.
  var seen: [String] { requests.withLock { $0 } }

  private func serve() {
    while true {
      let number = accept(socket.number, nil, nil)
      if number < 0 { return }
      let connection = Descriptor(owning: number)
      var text = ""
      var buffer = [UInt8](repeating: 0, count: 4096)
      while !text.contains("\r\n\r\n") || (text.hasPrefix("POST") && !text.contains("action=")) {
        let count = read(connection.number, &buffer, buffer.count)
        if count <= 0 { break }
        text += String(decoding: buffer[..<count], as: UTF8.self)
      }
      let parts = text.split(separator: "\r\n")
      let form = parts.last.map { $0.drop { $0 != "&" } } ?? ""
      let body = text.hasPrefix("POST") ? " \(form)" : ""
      requests.withLock { $0.append("\(parts.first ?? "")\(body)") }
      let answer = answers.withLock { $0.count > 1 ? $0.removeFirst() : $0[0] }
      _ = answer.withCString { send(connection.number, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
    }
  }
}

/// Orders to a monit that answers as a real one does only in rare moments, and to a monit 5.2,
/// which BOSH ships.
///
/// Its answers are those of its documentation.
@Suite(.serialized) struct MonitServerTests {
  private static func status(_ services: String, incarnation: Int = 7) -> String {
    "HTTP/1.0 200 OK\r\nContent-Type: text/xml\r\n\r\n<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>"
      + "<monit id=\"1b\" incarnation=\"\(incarnation)\" version=\"5.2.5\"><services>\(services)"
      + "</services><servicegroups><servicegroup name=\"vcap\"><service>web</service>"
      + "</servicegroup></servicegroups></monit>"
  }

  private static func web(_ text: String, second: Int = 1) -> String {
    "<service name=\"web\"><type>3</type><collected_sec>\(second)</collected_sec>"
      + "<collected_usec>0</collected_usec>\(text)</service>"
  }

  private static let down = web(
    "<status>512</status><monitor>1</monitor><pendingaction>0</pendingaction>"
  )
  private static func up(_ second: Int) -> String {
    web(
      "<status>0</status><monitor>1</monitor><pendingaction>0</pendingaction><pid>17</pid>",
      second: second
    )
  }
  private static let unmonitored = web(
    "<status>0</status><monitor>0</monitor><pendingaction>0</pendingaction>"
  )
  private static let busy = "HTTP/1.0 503 Busy\r\n\r\n"
  private static let taken = "HTTP/1.0 200 OK\r\n\r\n<html></html>"

  private func run(
    _ action: StepAction,
    _ answers: [String],
    isWhole: Bool = false,
    group: String = "vcap"
  ) throws -> (result: AttemptResult?, seen: [String], remarks: [String]) {
    let monit = try FakeMonit(answers)
    defer { monit.stop() }
    let vm = TemporaryVM()
    vm.write(
      "jobs/web/monit",
      "check process web with pidfile \(vm.at("web.pid")) group \(group)"
    )
    vm.write(
      "monitrc",
      "set httpd port \(monit.port) and use address 127.0.0.1 allow vcap:secret\n",
      mode: 0o600
    )
    var plan = TestGraph(releaseJobs: ["web"])
    let node = plan.add(action, on: isWhole ? nil : "web")
    let run = FlatRun([node])
    let machine = try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: vm.open()],
      supervisor: .monit(vm.at("monitrc"))
    )
    try machine.drive(run)
    return (run.results[node], monit.seen, run.remarks.map(\.text))
  }

  private static let look = "GET /_status2?format=xml HTTP/1.0"

  @Test("BOSH 5.3: the answer to a start only says that it was taken (monit 5.2)")
  func start() throws {
    let done = try run(
      .start,
      [
        Self.status(Self.down), Self.taken, Self.status(Self.down), Self.status(Self.up(2)),
        Self.status(Self.up(3)),
      ]
    )
    #expect(done.result == .exited(0))
    let looks = Array(repeating: Self.look, count: 3)
    #expect(done.seen == [Self.look, "POST /web HTTP/1.0 &action=start"] + looks)
    #expect(done.remarks == ["'web' is failing: its process does not run"])
  }

  @Test("BOSH 5.2: all of group vcap, and nothing else")
  func group() throws {
    let other =
      "<service name=\"other\"><type>3</type><status>0</status><monitor>1</monitor></service>"
    let done = try run(
      .unmonitor,
      [Self.status(other + Self.up(1)), Self.taken, Self.status(other + Self.unmonitored)],
      isWhole: true
    )
    #expect(done.result == .exited(0))
    #expect(done.seen == [Self.look, "POST /web HTTP/1.0 &action=unmonitor", Self.look])
  }

  @Test("BOSH 5.3: no service is a success")
  func noServices() throws {
    let nobody = Self.status("").replacing("<service>web</service>", with: "")
    #expect(try run(.start, [nobody], isWhole: true, group: "other").result == .exited(0))
    // A process that a release job declares must not be skipped.
    guard case .failed(let words)? = try run(.start, [nobody], isWhole: true).result else {
      Issue.record("it succeeded")
      return
    }
    #expect(words.hasPrefix("monit does not know the process 'web'; "))
  }

  @Test func busyIsTriedAgain() throws {
    let done = try run(
      .unmonitor,
      [
        Self.busy, Self.status(Self.up(1)), Self.busy, Self.taken,
        Self.status(Self.unmonitored),
      ]
    )
    #expect(done.result == .exited(0) && done.seen.count == 5)
  }

  @Test(arguments: [
    ("HTTP/1.0 401 No\r\n\r\n", "refuses our user (HTTP 401); see 'allow' in its control file"),
    ("HTTP/1.0 500 Oops\r\n\r\n", "answered HTTP 500"),
    ("HTTP/1.0 200 OK\r\n\r\n<html>", "its status ends inside <html>"),
    ("HTTP/1.0 200 OK\r\n\r\n<html></html>", "the answer is not a monit status"),
  ])
  func otherServersAreNotMonit(_ answer: String, _ words: String) throws {
    guard case .failed(let reason)? = try run(.start, [answer]).result else {
      Issue.record("it succeeded")
      return
    }
    #expect(reason.contains(words), "\(reason)")
  }

  @Test func anActionOnAServiceThatIsGone() throws {
    let done = try run(.unmonitor, [Self.status(Self.up(1)), "HTTP/1.0 404 Not Found\r\n\r\n"])
    guard case .failed(let reason)? = done.result else {
      Issue.record("it succeeded")
      return
    }
    #expect(reason.hasSuffix("does not know 'web'; reload monit"))
  }

  @Test func aRestartOfMonitIsNoticed() throws {
    let done = try run(
      .start,
      [Self.status(Self.down), Self.taken, Self.status(Self.down, incarnation: 8)]
    )
    #expect(
      done.result
        == .failed(
          "monit was restarted or reloaded meanwhile and forgot what it was asked to do; "
            + "resume the run"
        )
    )
  }

  @Test func aMonitThatDoesNotAnswerIsReported() throws {
    let done = try run(.start, [Self.status(Self.down), ""])
    guard case .failed(let reason)? = done.result else {
      Issue.record("it succeeded")
      return
    }
    #expect(reason.hasPrefix("monit does not answer: ") && reason.hasSuffix("then resume the run"))
    #expect(done.remarks.contains { $0.hasPrefix("monit does not answer at the moment: ") })
  }
}
