import CLinux
import Execution
import Glibc
@testable import Machine
import PlanGraph
import Testing

/// The environment of a script, and how its end is reported.
@Suite(.serialized) struct ProcessTests {
  /// Runs one script of release job `a` and returns the run.
  private func runScript(
    _ vm: TemporaryVM,
    _ body: String,
    environment: [(String, String)] = []
  ) throws -> (FlatRun, NodeID) {
    vm.script("a", "pre-start", body)
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.script("pre-start"), on: "a", environment: environment)
    let run = FlatRun([node])
    try LiveMachine(graph: plan.graph, vms: [plan.instance: vm.open()], supervisor: .ctl).drive(
      run
    )
    return (run, node)
  }

  @Test("BOSH 3.6, 3.7: success is exit status 0, and the output is in the logs as it was")
  func successIsExitStatusZero() throws {
    let vm = TemporaryVM()
    let (run, node) = try runScript(vm, "echo out; echo err >&2")
    #expect(run.results[node] == .exited(0))
    #expect(vm.read("sys/log/a/pre-start.stdout.log") == "out\n")
    #expect(vm.read("sys/log/a/pre-start.stderr.log") == "err\n")
  }

  @Test("BOSH 3.6: any other exit status and a signal are failure")
  func exitStatusAndSignalAreReported() throws {
    let vm = TemporaryVM()
    let (failed, node) = try runScript(vm, "exit 7")
    #expect(failed.results[node] == .exited(7))
    let (killed, other) = try runScript(vm, "kill -9 $$")
    #expect(killed.results[other] == .signalled(9))
  }

  @Test("BOSH 3.2: the environment is exactly PATH and the plan's")
  func environmentIsExactlyPathAndThePlans() throws {
    let vm = TemporaryVM()
    let (_, _) = try runScript(
      vm,
      "tr '\\0' '\\n' </proc/self/environ",
      environment: [("B", "2"), ("A", "x y=z")]
    )
    #expect(
      vm.lines("sys/log/a/pre-start.stdout.log")
        == ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "B=2", "A=x y=z"]
    )
  }

  @Test("BOSH 3.1, 3.3, 3.4, 3.5: argv, /dev/null, umask, a group of its own, nice + 5")
  func descriptorsAreThreeAndSignalsAreDefault() throws {
    let vm = TemporaryVM()
    vm.script(
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
    try LiveMachine(graph: plan.graph, vms: [plan.instance: vm.open()], supervisor: .ctl).drive(
      run
    )
    #expect(run.results[node] == .exited(0))
    let lines = vm.lines("sys/log/a/pre-start.stdout.log")
    for field in ["SigBlk", "SigIgn", "SigCgt"] {
      #expect(lines.contains("\(field):\t0000000000000000"), "\(field)")
    }
    let log = "\(vm.path)/sys/log/a/pre-start"
    #expect(
      lines.suffix(7).prefix(3) == ["/dev/null", "\(log).stdout.log", "\(log).stderr.log"]
    )
    let fields = lines[lines.count - 4].split(separator: " ")
    let process = try #require(run.processes[node])
    #expect(fields[4] == "\(process)" && fields[5] == "\(process)")
    #expect(fields[18] == "\(min(lockstep_own_nice() + 5, 19))")
    #expect(
      lines.suffix(3) == [vm.path, "0022", "\(vm.path)/jobs/a/bin/pre-start 0"]
    )
  }

  @Test("BOSH 3.3, 4.1: input can only be read, logs can be read and written, and all of them wait")
  func modesOfDescriptors() throws {
    let vm = TemporaryVM()
    let (_, _) = try runScript(
      vm,
      "for f in 0 1 2; do grep flags /proc/$$/fdinfo/$f; done"
    )
    let flags = vm.lines("sys/log/a/pre-start.stdout.log").compactMap {
      $0.split(whereSeparator: \.isWhitespace).last.flatMap { Int32($0, radix: 8) }
    }
    #expect(flags.map { $0 & O_ACCMODE } == [O_RDONLY, O_RDWR, O_RDWR])
    #expect(flags.map { $0 & O_APPEND } == [0, O_APPEND, O_APPEND])
    #expect(flags.allSatisfy { $0 & O_NONBLOCK == 0 })
  }

  @Test("BOSH 3.5, 11: an errand has the priority of whoever starts it")
  func priorityOfErrands() throws {
    let vm = TemporaryVM()
    vm.script("a", "run", "cut -d' ' -f19 /proc/self/stat")
    var plan = TestGraph(releaseJobs: ["a"])
    let run = FlatRun([plan.add(.script("run"), on: "a")])
    try LiveMachine(graph: plan.graph, vms: [plan.instance: vm.open()], supervisor: .ctl).drive(
      run
    )
    #expect(vm.lines("sys/log/a/run.stdout.log") == ["\(lockstep_own_nice())"])
  }

  @Test("BOSH 3.7: standard output and error are the log files themselves")
  func noOtherDescriptorIsOpen() throws {
    let vm = TemporaryVM()
    // There is no shell in between, which would have opened the script. 3 is the listed folder
    // itself.
    vm.write("jobs/a/bin/pre-start", "#!/bin/ls /proc/self/fd\n", mode: 0o755)
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.script("pre-start"), on: "a")
    let run = FlatRun([node])
    try LiveMachine(graph: plan.graph, vms: [plan.instance: vm.open()], supervisor: .ctl).drive(
      run
    )
    #expect(run.results[node] == .exited(0))
    #expect(vm.lines("sys/log/a/pre-start.stdout.log").suffix(4) == ["0", "1", "2", "3"])
  }
}
