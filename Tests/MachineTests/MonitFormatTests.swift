@testable import Clock
import Glibc
@testable import Machine
@testable import System
import Testing

/// What monit says, read without a monit.
@Suite struct MonitFormatTests {
  private func parts(_ text: String) throws -> [XMLPart] {
    var reader = XMLReader(Array(text.utf8))
    var parts: [XMLPart] = []
    while let part = try reader.next() { parts.append(part) }
    return parts
  }

  @Test func readsXML() throws {
    #expect(
      try parts(
        "<?xml version=\"1.0\"?><!-- - -- x --><a b='1 &lt; 2' c = \"\"><d/>x&#65;&amp;<![CDATA[<&]]></a >"
      )
        == [
          .begin("a", ["b": "1 < 2", "c": ""]), .begin("d", [:]), .end("d"), .text("xA&"),
          .text("<&"), .end("a"),
        ]
    )
  }

  @Test(arguments: [
    "<a>", "<a></b>", "</a>", "<a b></a>", "<a b=c/>", "<a>&nbsp;</a>", "<a>&#1114112;</a>",
    "<!DOCTYPE a [<!ENTITY b 'c'>]><a/>", "<a>& </a>", "<a", "<", "<a><![CDATA[x</a>",
    String(repeating: "<a>", count: 65),
  ])
  func refusesWhatIsNotXML(_ text: String) {
    #expect(throws: XMLError.self) { try parts(text) }
  }

  /// As 5.2 writes it: without onreboot, with words for what is wrong.
  static let old = """
    <?xml version="1.0" encoding="ISO-8859-1"?><monit id="1b" incarnation="1300000000" \
    version="5.2.5"><server><uptime>5</uptime><poll>10</poll><controlfile>/x</controlfile>\
    </server><platform><name>Linux</name><cpu>2</cpu></platform><services>\
    <service name="nginx"><type>3</type><collected_sec>7</collected_sec>\
    <collected_usec>8</collected_usec><status>512</status><status_hint>0</status_hint>\
    <monitor>1</monitor><monitormode>0</monitormode><pendingaction>0</pendingaction>\
    <status_message><![CDATA[process is not running]]></status_message></service>\
    <service name="web"><type>3</type><collected_sec>7</collected_sec>\
    <collected_usec>9</collected_usec><status>0</status><monitor>1</monitor>\
    <pendingaction>0</pendingaction><pid>17</pid><ppid>1</ppid><cpu><percent>0.0</percent></cpu>\
    </service></services><servicegroups><servicegroup name="vcap"><service>nginx</service>\
    <service>web</service></servicegroup></servicegroups></monit>
    """

  @Test func readsTheStatusOf52() throws {
    let status = try MonitStatus(Array(Self.old.utf8))
    #expect(status.incarnation == "1300000000" && status.version == "5.2.5")
    #expect(status.groups == ["vcap": ["nginx", "web"]])
    let nginx = try #require(status.services["nginx"])
    #expect(!nginx.isUp && nginx.words == "is failing: process is not running")
    let web = try #require(status.services["web"])
    #expect(web.isUp && web.process == 17 && web.collected == "7.9")
  }

  @Test func acceptsLatin1() throws {
    var bytes = Array(
      "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><monit incarnation=\"1\">".utf8
    )
    bytes += Array("<services><service name=\"caf".utf8) + [0xE9] + Array("\">".utf8)
    bytes += Array("<type>3</type></service></services></monit>".utf8)
    #expect(try MonitStatus(bytes).services.keys.sorted() == ["café"])
  }

  /// Monit writes the bytes of its control file, whatever encoding it declares.
  @Test func takesNamesAsTheControlFileHasThem() throws {
    let text = Self.old.replacing("name=\"web\"", with: "name=\"wäb\"")
    #expect(try MonitStatus(Array(text.utf8)).services.keys.sorted() == ["nginx", "wäb"])
  }

  @Test(
    "BOSH 5.8: monitor is a set of bits",
    arguments: [
      (0, false, false, false), (1, true, false, false), (2, false, true, false),
      (3, false, true, false), (4, true, false, true), (5, true, false, true),
      (6, true, false, true),
    ]
  )
  func monitorBits(_ bits: Int, _ isUp: Bool, _ isInitializing: Bool, _ isWaiting: Bool) {
    var service = MonitStatus.Service(name: "web")
    service.process = 17
    service.monitor = bits
    #expect(service.isUp == isUp && service.isMonitored == (bits > 0))
    #expect(service.isInitializing == isInitializing && service.isWaiting == isWaiting)
  }

  /// A truncated or damaged file must be refused, and nothing else may happen.
  @Test func survivesEveryCutAndDamage() {
    let bytes = Array(Self.old.utf8)
    for length in bytes.indices {
      #expect(throws: PlainFailure.self) { try MonitStatus(Array(bytes[..<length])) }
    }
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 0x15
      _ = try? MonitStatus(damaged)
    }
  }

  @Test func readsAnswers() throws {
    let answer = try HTTPResponse(Array("HTTP/1.1 302 Found\r\nA: b\r\n\r\nbody".utf8))
    #expect(answer.status == 302 && answer.body == Array("body".utf8))
    let whole = try HTTPResponse(Array("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nab".utf8))
    #expect(whole.body == Array("ab".utf8))
    for text in [
      "", "HTTP/1.1 200 OK\r\n", "SSH-2.0-x\r\n\r\n", "HTTP/1.1 abc\r\n\r\n",
      "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nab",
    ] {
      #expect(throws: PlainFailure.self) { try HTTPResponse(Array(text.utf8)) }
    }
  }

  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("vcap:a secret", "dmNhcDphIHNlY3JldA=="),
  ])
  func encodesCredentials(_ plain: String, _ encoded: String) {
    #expect(MonitClient.base64(Array(plain.utf8)) == encoded)
  }
}

