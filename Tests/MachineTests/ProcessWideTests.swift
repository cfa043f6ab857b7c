import CLinux
import Execution
import Glibc
@testable import Machine
import PlanGraph
@testable import System
import Testing

/// What a run does to its whole process, each tested in its own process.
@Suite struct ProcessWideTests {
  /// A plan of one script, many times.
  private struct Many {
    let vm = TemporaryVM()
    var plan = TestGraph(releaseJobs: ["a"])
    var nodes: [NodeID] = []

    init(_ count: Int, _ script: String) {
      vm.write("jobs/a/bin/pre-start", script, mode: 0o755)
      nodes = [plan.add(.script("pre-start"), on: "a")]
      for _ in 1..<count { nodes.append(plan.addNode(template: StepTemplateID(0), on: "a")) }
    }

    func machine() throws -> LiveMachine {
      try LiveMachine(graph: plan.graph, vms: [plan.instance: vm.open()], supervisor: .ctl)
    }
  }

  @Test func signalsAndUmaskAreAsBeforeAfterwards() async {
    await #expect(processExitsWith: .success) {
      umask(0o077)
      var before = sigset_t()
      pthread_sigmask(SIG_SETMASK, nil, &before)
      var pipe = sigaction()
      sigaction(SIGPIPE, nil, &pipe)
      let many = Many(1, "#!/bin/sh\numask\n")
      try many.machine().drive(FlatRun(many.nodes))
      var after = sigset_t()
      pthread_sigmask(SIG_SETMASK, nil, &after)
      for number in 1...31 as ClosedRange<Int32> {
        #expect(sigismember(&before, number) == sigismember(&after, number), "\(number)")
      }
      var pipeAfter = sigaction()
      sigaction(SIGPIPE, nil, &pipeAfter)
      #expect(
        unsafeBitCast(pipe.__sigaction_handler.sa_handler, to: Int.self)
          == unsafeBitCast(pipeAfter.__sigaction_handler.sa_handler, to: Int.self)
      )
      #expect(many.vm.read("sys/log/a/pre-start.stdout.log") == "0022\n")
      #expect(umask(0) == 0o077)
    }
  }

  @Test func tenThousandStepsLeaveNothing() async {
    await #expect(processExitsWith: .success) {
      let many = Many(10_000, "#!/bin/true\n")
      let machine = try many.machine()
      // One run first, so that everything permanent already exists.
      try machine.drive(FlatRun([many.nodes[0]]))
      let before = try namesInFolder("/proc/self/fd")
      let run = FlatRun(many.nodes, width: 64)
      try machine.drive(run)
      #expect(run.results.values.filter { $0 == .exited(0) }.count == 10_000)
      #expect(try namesInFolder("/proc/self/fd") == before)
      #expect(ProcessStat.all().filter { $0.parent == getpid() } == [])
      #expect(try namesInFolder("/proc/self/task").count < 20)
    }
  }

  @Test func moreAtOnceThanDescriptorsAllow() async {
    await #expect(processExitsWith: .success) {
      let most = try namesInFolder("/proc/self/fd").compactMap { Int($0) }.max() ?? 0
      var low = rlimit()
      _ = lockstep_descriptor_limit(&low)
      low.rlim_cur = rlim_t(most + 20)
      _ = lockstep_set_descriptor_limit(&low)
      let many = Many(200, "#!/bin/sh\nulimit -n\n")
      let run = FlatRun(many.nodes, width: 200)
      try many.machine().drive(run)
      #expect(run.results.values.filter { $0 == .exited(0) }.count == 200)
      // Our limit was raised, theirs was not, and ours is restored.
      #expect(Set(many.vm.lines("sys/log/a/pre-start.stdout.log")) == ["\(most + 20)"])
      var after = rlimit()
      _ = lockstep_descriptor_limit(&after)
      #expect(after.rlim_cur == low.rlim_cur)
    }
  }

  /// Nothing can be raised, so those without descriptors wait for those with them.
  @Test func moreAtOnceThanTheHardLimitAllows() async {
    await #expect(processExitsWith: .success) {
      let most = try namesInFolder("/proc/self/fd").compactMap { Int($0) }.max() ?? 0
      var low = rlimit(rlim_cur: rlim_t(most + 20), rlim_max: rlim_t(most + 20))
      _ = lockstep_set_descriptor_limit(&low)
      let many = Many(100, "#!/bin/sh\nsleep 0.01\n")
      let run = FlatRun(many.nodes, width: 100)
      try many.machine().drive(run)
      #expect(run.results.values.filter { $0 == .exited(0) }.count == 100)
    }
  }

  @Test func closedStandardDescriptorsDoNoHarm() async {
    await #expect(processExitsWith: .success) {
      close(0)
      let many = Many(2, "#!/bin/sh\nreadlink /proc/$$/fd/0\n")
      let run = FlatRun(many.nodes)
      try many.machine().drive(run)
      precondition(run.results.values.allSatisfy { $0 == .exited(0) })
      precondition(
        many.vm.lines("sys/log/a/pre-start.stdout.log") == ["/dev/null", "/dev/null"]
      )
    }
  }

  /// A parent that ignores SIGCHLD passes that on, and the kernel would then reap children itself.
  @Test func anIgnoredSIGCHLDDoesNoHarm() async {
    await #expect(processExitsWith: .success) {
      signal(SIGCHLD, SIG_IGN)
      let many = Many(1, "#!/bin/sh\nexit 3\n")
      let run = FlatRun(many.nodes)
      try many.machine().drive(run)
      #expect(run.results[many.nodes[0]] == .exited(3))
    }
  }
}
