/// A systemd unit that runs a command once the machine has booted, and on nothing else.
package struct BootUnit: Hashable, Sendable {
  /// Its file's name.
  package let name: String
  /// Its whole text.
  package let text: String

  /// How every unit begins that was written here, and may be replaced or removed here.
  package static let mark = "# Written by lockstep install-boot"

  /// The name of the unit for a plan on some VMs.
  ///
  /// Each plan and each choice of VMs has one of its own. Those of other folders than the usual one
  /// are instances in systemd's sense, named as systemd-escape(1) names a path.
  ///
  /// - Parameters:
  ///   - plan: the plan's name, or its file's without the ending.
  ///   - folders: the absolute paths of its VMs, in any order; none for the usual one alone.
  /// - Returns: the file's name, in which `-` stands for what cannot stand there.
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

  /// systemd takes 255 bytes at most, and so do file systems; a temporary name is somewhat longer.
  private static let longestName = 240

  /// Makes a unit.
  ///
  /// - Parameters:
  ///   - name: its file's.
  ///   - plan: the plan's name.
  ///   - program: the absolute path of the executable.
  ///   - arguments: behind it.
  ///   - folders: absolute paths that have to be there first, whatever they are mounted from.
  /// - Throws: why systemd could not start the program.
  package init(
    name: String,
    plan: String,
    program: String,
    arguments: [String],
    folders: [String]
  ) throws(NameRefusal) {
    // systemd takes no variable for a program, and so has no way to write this one.
    if program.contains("$") {
      throw NameRefusal(reason: "has a '$' in its path, which systemd cannot start")
    }
    self.name = name
    let command =
      ([UnitText.quoted(program, isCommand: false)]
      + arguments.map {
        UnitText.quoted($0, isCommand: true)
      }).joined(separator: " ")
    let mounts = folders.map { UnitText.quoted($0, isCommand: false) }.joined(separator: " ")
    text = """
      \(Self.mark), and removed by its --remove.
      [Unit]
      Description=\(UnitText.plain("Run the plan \(plan) after a boot (lockstep)"))
      Wants=network-online.target
      After=network-online.target local-fs.target monit.service bosh-agent.service
      RequiresMountsFor=\(mounts)

      [Service]
      Type=oneshot
      RemainAfterExit=yes
      ExecStart=\(command)
      # The plan has time limits of its own.
      TimeoutStartSec=infinity
      # A stop asks lockstep, which ends what runs and goes through the handlers.
      # Daemons that the plan has started stay.
      KillMode=process
      TimeoutStopSec=5min
      Delegate=yes

      [Install]
      WantedBy=multi-user.target

      """
  }
}

/// How texts are written in a unit (systemd.syntax(7), systemd.service(5)).
enum UnitText {
  /// A path in a unit's name, as `systemd-escape --path` gives it.
  ///
  /// - Parameter path: an absolute path without `.`, `..` and links.
  /// - Returns: what may stand in a file's name.
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
        let digits = String(byte, radix: 16)
        result += "\\x" + (digits.count < 2 ? "0" : "") + digits
      }
    }
    return result
  }

  /// One word of a list.
  ///
  /// - Parameters:
  ///   - text: any text.
  ///   - isCommand: whether it stands in a command line, where `$` means a variable.
  /// - Returns: the word, quoted where it has to be.
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
        let digits = String(scalar.value, radix: 16)
        result += "\\x" + (digits.count < 2 ? "0" : "") + digits
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