/// What is requested from monit and when it is done, with made-up states.
@Suite struct MonitOperationTests {
  private let vm = TemporaryVM()

  private func operation(
    _ verb: SupervisorOrder.Verb,
    settle: Duration = .seconds(10),
    said: @escaping (String) -> Void = { _ in }
  ) throws -> MonitOperation {
    vm.write("jobs/web/monit", "check process web with pidfile \(vm.at("web.pid")) group vcap")
    return MonitOperation(
      SupervisorOrder(
        verb: verb,
        releaseJobs: ["web"],
        isWholeInstance: false,
        settle: settle,
        remark: { said($1) }
      ),
      on: try vm.open()
    )
  }

  private func status(_ change: (inout MonitStatus.Service) -> Void) throws -> MonitStatus {
    var status = try MonitStatus(Array(MonitFormatTests.old.utf8))
    var service = MonitStatus.Service(name: "web")
    service.type = MonitStatus.Service.processType
    service.monitor = 1
    change(&service)
    status.services = ["web": service]
    return status
  }

  private func up(_ process: Int32, collected: String) throws -> MonitStatus {
    try status {
      $0.process = process
      $0.collected = collected
    }
  }

  /// An answer as text, to compare.
  private func words(_ next: MonitOperation.Next) -> String {
    switch next {
    case .act(let actions): actions.map { "\($0.action) \($0.service)" }.joined(separator: " ")
    case .wait: "wait"
    case .end(let result): "\(result)"
    }
  }

  private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

  @Test("BOSH 12: running is the same process for the settling time")
  func aStartIsRequestedOnceAndSettles() throws {
    let start = try operation(.start)
    let down = try status { $0.status = 512 }
    let pending = try status { $0.pendingAction = 6 }
    #expect(words(start.take(pending, at: at(0))) == "wait")
    #expect(words(start.take(down, at: at(1))) == "start web")
    #expect(words(start.take(pending, at: at(2))) == "wait")
    #expect(words(start.take(down, at: at(3))) == "wait")
    #expect(words(start.take(try up(5, collected: "1"), at: at(4))) == "wait")
    #expect(words(start.take(try up(5, collected: "2"), at: at(13))) == "wait")
    #expect(words(start.take(try up(5, collected: "3"), at: at(14))) == "exited(0)")
  }

  @Test("BOSH 5.4: one check by monit is not enough")
  func oneCheckOfMonitIsNotEnough() throws {
    let start = try operation(.start, settle: .zero)
    #expect(words(start.take(try up(5, collected: "1"), at: at(0))) == "wait")
    #expect(words(start.take(try up(5, collected: "1"), at: at(9))) == "wait")
    #expect(words(start.take(try up(5, collected: "2"), at: at(10))) == "exited(0)")
  }

