import Glibc
import TestSupport
import Testing

/// A long run leaves nothing behind.
@Suite(.waits) struct LeftoverTests {
  /// The first and the last step inspect their coordinator: its open descriptors and its children.
  @Test func longRunLeavesNothingBehind() throws {
    let sandbox = try Sandbox()
    let vm = try sandbox.vm()
    try sandbox.write(
      "look",
      """
      #!/bin/sh
      for name in /proc/$PPID/fd/*; do
        target=$(readlink "$name") && echo "open $target"
      done | grep -v -e '/look[.-]' -e "/lockstep-$PPID/" | sort > '\(sandbox.path)'/"$1"
      echo $PPID > '\(sandbox.path)/coordinator'
      echo "children $(wc -w < /proc/$PPID/task/$PPID/children)" >> '\(sandbox.path)'/"$1"
      own=$(sed -n 's/^0:://p' /proc/self/cgroup)
      for group in '\(CGroups.own ?? "/none")/'lockstep-$PPID/*/; do
        [ -d "$group" ] || continue
        echo "group $group"
        case $group in *"$own/") continue ;; esac
        sed 's/^/process /' "$group/cgroup.procs"
      done > '\(sandbox.path)/groups'

      """,
      mode: 0o755
    )
    let count = Rounds.isThorough ? 10_000 : 600
    let parallel = 32
    // Every tenth step has a holder.
    let steps = (0..<count).map { number in
      "run [\"/bin/true\"] as s\(number)\(number % 10 == 0 ? "" : " { idempotent }")"
    }
    try sandbox.write(
      "p.plan",
      """
      plan p {
        default { timeout 1m }
        phase first per instance { run ["\(sandbox["look"])", "first"] as look { idempotent } }
        phase many per instance { parallel { \(steps.joined(separator: "\n")) } }
        phase last per instance { run ["\(sandbox["look"])", "last"] as look { idempotent } }
      }
      """
    )
    let finished = try sandbox.lockstep("run", "p.plan", "--vm", "vm", "--parallel", "\(parallel)")
    finished.expect(0).prints("\(count + 2) succeeded")
    let first = sandbox.lines("first")
    #expect(first.contains("children 1"))
    #expect(first.contains { $0.hasSuffix("/journal") })
    #expect(sandbox.lines("last") == first)
    #expect(sandbox.survivors().isEmpty)
    // Each cgroup serves many steps in turn. While the last step runs, there are at most as many
    // cgroups as steps ran in parallel, and only that step is in one.
    let groups = sandbox.lines("groups")
    #expect(groups.count <= parallel && groups.allSatisfy { $0.hasPrefix("group ") }, "\(groups)")
    #expect(groups.isEmpty != CGroups.work)
    let coordinator = sandbox.lines("coordinator").first ?? ""
    #expect(coordinator != "" && !CGroups.folders.contains("lockstep-\(coordinator)"))
    let runs = "\(vm.path)/data/lockstep/runs"
    for run in FileTree.names(runs) {
      let records = FileTree.names("\(runs)/\(run)/steps")
      #expect(records.count == count / 10)
      #expect(records.allSatisfy { $0.hasSuffix(".held") && !$0.hasPrefix(".") })
    }
  }
}
