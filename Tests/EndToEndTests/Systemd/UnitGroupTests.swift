import TestSupport
import Testing

/// A run in a unit makes its cgroups in the unit's cgroup, delegated or not.
@Suite(
  "Under a living systemd: the cgroups of a run in a unit",
  .waits,
  .enabled(if: LivingSystemd.isWanted, LivingSystemd.need)
)
struct UnitGroupTests {
  @Test("A timeout also ends a daemon of its script", arguments: ["Delegate=yes", "Delegate=no"])
  func nothingIsLeft(delegation: String) throws {
    let machine = try LivingSystemd(
      files: ["/opt/p.plan": "plan p { phase hang { script hang { timeout 1s  grace 1s } } }\n"]
    )
    try machine.vm().releaseJob(
      "web",
      [
        "hang": """
        setsid sh -c 'echo $$ >/var/daemon; exec sleep 1000' >/dev/null 2>&1 &
        while [ ! -s /var/daemon ]; do sleep 0.02; done
        cat /proc/$(cat /var/daemon)/cgroup >/var/cgroup
        # It is to outlast what happens to the units meanwhile.
        systemctl daemon-reload
        cat /proc/$(cat /var/daemon)/cgroup >>/var/cgroup
        sleep 1000
        """
      ]
    )
    // The unit is still active at this point, so its stop has ended nothing.
    try machine.write(
      "/opt/unit",
      """
      #!/bin/sh
      \(LivingSystemd.lockstepPath) run /opt/p.plan
      echo "status $?" >/var/order
      if grep '^State:.[^ZX]' /proc/$(cat /var/daemon)/status >/dev/null 2>&1
      then echo lives >>/var/order
      else echo gone >>/var/order
      fi

      """
    )
    try machine.unit(
      "night.service",
      "[Service]\nType=oneshot\nExecStart=/opt/unit\n\(delegation)\n"
    )
    try machine.shell("systemctl daemon-reload; systemctl start night")
    #expect(machine.lines("/var/order") == ["status 1", "gone"])
    let groups = machine.lines("/var/cgroup").filter { $0.contains("night.service/lockstep-") }
    #expect(groups.count == 2, "\(machine.lines("/var/cgroup"))")
  }
}
