import Execution
import PlanGraph
@testable import System
import Testing

/// Which process a pid file names when processes are started and stopped from a monit file.
@Suite(.serialized) struct CtlPidFileTests {
  @Test("BOSH 6.11: what is stopped without a stop program is ours", arguments: [false, true])
  func leavesAStrangerInThePidFileAlone(_ hasStop: Bool) throws {
    let services = CtlTests.Services()
    services.add("web", hasStop: hasStop)
    let stranger = try Sleeper(["A=b"])
    services.name(stranger, in: "web")
    #expect(try services.run(.stop) == .exited(0))
    #expect(ProcessStat(stranger.process).map(\.isDead) == false)
    #expect(services.calls.isEmpty)
    let words = try #require(services.remarks.first)
    #expect(words.hasPrefix("'web' does not run: \(services.pidFile("web")) names process "))
    #expect(words.hasSuffix("it is another process; that is left alone"))
  }

  @Test("BOSH 6.11: a process without a stop program gets SIGTERM where it is ours")
  func stopsWithoutAStopProgram() throws {
    let services = CtlTests.Services()
    services.add("web", hasStop: false)
    #expect(try services.run(.start) == .exited(0))
    let process = try #require(services.process("web"))
    #expect(try services.run(.stop) == .exited(0))
    #expect(ProcessStat(process).map(\.isDead) ?? true)
    #expect(services.remarks == [])
  }

  /// A process that is only as old as the service would be may be anybody's.
  @Test("BOSH 6.11: without a stop program nothing gets a signal that nothing links to the VM")
  func sendsNoSignalWithoutASign() throws {
    let services = CtlTests.Services()
    services.add("web", hasStop: false)
    let stranger = try Sleeper(["A=b"])
    services.vm.write("sys/run/web.pid", "\(stranger.process)\n")
    guard case .failed(let words)? = try services.run(.stop) else {
      Issue.record("it succeeded")
      return
    }
    #expect(words.hasPrefix("'web' has no stop program, and nothing links process "))
    #expect(ProcessStat(stranger.process).map(\.isDead) == false)
  }

  @Test("BOSH 6.11: a pid file that names a stranger does not count as up")
  func startsIfThePidFileNamesAStranger() throws {
    let services = CtlTests.Services()
    services.add("web")
    let stranger = try Sleeper(["A=b"])
    services.name(stranger, in: "web")
    #expect(try services.run(.start) == .exited(0))
    #expect(services.calls == ["start web"] && services.process("web") != stranger.process)
    #expect(services.remarks.first?.hasPrefix("'web' is started although ") == true)
  }

  @Test("BOSH 5.9: a pid file may name a short-lived helper first")
  func takesTheDaemonBehindAHelper() throws {
    let services = CtlTests.Services()
    let path = services.pidFile("web")
    let gone = services.vm.at("gone")
    // The helper ended some time before the daemon names itself, and this was seen.
    services.add(
      "web",
      start: "setsid sh -c 'echo $$ >\"\(path)\"; "
        + "setsid sh -c \"while [ -e /proc/\\$PPID ] && ! [ -e \\\"\(gone)\\\" ]; do sleep 0.01; done; "
        + "sleep 0.3; echo \\$\\$ >\\\"\(path)\\\"; exec sleep 1000\" & sleep 0.3' </dev/null >/dev/null 2>&1 &"
    )
    #expect(try services.run(.start, settle: .milliseconds(700)) == .exited(0))
    #expect(services.isRunning("web"))
  }

  @Test("BOSH 5.9: a crash loop is found")
  func findsACrashLoop() throws {
    let services = CtlTests.Services()
    let path = services.pidFile("web")
    services.add(
      "web",
      options: "with timeout 1 seconds",
      start:
        "setsid sh -c 'for i in 1 2 3 4 5 6 7 8 9 10; do sh -c \"echo \\$\\$ >\(path); sleep 0.2\"; done' "
        + "</dev/null >/dev/null 2>&1 &"
    )
    guard case .failed(let words)? = try services.run(.start, settle: .seconds(20)) else {
      Issue.record("it succeeded")
      return
    }
    #expect(words.hasPrefix("'web' process ") && words.contains(" after it was seen running"))
  }
}
