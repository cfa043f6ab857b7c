import CLinux
@testable import Clock
import Execution
import Glibc
@testable import Machine
import PlanGraph
@testable import System
import Testing

/// Steps that wait, conditions, and the timers behind them.
@Suite(.serialized) struct WaitTests {
  let vm = TemporaryVM()

  private func run(
    _ probe: Probe,
    whenFired: @escaping (NodeID) -> [Action] = { _ in [] }
  ) throws -> AttemptResult? {
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.wait(probe))
    let run = FlatRun([node])
    run.whenStarted = { node in [.arm(.timeout(node), at: .now + .milliseconds(30))] }
    run.whenFired = { _ in whenFired(node) }
    try LiveMachine(graph: plan.graph, vms: [plan.instance: vm.open()], supervisor: .ctl)
      .drive(run)
    return run.results[node]
  }

  @Test func waitsForAFile() throws {
    let result = try run(.file("there")) { [self] _ in
      vm.write("there", "")
      return []
    }
    #expect(result == .exited(0))
  }

  @Test func waitsForACommand() throws {
    let there = vm.at("there")
    let result = try run(.command(.shell("test -e '\(there)'"))) { [self] _ in
      vm.write("there", "")
      return []
    }
    #expect(result == .exited(0))
  }

  @Test func saysWhatTheLastCheckFound() throws {
    #expect(
      try run(.file("there")) { [.terminate($0)] }
        == .failed("the last check found: there does not exist")
    )
    // When the second check has begun, the first has ended.
    let looks = "echo look >>'\(vm.at("looks"))'; exit 4"
    let looked = try run(.command(.shell(looks))) { [vm] node in
      vm.lines("looks").count < 2
        ? [.arm(.timeout(node), at: .now + .milliseconds(5))] : [.terminate(node)]
    }
    #expect(looked == .failed("the last check found: the command ended with status 4"))
    #expect(
      try run(.command(.arguments(["/no/such"]))) { [.terminate($0)] }
        == .failed("/no/such does not exist; put it there")
    )
    #expect(
      try run(.tcp("nonsense")) { [.terminate($0)] }
        == .failed("'nonsense' is not HOST:PORT, such as \"127.0.0.1:8080\"")
    )
  }

  @Test func endsACommandThatHangs() throws {
    let pid = vm.at("pid")
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.wait(.command(.shell("echo $$ >'\(pid)'; exec sleep 1000"))))
    let run = FlatRun([node])
    let timer = TimerID.timeout(node)
    run.whenStarted = { _ in [.arm(timer, at: .now)] }
    run.whenFired = { [vm] _ in
      vm.lines("pid").isEmpty
        ? [.arm(timer, at: .now + .milliseconds(5))] : [.terminate(node)]
    }
    try LiveMachine(graph: plan.graph, vms: [plan.instance: vm.open()], supervisor: .ctl)
      .drive(run)
    let process = try #require(vm.lines("pid").first.flatMap { pid_t($0) })
    #expect(ProcessStat(process).map(\.isDead) ?? true)
    #expect(
      run.results[node] == .failed("no check has finished yet")
    )
  }

  /// A listening socket on a port of the kernel's choice.
  private final class Listener {
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    private(set) var port: UInt16 = 0

    init() {
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      var length = socklen_t(MemoryLayout<sockaddr_in>.size)
      withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
          precondition(bind(number, generic, length) == 0)
          precondition(getsockname(number, generic, &length) == 0)
        }
        port = UInt16(bigEndian: pointer.pointee.sin_port)
      }
    }

    deinit { close(number) }

    func listen() { precondition(Glibc.listen(number, 8) == 0) }
  }

  @Test(arguments: ["127.0.0.1", "localhost"]) func waitsForAPort(_ host: String) throws {
    let listener = Listener()
    let result = try run(.tcp("\(host):\(listener.port)")) { _ in
      listener.listen()
      return []
    }
    #expect(result == .exited(0))
  }

  @Test func saysThatNothingListens() throws {
    let listener = Listener()
    #expect(
      try run(.tcp("127.0.0.1:\(listener.port)")) { [.terminate($0)] }
        == .failed(
          "the last check found: 127.0.0.1:\(listener.port): Connection refused"
        )
    )
  }

  @Test func readsEndpoints() {
    #expect(Endpoint("localhost:80") == Endpoint(host: "localhost", port: 80))
    #expect(Endpoint("[::1]:8080") == Endpoint(host: "::1", port: 8080))
    for text in ["", ":80", "a", "a:", "a:0", "a:65536", "::1:80", "a:b", "a:-1"] {
      #expect(Endpoint(text) == nil, "\(text)")
    }
  }

  @Test func answersConditions() throws {
    vm.write("bosh/there", "")
    vm.makeFolder("folder")
    symlink("nowhere", vm.at("dangling"))
    let machine = try vm.open()
    let cases: [(RuntimeCondition, Bool)] = [
      (.exists("there"), true), (.exists("absent"), false), (.exists(vm.at("folder")), true),
      (.exists(vm.at("dangling")), false), (.exists("there/in"), false),
      (.not(.exists("absent")), true), (.all([.exists("there"), .exists("absent")]), false),
      (.any([.exists("there"), .exists("absent")]), true),
    ]
    for (condition, expected) in cases {
      #expect(condition.holds(on: machine) == expected, "\(condition)")
    }
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.wait(.file("later")))
    let run = FlatRun([node])
    let timer = TimerID.timeout(node)
    run.whenStarted = { node in [.ask(node, .exists("there")), .arm(timer, at: .now)] }
    run.whenFired = { [vm] _ in
      if run.answers.isEmpty { return [.arm(timer, at: .now)] }
      vm.write("bosh/later", "")
      return []
    }
    try LiveMachine(graph: plan.graph, vms: [plan.instance: machine], supervisor: .ctl)
      .drive(run)
    #expect(run.answers == [node: true])
  }

  @Test func timersFireInOrderAndDisarmedOnesDoNot() {
    var queue = TimerQueue()
    var fired: [Int] = []
    var tokens: [TimerToken] = []
    for index in 0..<1000 {
      let moment = Instant(nanoseconds: Int64((index * 7919) % 1000))
      tokens.append(queue.arm(at: moment) { fired.append((index * 7919) % 1000) })
    }
    for index in stride(from: 0, to: 1000, by: 2) { queue.disarm(tokens[index]) }
    queue.disarm(tokens[0])
    let expected = stride(from: 1, to: 1000, by: 2).map { ($0 * 7919) % 1000 }.sorted()
    #expect(queue.soonest() == expected.first.map { Instant(nanoseconds: Int64($0)) })
    while let fire = queue.next(at: Instant(nanoseconds: 499)) { fire() }
    #expect(fired == expected.filter { $0 <= 499 })
    while let fire = queue.next(at: Instant(nanoseconds: 2000)) { fire() }
    #expect(fired == expected)
    #expect(queue.soonest() == nil)
  }
}
