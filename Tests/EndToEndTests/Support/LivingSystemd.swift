import Glibc
import Testing

/// A separate machine booted by a real systemd, with the built command at ``lockstepPath``.
///
/// It is switched off with this object, and also when the test is killed.
///
/// `systemd-up.sh` in `../shared/rigs`, next to the checkout, makes it of namespaces. What a test
/// writes beneath ``root`` is in the machine, and survives a reboot except in `/run`, `/tmp` and
/// `/usr`. All paths of commands are those of the machine.
final class LivingSystemd {
  /// Where the command is in the machine.
  static let lockstepPath = "/opt/lockstep"
  /// The VM's folder in the machine.
  static let vmPath = "/var/vcap"

  /// Why it cannot be booted here, in a few words; nil if it can.
  static let obstacle: String? = {
    if access("\(rigs)/systemd-up.sh", X_OK) != 0 { return "there is no \(rigs)/systemd-up.sh" }
    if getuid() != 0 || !CGroups.work { return "needs root and cgroups of version 2" }
    for tool in [Tool.systemctl, .dbusDaemon, .nsenter, .setpriv] where !tool.works("--version") {
      return "there is no \(tool.path): apt-get install systemd dbus util-linux"
    }
    return Tool.unshare.works("--fork", "--pid", "--mount", "--cgroup", "true")
      ? nil : "namespaces cannot be made here"
  }()

  /// Whether tests that need it run: if it can be booted, or if all tools are required.
  static var isWanted: Bool { Tool.isAllRequired || obstacle == nil }
  /// The message of the condition that skips such a test elsewhere.
  static let need: Comment = "needs a systemd that can be booted in namespaces"

  /// Holds all of its files.
  let sandbox: Sandbox
  /// Its `/`, as seen from outside.
  var root: String { sandbox["root"] }
  private let fifo: Fifo
  private let keeper: RunningCommand
  private var boots = 1

  private static let rigs: String = {
    let checkout = #filePath.split(separator: "/").dropLast(4)
    return "/" + (checkout.dropLast() + ["shared", "rigs"]).joined(separator: "/")
  }()

  /// Boots it, with files that exist from the first boot on.
  ///
  /// If `keepsBootID` is set, a reboot keeps the kernel's boot id, as in containers.
  init(
    keepsBootID: Bool = false,
    files: KeyValuePairs<String, String> = [:],
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    if let obstacle = Self.obstacle { throw SystemFailure(description: obstacle) }
    sandbox = try Sandbox()
    for (path, text) in files { try Self.write(text, at: path, in: sandbox) }
    try Self.bringCommand(into: sandbox)
    fifo = try sandbox.fifo("end")
    var environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"]
    environment["TMPDIR"] = variable("TMPDIR")
    environment["RIG_FROM"] = variable("RIG_FROM")
    if keepsBootID { environment["RIG_KEEP_BOOT_ID"] = "1" }
    // The read ends when this process ends, for whatever reason.
    keeper = try RunningCommand(
      "/bin/bash",
      [
        "-c",
        """
        exec 3<"$2/end"
        "$1/systemd-up.sh" "$2" 3<&- && echo is up
        read -r _ <&3
        "$1/systemd-down.sh" "$2"
        [ ! -e "$2/end" ] || rm -rf --one-file-system "$2"
        """,
        "systemd", Self.rigs, sandbox.path,
      ],
      environment: environment,
      folder: "/"
    )
    do {
      try keeper.waitFor("is up\n", at: location)
    } catch {
      try? fifo.release()
      let finished = try keeper.finish()
      Issue.record("it did not boot: \(finished.shown)", sourceLocation: location)
      throw error
    }
  }

  deinit {
    unlink(fifo.path)
    try? fifo.release()
    _ = try? keeper.finish()
  }

  /// Copies the command and the libraries that it does not load from `/usr`.
  ///
  /// The machine shares `/usr`.
  private static func bringCommand(into sandbox: Sandbox) throws {
    try sandbox.folder("root/opt")
    let loaded = try RunningCommand(
      "/usr/bin/ldd",
      [Lockstep.path],
      environment: ["PATH": "/usr/bin:/bin"],
      folder: "/"
    ).finish()
    let libraries = loaded.out.split(whereSeparator: \.isWhitespace).map(String.init).filter {
      $0.hasPrefix("/") && !["/lib", "/usr/"].contains(where: $0.hasPrefix)
    }
    let copies =
      [[Lockstep.path, sandbox["root\(lockstepPath)"]]]
      + (libraries.isEmpty ? [] : [["--parents"] + Set(libraries).sorted() + [sandbox["root"]]])
    for copy in copies {
      try RunningCommand(
        "/bin/cp",
        ["--dereference", "--reflink=auto"] + copy,
        environment: [:],
        folder: "/"
      ).finish().expect(0)
    }
  }

