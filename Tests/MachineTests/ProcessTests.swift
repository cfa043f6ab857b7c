import CLinux
import Execution
import Glibc
@testable import Machine
import PlanGraph
import Testing

/// What a script finds around it, and how its end is told.
@Suite(.serialized) struct ProcessTests {
  /// Runs one script of release job `a` and gives the run.
  private func runScript(
    _ root: TemporaryRoot,
    _ body: String,
    environment: [(String, String)] = []
  ) throws -> (FlatRun, NodeID) {
    root.script("a", "pre-start", body)
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.script("pre-start"), on: "a", environment: environment)
    let run = FlatRun([node])
    try LiveMachine(graph: plan.graph, roots: [plan.instance: root.open()], supervisor: .ctl).drive(
      run
    )
    return (run, node)
  }

  @Test("BOSH 3.6, 3.7: success is exit status 0, and the output is in the logs as it was")
  func successIsExitStatusZero() throws {
    let root = TemporaryRoot()
    let (run, node) = try runScript(root, "echo out; echo err >&2")
    #expect(run.results[node] == .exited(0))
    #expect(root.read("sys/log/a/pre-start.stdout.log") == "out\n")
    #expect(root.read("sys/log/a/pre-start.stderr.log") == "err\n")
  }

  @Test("BOSH 3.6: any other exit status and a signal are failure")
  func exitStatusAndSignalAreTold() throws {
    let root = TemporaryRoot()
    let (failed, node) = try runScript(root, "exit 7")
    #expect(failed.results[node] == .exited(7))
    let (killed, other) = try runScript(root, "kill -9 $$")
    #expect(killed.results[other] == .signalled(9))
  }

  @Test("BOSH 3.2: the environment is exactly PATH and the plan's")
  func environmentIsExactlyPathAndThePlans() throws {
    let root = TemporaryRoot()
    let (_, _) = try runScript(
      root,
      "tr '\\0' '\\n' </proc/self/environ",
      environment: [("B", "2"), ("A", "x y=z")]
    )
    #expect(
      root.lines("sys/log/a/pre-start.stdout.log")
        == ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "B=2", "A=x y=z"]
    )
  }

  @Test("BOSH 3.1, 3.3, 3.4, 3.5: argv, /dev/null, umask, a group of its own, nice + 5")
  func descriptorsAreThreeAndSignalsAreDefault() throws {
    let root = TemporaryRoot()
    root.script(
      "a",
      "pre-start",
      """
      cat /proc/self/status
      for f in 0 1 2; do readlink /proc/$$/fd/$f; done
      cat /proc/$$/stat
      pwd; umask; echo "$0 $#"
      """
    )
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.script("pre-start"), on: "a")
    let run = FlatRun([node])
    try LiveMachine(graph: plan.graph, roots: [plan.instance: root.open()], supervisor: .ctl).drive(
      run
    )
    #expect(run.results[node] == .exited(0))
    let lines = root.lines("sys/log/a/pre-start.stdout.log")
    for field in ["SigBlk", "SigIgn", "SigCgt"] {
      #expect(lines.contains("\(field):\t0000000000000000"), "\(field)")
    }
    let log = "\(root.path)/sys/log/a/pre-start"
    #expect(
      lines.suffix(7).prefix(3) == ["/dev/null", "\(log).stdout.log", "\(log).stderr.log"]
    )
    let fields = lines[lines.count - 4].split(separator: " ")
    let process = try #require(run.processes[node])
    #expect(fields[4] == "\(process)" && fields[5] == "\(process)")
    #expect(fields[18] == "\(min(lockstep_own_nice() + 5, 19))")
    #expect(
      lines.suffix(3) == [root.path, "0022", "\(root.path)/jobs/a/bin/pre-start 0"]
    )
  }

  @Test("BOSH 3.3, 4.1: input can only be read, logs can be read and written, and all of them wait")
  func modesOfDescriptors() throws {
    let root = TemporaryRoot()
    let (_, _) = try runScript(
      root,
      "for f in 0 1 2; do grep flags /proc/$$/fdinfo/$f; done"
    )
    let flags = root.lines("sys/log/a/pre-start.stdout.log").compactMap {
      $0.split(whereSeparator: \.isWhitespace).last.flatMap { Int32($0, radix: 8) }
    }
    #expect(flags.map { $0 & O_ACCMODE } == [O_RDONLY, O_RDWR, O_RDWR])
    #expect(flags.map { $0 & O_APPEND } == [0, O_APPEND, O_APPEND])
    #expect(flags.allSatisfy { $0 & O_NONBLOCK == 0 })
  }

  @Test("BOSH 3.5, 11: an errand has the priority of whoever starts it")
  func priorityOfErrands() throws {
    let root = TemporaryRoot()
    root.script("a", "run", "cut -d' ' -f19 /proc/self/stat")
    var plan = TestGraph(releaseJobs: ["a"])
    let run = FlatRun([plan.add(.script("run"), on: "a")])
    try LiveMachine(graph: plan.graph, roots: [plan.instance: root.open()], supervisor: .ctl).drive(
      run
    )
    #expect(root.lines("sys/log/a/run.stdout.log") == ["\(lockstep_own_nice())"])
  }

  @Test("BOSH 3.7: standard output and error are the log files themselves")
  func noOtherDescriptorIsOpen() throws {
    let root = TemporaryRoot()
    // No shell in between, which would have opened the script. 3 is the listed folder itself.
    root.write("jobs/a/bin/pre-start", "#!/bin/ls /proc/self/fd\n", mode: 0o755)
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.script("pre-start"), on: "a")
    let run = FlatRun([node])
    try LiveMachine(graph: plan.graph, roots: [plan.instance: root.open()], supervisor: .ctl).drive(
      run
    )
    #expect(run.results[node] == .exited(0))
    #expect(root.lines("sys/log/a/pre-start.stdout.log").suffix(4) == ["0", "1", "2", "3"])
  }
}
