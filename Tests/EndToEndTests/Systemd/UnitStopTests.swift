import Glibc
import TestSupport
import Testing

/// Stopping units with a real systemd.
@Suite(
  "Under a living systemd: stop",
  .waits,
  .enabled(if: LivingSystemd.isWanted, LivingSystemd.need)
)
struct UnitStopTests {
  private static let down = "plan down { phase down { stop { timeout 1h } } }\n"

  @Test("A stop reports what systemd killed, what is unknown, and what would start a unit again")
  func stop() throws {
    let machine = try LivingSystemd(files: ["/opt/down.plan": Self.down])
    let vm = try machine.vm()
    // %n is the unit's name. systemd would expand a variable itself.
    let trap = "; touch /run/%n; sleep 1000 & while :; do wait; done'\n"
    let stubborn = "[Service]\nTimeoutStopSec=1\nExecStart=/bin/sh -c 'trap \"\" TERM\(trap)"
    for name in ["web", "other", "greeted"] {
      try machine.unit("\(name).service", "[Service]\nExecStart=/bin/sleep 1000\n")
    }
    try machine.unit("stubborn.service", stubborn)
    try machine.unit("immortal.service", stubborn + "SendSIGKILL=no\n")
    try machine.unit(
      "failing.service",
      "[Service]\nExecStart=/bin/sh -c 'trap \"exit 7\" TERM\(trap)"
    )
    try machine.unit("greeted.socket", "[Socket]\nListenStream=/run/greeted\n")
    let jobs: KeyValuePairs = [
      "stubborn": "stubborn", "immortal": "immortal", "several": "web nowhere other",
      "greeted": "greeted", "failing": "failing",
    ]
    for (job, units) in jobs {
      try machine.sandbox.write("\(vm.name)/jobs/\(job)/systemd", units + "\n")
    }
    try machine.shell(
      """
      systemctl daemon-reload
      systemctl start web other greeted.socket greeted stubborn immortal failing
      # A shell has its trap a moment later than its process is there.
      for unit in stubborn immortal failing; do
        while [ ! -e /run/$unit.service ]; do sleep 0.05; done
      done
      """
    )
    try machine.lockstep("run", "/opt/down.plan", "--supervisor", "systemd").expect(1).prints(
      "'stubborn.service' did not end in time and was killed (timeout: signal 9)",
      "'immortal.service' did not end (timeout), and systemd has left processes running",
      "systemd has no unit 'nowhere.service'; see 'jobs/…/systemd'; stopped: 'web.service', "
        + "'other.service'",
      "'failing.service' ended with a failure (exit-code: exit status 7)",
      "'greeted.service' can be started again by 'greeted.socket', which is active",
      "3 succeeded, 2 failed"
    )
    #expect(try machine.property("ActiveState", of: "other") == "inactive")
  }
}