  // MARK: - Files

  private static func write(_ text: String, at path: String, in sandbox: Sandbox) throws {
    try sandbox.write("root\(path)", text, mode: text.hasPrefix("#!") ? 0o755 : 0o644)
  }

  /// Writes a file of the machine and its folders.
  ///
  /// The file is executable if it begins with `#!`.
  func write(_ path: String, _ text: String) throws {
    try Self.write(text, at: path, in: sandbox)
  }

  /// The text of a file of the machine that survives a reboot; nil if there is none.
  func text(_ path: String) -> String? { sandbox.text("root\(path)") }

  /// The lines of such a file; empty if there is no file.
  func lines(_ path: String) -> [String] { sandbox.lines("root\(path)") }

  /// Writes a unit, which systemd knows from the next `daemon-reload` or boot on.
  func unit(_ name: String, _ text: String) throws {
    try write("/etc/systemd/system/\(name)", text)
  }

  /// The folder of a BOSH VM in the machine, filled from outside.
  func vm() throws -> TestVM { try sandbox.vm("root\(Self.vmPath)") }

  // MARK: - Commands

  /// Starts a command in the machine, as root.
  func start(_ words: [String], stdout: Output = .pipe) throws -> RunningCommand {
    try RunningCommand(
      sandbox["in"],
      words,
      environment: ["PATH": "/usr/bin:/bin"],
      folder: "/",
      stdout: stdout
    )
  }

  /// Runs a command in the machine and waits for its end.
  @discardableResult
  func run(
    _ words: String...,
    location: SourceLocation = #_sourceLocation
  ) throws -> FinishedCommand {
    try start(words).finish(location)
  }

  /// Runs shell lines in the machine that must succeed, and returns what they wrote.
  @discardableResult
  func shell(_ text: String, _ location: SourceLocation = #_sourceLocation) throws -> String {
    try start(["/bin/sh", "-c", text]).finish(location).expect(0, location).out
  }

  /// Runs the built command in the machine, waits for its end and checks its output.
  @discardableResult
  func lockstep(
    _ arguments: String...,
    location: SourceLocation = #_sourceLocation
  ) throws -> FinishedCommand {
    let finished = try start([Self.lockstepPath] + arguments).finish(location)
    finished.checkManners(location)
    return finished
  }

  /// A property of a unit, as `systemctl show` prints it.
  func property(
    _ name: String,
    of unit: String,
    _ location: SourceLocation = #_sourceLocation
  ) throws -> String {
    let shown = try run("systemctl", "show", "--value", "--property=\(name)", "--", unit)
      .expect(0, location)
    return String(shown.out.prefix { $0 != "\n" })
  }

  /// Waits until a unit has a property, by polling; systemd does not announce it.
  func wait(
    until name: String,
    of unit: String,
    is value: String,
    _ location: SourceLocation = #_sourceLocation
  ) throws {
    let deadline = Deadline()
    while try property(name, of: unit, location) != value {
      if deadline.milliseconds == 0 {
        throw Hang(description: "\(name) of \(unit) is never \(value)", location)
      }
      _ = poll(nil, 0, 50)
    }
  }

  /// Waits until systemd answers.
  ///
  /// It does not while it re-executes itself.
  func waitForSystemd(_ location: SourceLocation = #_sourceLocation) throws {
    let deadline = Deadline()
    while try run("systemctl", "show", "--property=Version").status != .exited(0) {
      if deadline.milliseconds == 0 { throw Hang(description: "systemd does not answer", location) }
      _ = poll(nil, 0, 50)
    }
  }

  /// Boots it again, as `systemctl reboot` does, and waits for the end of the boot.
  ///
  /// - Returns: its state then: `running`, or `degraded` if a unit failed.
  @discardableResult
  func reboot(_ location: SourceLocation = #_sourceLocation) throws -> String {
    // It may lose the machine before it has an answer. Then its exit status is not 0.
    try run("systemctl", "--no-block", "reboot", location: location)
    return try waitForBoot(location)
  }

  /// Waits for the end of the next boot, which something in the machine has requested.
  @discardableResult
  func waitForBoot(_ location: SourceLocation = #_sourceLocation) throws -> String {
    boots += 1
    let ready = try RunningCommand(
      sandbox["ready"],
      ["\(Deadline.most)", "\(boots)"],
      environment: ["PATH": "/usr/bin:/bin"],
      folder: "/"
    ).finish(location).expect(0, location)
    return String(ready.out.prefix { $0 != "\n" })
  }
}
