import Words

/// A systemd unit that runs a plan once the machine has booted, or when it goes down.
package struct BootUnit: Hashable, Sendable {
  /// Its file's name.
  package let name: String
  /// Its whole text.
  package let text: String
  /// Whether each boot starts it; otherwise another unit does.
  package let isEnabled: Bool

  /// How every unit begins that was written here, and may be replaced or removed here.
  package static let mark = "# Written by lockstep install-boot"

  /// The name of the unit for a plan on some VMs.
  ///
  /// Each plan and each selection of VMs has its own unit. Units for folders other than the default
  /// one are instances in systemd's sense, named as by systemd-escape(1).
  ///
  /// - Parameters:
  ///   - plan: the plan's name, or its file's without the ending.
  ///   - folders: the absolute paths of its VMs, in any order; none for the usual one alone.
  /// - Returns: the file's name, with `-` instead of characters that are not allowed.
  package static func name(plan: String, folders: [String]) -> String {
    var name = "lockstep-"
    for scalar in plan.unicodeScalars.prefix(100) {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": name.unicodeScalars.append(scalar)
      default: name.append("-")
      }
    }
    let folders = Set(folders).sorted()
    if folders.isEmpty { return name + ".service" }
    let whole = "\(name)@\(UnitText.escaped(path: folders[0])).service"
    if folders.count == 1, whole.utf8.count <= longestName { return whole }
    // No path has a NUL.
    let digest = Array(folders.joined(separator: "\0").utf8).withUnsafeBytes {
      SHA256.hexadecimal($0)
    }
    return "\(name)@vms-\(digest.prefix(16)).service"
  }

  /// systemd and file systems accept at most 255 bytes, and a temporary name is a little longer.
  private static let longestName = 240

  /// The name of the unit for the way down that belongs to one for a boot.
  ///
  /// No unit for a boot has a `:` in its name.
  package static func shutdownName(of boot: String) -> String {
    guard let end = boot.firstIndex(of: "@") ?? boot.lastIndex(of: ".") else { return boot }
    return "\(boot[..<end]):shutdown\(boot[end...])"
  }

  /// A run of a plan.
  package struct Command: Hashable, Sendable {
    /// The plan's name.
    package var plan: String
    /// The absolute path of the executable.
    package var program: String
    /// Behind it.
    package var arguments: [String]
    /// Absolute paths that must exist first, whatever they are mounted from.
    package var folders: [String]

    package init(plan: String, program: String, arguments: [String], folders: [String]) {
      self.plan = plan
      self.program = program
      self.arguments = arguments
      self.folders = folders
    }

    /// As it appears in a unit.
    ///
    /// - Throws: why systemd could not start the program.
    fileprivate func line() throws(NameRefusal) -> String {
      // systemd allows no variable in a program's path, so it cannot express this one.
      if program.contains("$") {
        throw NameRefusal(reason: "has a '$' in its path, which systemd cannot start")
      }
      let words = arguments.map { UnitText.quoted($0, isCommand: true) }
      return ([UnitText.quoted(program, isCommand: false)] + words).joined(separator: " ")
    }

    fileprivate var mounts: String {
      folders.map { UnitText.quoted($0, isCommand: false) }.joined(separator: " ")
    }
  }

  /// What must exist before a run, and may only end after it.
  private static let needs =
    "network-online.target local-fs.target monit.service bosh-agent.service"

  /// Makes the unit for a boot.
  ///
  /// - Parameters:
  ///   - command: what it runs.
  ///   - name: its file's.
  ///   - shutdown: the unit for the way down, which it brings up as well; nil for none.
  /// - Throws: why systemd could not start the program.
  package init(
    atBoot command: Command,
    name: String,
    with shutdown: String? = nil
  ) throws(NameRefusal) {
    self.name = name
    isEnabled = true
    let wants = shutdown.map { " \($0)" } ?? ""
    text = """
      \(Self.mark), and removed by its --remove.
      [Unit]
      Description=\(UnitText.plain("Run the plan \(command.plan) after a boot (lockstep)"))
      Wants=network-online.target\(wants)
      After=\(Self.needs)
      RequiresMountsFor=\(command.mounts)

      [Service]
      Type=oneshot
      RemainAfterExit=yes
      ExecStart=\(try command.line())
      # The plan has time limits of its own.
      TimeoutStartSec=infinity
      # A stop asks lockstep, which ends what runs and goes through the handlers.
      # Daemons that the plan has started stay.
      KillMode=process
      TimeoutStopSec=5min
      # So it ends where it was stopped, which is no failure.
      SuccessExitStatus=143
      Delegate=yes

      [Install]
      WantedBy=multi-user.target

      """
  }

  /// Makes the unit for the way down.
  ///
  /// - Parameters:
  ///   - command: what it runs.
  ///   - boot: the name of the unit for a boot that it belongs to, which starts it.
  ///   - limit: how long the run may take before it is asked to end.
  ///   - units: the units that the run stops, and that systemd must not stop before that.
  /// - Throws: why systemd could not start the program.
  package init(
    atShutdown command: Command,
    of boot: String,
    limit: Duration,
    units: [String]
  ) throws(NameRefusal) {
    name = Self.shutdownName(of: boot)
    isEnabled = false
    let after = units.map { " \(UnitText.quoted($0, isCommand: false))" }.joined()
    let seconds = max(1, limit.components.seconds)
    let unit = UnitText.quoted(boot, isCommand: false)
    text = """
      \(Self.mark), and removed by its --remove.
      # \(UnitText.quoted(boot, isCommand: false)) starts it with each boot.
      [Unit]
      Description=\(UnitText.plain("Run the plan \(command.plan) when the machine goes down (lockstep)"))
      # What it comes after at a boot is stopped after it.
      After=\(Self.needs)\(after)
      RequiresMountsFor=\(command.mounts)

      [Service]
      Type=oneshot
      RemainAfterExit=yes
      # There is nothing to start; to stop this unit is to run the plan.
      ExecStop=\(try command.line())
      # Then lockstep is asked to end, and after the same time again is killed.
      TimeoutStopSec=\(seconds)
      KillMode=mixed
      # What the unit of the boot has left running would hold the machine up.
      ExecStopPost=-/bin/sh -c 'case $$(systemctl is-system-running) in stopping) \\
        exec systemctl kill --signal=KILL \(unit);; esac'
      Delegate=yes

      """
  }
}