  @Test func aRestartRestartsTheSettling() throws {
    let start = try operation(.start)
    _ = start.take(try up(5, collected: "1"), at: at(0))
    #expect(words(start.take(try up(6, collected: "2"), at: at(9))) == "wait")
    #expect(start.words == "'web' runs, but not for long enough yet (restarted once)")
    #expect(words(start.take(try up(6, collected: "3"), at: at(12))) == "wait")
    #expect(words(start.take(try up(6, collected: "4"), at: at(19))) == "exited(0)")
  }

  /// We check a process that waits for its cycle ourselves.
  @Test("BOSH 5.8: a service that waits for its cycle is up, and was not restarted")
  func aServiceThatWaitsForItsCycle() throws {
    let start = try operation(.start, settle: .seconds(2))
    let sleeper = try Sleeper(["A=b"])
    vm.write("web.pid", "\(sleeper.process)\n")
    for second in 0...1 as ClosedRange<Int64> {
      let waiting = try status {
        $0.monitor = second == 0 ? 5 : 6
        $0.collected = "1"
      }
      #expect(words(start.take(waiting, at: at(second))) == "wait")
    }
    let seen = try status {
      $0.monitor = 1
      $0.process = sleeper.process
      $0.collected = "1"
    }
    #expect(words(start.take(seen, at: at(1))) == "wait")
    #expect(start.words == "'web' runs, but not for long enough yet")
    #expect(words(start.take(try status { $0.monitor = 5 }, at: at(2))) == "exited(0)")
  }

  @Test("BOSH 5.8: a service that waits for its cycle and does not run is started")
  func aServiceThatWaitsAndDoesNotRun() throws {
    let start = try operation(.start)
    let waiting = try status { $0.monitor = 6 }
    #expect(words(start.take(waiting, at: at(0))) == "start web")
    #expect(words(start.take(waiting, at: at(1))) == "wait")
    #expect(start.words.hasPrefix("'web' has no process yet, and monit checks it in its cycle"))
    let stop = try operation(.stop)
    #expect(words(stop.take(waiting, at: at(0))) == "stop web")
    #expect(words(stop.take(waiting, at: at(1))) == "wait")
    #expect(words(stop.take(try status { $0.monitor = 0 }, at: at(2))) == "exited(0)")
  }

  @Test("BOSH 5.9: a pid that changes during a start is not a restart under monit")
  func aPidFileThatIsPassedOn() throws {
    let start = try operation(.start)
    #expect(words(start.take(try status { $0.status = 512 }, at: at(0))) == "start web")
    #expect(words(start.take(try up(5, collected: "1"), at: at(1))) == "wait")
    #expect(words(start.take(try up(6, collected: "2"), at: at(9))) == "wait")
    #expect(start.words == "'web' runs, but not for long enough yet")
    // The start program's thirty seconds are over.
    #expect(words(start.take(try up(7, collected: "3"), at: at(31))) == "wait")
    #expect(start.words == "'web' runs, but not for long enough yet (restarted once)")
    #expect(words(start.take(try up(7, collected: "4"), at: at(41))) == "exited(0)")
  }

  @Test func aFlappingServiceIsReportedNowAndThen() throws {
    var said: [String] = []
    let start = try operation(.start) { said.append($0) }
    let down = try status { $0.status = 512 }
    _ = start.take(down, at: at(0))
    for second in 1...40 as ClosedRange<Int64> {
      let isUp = second % 2 == 1
      _ = start.take(
        isUp ? try up(Int32(second), collected: "\(second)") : down,
        at: at(second)
      )
    }
    #expect(said.count < 15 && said.count > 4)
    #expect(said.first == "'web' is failing: its process does not run")
    #expect(said.contains("'web' is failing: its process does not run (restarted 16 times)"))
  }

