import Glibc
import Testing

/// Links between a coordinator and its hosts that can be cut, and hosts that can be killed.
///
/// A link is a shell and two relays, one for each direction. So a far end does not end with its link.
struct FleetLinks {
  private let sandbox: Sandbox
  private let vms: [TestVM]
  /// Has a line for each connection that was refused because the link is cut.
  private let refused: Fifo

  /// Whether a host can be given another boot id.
  static let canBoot = Tool.isAllRequired || Tool.unshare.works("-m", "true")

  /// The command that connects to a host.
  static func carrier(in sandbox: Sandbox) -> String { "\(sandbox["link"]) {index}" }

  /// Makes the links of a fleet whose carrier is `carrier`.
  init(_ fleet: TestFleet) throws {
    sandbox = fleet.sandbox
    vms = fleet.vms
    refused = try sandbox.fifo("refused")
    try sandbox.write(
      "link",
      """
      #!/bin/sh
      # link NUMBER SHELL...: connects to the shell of a host, unless the link is cut.
      number=$1
      shift
      if [ -e '\(sandbox.path)'/cut-$number ]; then
        echo $number > '\(refused.path)'
        echo "no route to host-$number" >&2
        exit 255
      fi
      boot='\(sandbox.path)'/boot-$number
      if [ -e "$boot" ]; then
        set -- unshare -m sh -c \\
          "mount --bind '$boot' /proc/sys/kernel/random/boot_id; exec \\"\\$@\\"" sh "$@"
      fi
      FLEET_LINK=$number cat | FLEET_HOST=$number "$@" | FLEET_LINK=$number cat

      """,
      mode: 0o755
    )
  }

  /// Kills every process that is meant, until there is none.
  private func killAll(_ isMeant: (Sandbox.Survivor) -> Bool) throws {
    let deadline = Deadline()
    while true {
      let meant = sandbox.survivors().filter(isMeant)
      if meant.isEmpty { return }
      for process in meant { kill(process.identifier, SIGKILL) }
      if deadline.milliseconds == 0 { throw SystemFailure(description: "stays alive: \(meant)") }
    }
  }

  private func has(_ process: Sandbox.Survivor, _ variable: String) -> Bool {
    let environment = FileTree.bytes("/proc/\(process.identifier)/environ") ?? []
    return environment.split(separator: 0).contains { $0.elementsEqual(variable.utf8) }
  }

  /// Kills what carries the connection to a host, on both sides.
  func killLink(_ number: Int) throws {
    let mark = "\(sandbox["link"]) \(number) "
    try killAll { $0.command.contains(mark) || has($0, "FLEET_LINK=\(number)") }
  }

  /// Kills the connection to a host, and lets nobody connect again until `mendLink`.
  func cutLink(_ number: Int) throws {
    try sandbox.write("cut-\(number)", "")
    try killLink(number)
  }

  /// Stops what carries the connection to a host: it is there, and nothing comes through it.
  func freezeLink(_ number: Int) throws {
    let relays = sandbox.survivors().filter { has($0, "FLEET_LINK=\(number)") }
    if relays.isEmpty { throw SystemFailure(description: "there is no link to freeze") }
    for relay in relays { kill(relay.identifier, SIGSTOP) }
  }

  /// Lets the coordinator connect again.
  func mendLink(_ number: Int) { unlink(sandbox["cut-\(number)"]) }

  /// Kills the far end of a host, and nothing else.
  func killFarEnd(_ number: Int) throws {
    try killAll { $0.command.hasSuffix("lockstep serve ") && has($0, "FLEET_HOST=\(number)") }
  }

  /// Kills everything that runs on a host, and gives it another boot id.
  ///
  /// - Parameters:
  ///   - number: of the host.
  ///   - down: called while nothing runs there.
  /// - Throws: an error if something stays alive, or what `down` throws.
  func reboot(_ number: Int, down: () throws -> Void = {}) throws {
    try sandbox.write("cut-\(number)", "")
    let folder = vms[number].path
    try killLink(number)
    try killAll { process in
      let place = FileTree.target(ofLink: "/proc/\(process.identifier)/cwd") ?? ""
      return place.hasPrefix(folder) || has(process, "FLEET_HOST=\(number)")
    }
    try down()
    try sandbox.write("boot-\(number)", "0f0f0f0f-1234-4321-8888-abcdefabcde\(number)\n")
    mendLink(number)
  }

  /// Waits until a connection was refused, or the coordinator has ended.
  func waitForRefusal(_ running: RunningCommand) throws {
    let deadline = Deadline()
    while !refused.hasText,
      sandbox.survivors().contains(where: { $0.identifier == running.identifier })
    {
      if deadline.milliseconds == 0 { throw SystemFailure(description: "nobody connects again") }
      _ = poll(nil, 0, 1)
    }
  }
}