/// How texts are written in a unit (systemd.syntax(7), systemd.service(5)).
enum UnitText {
  /// A path in a unit's name, as `systemd-escape --path` gives it.
  ///
  /// - Parameter path: an absolute path without `.`, `..` and links.
  /// - Returns: the text as it may appear in a file's name.
  static func escaped(path: String) -> String {
    let parts = path.utf8.split(separator: UInt8(ascii: "/"))
    if parts.isEmpty { return "-" }
    var result = ""
    for byte in parts.joined(separator: CollectionOfOne(UInt8(ascii: "/"))) {
      switch byte {
      case UInt8(ascii: "/"): result += "-"
      case UInt8(ascii: ".") where result.isEmpty: result += "\\x2e"
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: ":"), UInt8(ascii: "_"),
        UInt8(ascii: "."):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        result += "\\x" + padded(byte, to: 2, radix: 16)
      }
    }
    return result
  }

  /// One word of a list.
  ///
  /// - Parameters:
  ///   - text: any text.
  ///   - isCommand: whether it is in a command line, where `$` means a variable.
  /// - Returns: the word, quoted if necessary.
  static func quoted(_ text: String, isCommand: Bool) -> String {
    var isPlain = !text.isEmpty
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".", "/", ":", "=", "@", ",", "+":
        result.unicodeScalars.append(scalar)
        continue
      case "%": result += "%%"
      case "$": result += isCommand ? "$$" : "$"
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\t": result += "\\t"
      case "\u{1}"..."\u{1F}", "\u{7F}":
        result += "\\x" + padded(scalar.value, to: 2, radix: 16)
      default: result.unicodeScalars.append(scalar)
      }
      isPlain = false
    }
    return isPlain ? result : "\"\(result)\""
  }

  /// A whole value in one line.
  static func plain(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": result += "%%"
      case "\0"..."\u{1F}", "\u{7F}", "\\": result += "?"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