  @Test func aMonitThatGaveUpIsReported() throws {
    let start = try operation(.start)
    _ = start.take(try status { $0.status = 512 }, at: at(0))
    var last = ""
    for second in 1...4 as ClosedRange<Int64> {
      last = words(start.take(try status { $0.monitor = 0 }, at: at(second)))
    }
    #expect(
      last
        == "failed(\"monit does not watch \\'web\\' any more: it gave up, or someone stopped or "
        + "unmonitored it; see monit\\'s log, then resume the run\")"
    )
  }

  @Test func anUnmonitoredServiceWasNotRestarted() throws {
    let start = try operation(.start)
    _ = start.take(try up(5, collected: "1"), at: at(0))
    #expect(words(start.take(try status { $0.monitor = 0 }, at: at(1))) == "wait")
    #expect(start.words == "'web' is not watched by monit")
  }

  @Test func aNewIncarnationIsAnError() throws {
    let start = try operation(.start)
    _ = start.take(try up(5, collected: "1"), at: at(0))
    var restarted = try up(5, collected: "2")
    restarted.incarnation = "2"
    #expect(words(start.take(restarted, at: at(20))).contains("restarted or reloaded"))
  }

  @Test func aServiceThatMonitDoesNotKnowIsAnError() throws {
    let start = try operation(.start)
    var status = try up(5, collected: "1")
    status.services = [:]
    #expect(words(start.take(status, at: at(0))).contains("monit does not know the process"))
  }

  @Test("BOSH 6.1, 6.9: what was unmonitored is stopped as well, once nothing is pending")
  func anUnmonitoredServiceIsStoppedAsWell() throws {
    let stop = try operation(.stop)
    let off = try status { $0.monitor = 0 }
    #expect(words(stop.take(try status { $0.pendingAction = 5 }, at: at(0))) == "wait")
    #expect(stop.words == "'web' is to be unmonitored by monit, which is busy")
    #expect(words(stop.take(off, at: at(0))) == "stop web")
    #expect(words(stop.take(try status { $0.pendingAction = 3 }, at: at(1))) == "wait")
    #expect(words(stop.take(off, at: at(2))) == "exited(0)")
  }

  /// A stop of a living process, which belongs to this test and stays.
  private func stopOfALiveProcess(said: @escaping (String) -> Void = { _ in }) throws
    -> MonitOperation
  {
    let stop = try operation(.stop, said: said)
    vm.write("web.pid", "\(getpid())\n")
    return stop
  }

  @Test("BOSH 6.9: a service that monit calls failed during a stop fails it at once")
  func aStopThatMonitReportsAsFailed() throws {
    let stop = try stopOfALiveProcess()
    #expect(words(stop.take(try up(getpid(), collected: "1"), at: at(0))) == "stop web")
    // Monit 5.2 words it like this when it has given up.
    let failed = try status {
      $0.status = 4096
      $0.monitor = 0
      $0.message = "failed to stop"
    }
    let last = stop.take(failed, at: at(1))
    #expect(
      words(last)
        == "failed(\"\\'web\\' is failing: failed to stop; see monit\\'s log, then resume the run\")"
    )
  }

  @Test func aServiceThatFailedBeforeItsStopIsStillStopped() throws {
    let stop = try stopOfALiveProcess()
    let failed = try status { $0.status = 4096 }
    #expect(words(stop.take(failed, at: at(0))) == "stop web")
    #expect(words(stop.take(failed, at: at(1))) == "wait")
  }

  /// monit 5.33 has no state for it.
  ///
  /// A process that ends later than monit waits still ends.
  @Test func aStopThatMonitGaveUpIsReportedAndAwaited() throws {
    var said: [String] = []
    let stop = try stopOfALiveProcess { said.append($0) }
    let off = try status { $0.monitor = 0 }
    #expect(words(stop.take(try up(getpid(), collected: "1"), at: at(0))) == "stop web")
    #expect(words(stop.take(off, at: at(1))) == "monitor web")
    #expect(words(stop.take(try up(getpid(), collected: "2"), at: at(2))) == "stop web")
    for second in 3...5 as ClosedRange<Int64> {
      #expect(words(stop.take(off, at: at(second))) == "wait")
    }
    #expect(said == ["'web' was stopped by monit, but its process \(getpid()) still runs"])
  }

  @Test func anUnmonitorIsNotRequestedTwice() throws {
    let unmonitor = try operation(.unmonitor)
    #expect(words(unmonitor.take(try up(5, collected: "1"), at: at(0))) == "unmonitor web")
    #expect(words(unmonitor.take(try up(5, collected: "1"), at: at(1))) == "wait")
    #expect(words(unmonitor.take(try status { $0.monitor = 0 }, at: at(2))) == "exited(0)")
    let other = try operation(.unmonitor)
    #expect(words(other.take(try status { $0.monitor = 0 }, at: at(0))) == "exited(0)")
  }
}
