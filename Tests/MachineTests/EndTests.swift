import CLinux
@testable import Clock
import Execution
import Glibc
@testable import Machine
import PlanGraph
@testable import System
import Testing
@testable import VM

/// How attempts end, by themselves and on request, and what they leave.
@Suite(.serialized) struct EndTests {
  let vm = TemporaryVM()

  /// Runs the script of release job `a`; `act` is asked for actions each time that a timer which is
  /// always armed again a little later fires, until it has given some.
  private func run(
    _ body: String,
    until isReady: @escaping () -> Bool = { true },
    then act: @escaping (NodeID, FlatRun) -> [Action] = { _, _ in [] }
  ) throws -> AttemptResult? {
    vm.script("a", "pre-start", body)
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.script("pre-start"), on: "a")
    let run = FlatRun([node])
    let timer = TimerID.timeout(node)
    run.whenStarted = { _ in [.arm(timer, at: .now)] }
    run.whenFired = { fired in
      if fired == timer, !isReady() { return [.arm(timer, at: .now + .milliseconds(5))] }
      return act(node, run)
    }
    try LiveMachine(graph: plan.graph, vms: [plan.instance: vm.open()], supervisor: .ctl)
      .drive(run)
    return run.results[node]
  }

  private func processes(_ name: String) -> [pid_t] { vm.lines(name).compactMap { pid_t($0) } }

  private func isAlive(_ process: pid_t) -> Bool {
    ProcessStat(process).map { !$0.isDead } ?? false
  }

  /// bosh.md 3.7: the main process's end is the script's.
  @Test("BOSH 3.7, 12: a daemon that holds stdout is left alone")
  func aDaemonThatHoldsStdoutIsLeftAlone() throws {
    let result = try run("sleep 1000 & echo $! >'\(vm.at("daemon"))'; exit 3")
    #expect(result == .exited(3))
    let daemon = try #require(processes("daemon").first)
    #expect(isAlive(daemon))
    kill(daemon, SIGKILL)
  }

  @Test func terminateReachesTheWholeGroup() throws {
    let result = try run(
      "sleep 1000 & echo $! >'\(vm.at("pids"))'; echo $$ >>'\(vm.at("pids"))'; wait",
      until: { [self] in processes("pids").count == 2 },
      then: { node, _ in [.terminate(node)] }
    )
    #expect(result == .signalled(SIGTERM))
    #expect(processes("pids").filter(isAlive) == [])
  }

  @Test func killEndsWhatIgnoresTerm() throws {
    let result = try run(
      """
      trap '' TERM
      sh -c "trap '' TERM; echo \\$\\$ >>'\(vm.at("pids"))'; while :; do sleep 1000; done" &
      while ! [ -s '\(vm.at("pids"))' ]; do sleep 0.01; done
      echo $$ >>'\(vm.at("pids"))'
      while :; do sleep 1000; done
      """,
      until: { [self] in processes("pids").count == 2 },
      then: { node, _ in [.terminate(node), .kill(node)] }
    )
    #expect(result == .signalled(SIGKILL))
    #expect(processes("pids").filter(isAlive) == [])
  }

  /// The main process obeys TERM, one that it started does not: the end is reported after KILL.
  @Test func killReachesFollowersOfAMainProcessThatHasEnded() throws {
    var wasTerminated = false
    let grace = TimerID.grace(NodeID(0))
    let result = try run(
      """
      sh -c "trap '' TERM; echo \\$\\$ >'\(vm.at("follower"))'; while :; do sleep 1000; done" &
      while ! [ -s '\(vm.at("follower"))' ]; do sleep 0.01; done
      echo $$ >'\(vm.at("main"))'
      wait
      """,
      until: { [self] in processes("main").count == 1 },
      then: { [self] node, run in
        guard let main = processes("main").first, let follower = processes("follower").first else {
          return []
        }
        if !wasTerminated {
          wasTerminated = true
          return [.terminate(node), .arm(grace, at: .now)]
        }
        if isAlive(main) { return [.arm(grace, at: .now + .milliseconds(5))] }
        // Its zombie keeps the number of the group until the process left behind is gone as well.
        #expect(ProcessStat(main)?.isDead == true)
        #expect(run.results[node] == nil && isAlive(follower))
        return [.kill(node)]
      }
    )
    #expect(result == .signalled(SIGTERM))
    #expect(processes("follower").filter(isAlive) == [])
    #expect(processes("main").compactMap { ProcessStat($0) } == [])
  }

  /// A shell with job control gives its jobs groups of their own.
  @Test func terminateReachesOtherGroupsOfTheSession() throws {
    let result = try run(
      """
      set -m
      sleep 1000 &
      echo $! >>'\(vm.at("pids"))'
      echo $$ >>'\(vm.at("pids"))'
      trap 'exit 9' TERM
      wait
      """,
      until: { [self] in processes("pids").count == 2 },
      then: { node, _ in [.terminate(node)] }
    )
    #expect(result == .exited(9))
    #expect(processes("pids").filter(isAlive) == [])
  }

  /// Its session is another one; only a cgroup knows that it belongs to the attempt.
  @Test func aDaemonIsEndedIfThereAreCgroups() throws {
    _ = try run(
      """
      setsid sh -c "echo \\$\\$ >'\(vm.at("daemon"))'; exec sleep 1000" &
      while ! [ -s '\(vm.at("daemon"))' ]; do sleep 0.01; done
      echo $$ >'\(vm.at("main"))'
      sleep 1000
      """,
      until: { [self] in processes("main").count == 1 },
      then: { node, _ in [.terminate(node)] }
    )
    let daemon = try #require(processes("daemon").first)
    #expect(isAlive(daemon) != (ControlGroups().take() != nil))
    kill(daemon, SIGKILL)
  }

  /// Its descriptor is kept open, so the removal is only noticed when a process is started in it.
  @Test func aRemovedCgroupStopsNothing() throws {
    let groups = ControlGroups()
    guard let group = groups.take() else { return }
    groups.give(group, endedProcess: nil)
    #expect(rmdir(group.path) == 0)
    let again = try #require(groups.take())
    #expect(again === group)
    let spawner = try Spawner()
    let spawned = try spawner.spawn(
      ProgramStart(
        path: "/bin/true",
        environment: CStrings([]),
        folder: vm.open().folder.number,
        stdout: spawner.nullNumber,
        stderr: spawner.nullNumber,
        isLowered: false,
        group: again
      )
    )
    #expect(spawned.group == nil)
    #expect(!spawner.refusesGroups)
    #expect(waitpid(spawned.process, nil, 0) == spawned.process)
  }

  /// Signals to this thread only: the test's process has others.
  private func signalSelf(_ number: Int32) { pthread_kill(pthread_self(), number) }

  @Test func aSignalIsReported() throws {
    vm.script("a", "pre-start", "echo $$ >'\(vm.at("main"))'; exec sleep 1000")
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.script("pre-start"), on: "a")
    let run = FlatRun([node])
    run.whenStarted = { [self] _ in
      signalSelf(SIGHUP)
      signalSelf(SIGTERM)
      return []
    }
    run.whenCancelled = { [.terminate(node)] }
    let machine = try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: vm.open()],
      supervisor: .ctl
    )
    #expect(try machine.drive(run) == .succeeded)
    #expect(run.signals == [SIGTERM])
    #expect(run.results[node] == .signalled(SIGTERM))
  }

  /// A run of a script that ignores TERM; each signal but the last is followed by another.
  private func signalled(
    _ numbers: [Int32],
    then answer: @escaping (Int, NodeID) -> [Action]
  ) throws -> (outcome: RunOutcome, run: FlatRun, node: NodeID) {
    vm.script(
      "a",
      "pre-start",
      "trap '' TERM; echo $$ >'\(vm.at("main"))'; while :; do sleep 1000; done"
    )
    var plan = TestGraph(releaseJobs: ["a"])
    let node = plan.add(.script("pre-start"), on: "a")
    let run = FlatRun([node])
    let timer = TimerID.timeout(node)
    run.whenStarted = { _ in [.arm(timer, at: .now)] }
    run.whenFired = { [self] _ in
      if processes("main").isEmpty { return [.arm(timer, at: .now + .milliseconds(5))] }
      signalSelf(numbers[0])
      return []
    }
    run.whenCancelled = { [self, unowned run] in
      let count = run.signals.count
      if count < numbers.count { signalSelf(numbers[count]) }
      return answer(count, node)
    }
    let machine = try LiveMachine(
      graph: plan.graph,
      vms: [plan.instance: vm.open()],
      supervisor: .ctl
    )
    return (try machine.drive(run), run, node)
  }

  @Test func everySignalReachesTheRunWhichDecides() throws {
    let numbers = [SIGTERM, SIGINT, SIGTERM]
    let ended = try signalled(numbers) { count, node in
      count == 1 ? [.terminate(node)] : count == 3 ? [.kill(node)] : []
    }
    #expect(ended.outcome == .succeeded)
    #expect(ended.run.signals == numbers)
    #expect(ended.run.results[ended.node] == .signalled(SIGKILL))
  }

  @Test func abandoningKillsWhatRunsWithoutWaiting() throws {
    let ended = try signalled([SIGINT]) { _, _ in [.leave(.cancelled(signal: SIGINT))] }
    #expect(ended.outcome == .cancelled(signal: SIGINT))
    #expect(ended.run.results[ended.node] == nil)
    let main = try #require(processes("main").first)
    // KILL was sent; nobody waited for it.
    while isAlive(main) { usleep(1000) }
    _ = lockstep_wait(main, 0)
  }
}
