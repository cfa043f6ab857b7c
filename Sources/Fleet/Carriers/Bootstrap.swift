import Wire
import Words

/// What the shell on the other machine is told first: start `lockstep serve`, or say what is missing.
///
/// The shell reads it whole before it executes any of it, and nothing else is sent before it has
/// answered. So a shell that reads ahead takes nothing that is for `lockstep`.
package struct Bootstrap: Sendable {
  /// The program that may be copied; nil if nothing may be.
  package let copy: ProgramCopy?

  /// The first words of the line that says that there is no `lockstep`.
  static let missing = "lockstep-missing"
  /// The first words of the line that says that the copy does not work there.
  static let useless = "lockstep-useless"

  /// Prepares.
  package init(copy: ProgramCopy?) { self.copy = copy }

  /// The script.
  ///
  /// It takes a `lockstep` in PATH that speaks the same protocol; else a copy that was made before;
  /// else it waits for one, of which only this user may have made the folder.
  var script: [UInt8] {
    let version = WireProtocol.version
    var lines = [
      "{",
      "p=$(command -v lockstep 2>/dev/null) && v=$(\"$p\" serve --protocol 2>/dev/null </dev/null)",
      "if [ \"$v\" = \(version) ]; then exec \"$p\" serve; fi",
    ]
    if let copy {
      lines += [
        "umask 077",
        "d=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/lockstep b=$d/\(copy.name) t=$d/.new.$$",
        "if [ -O \"$d\" ] && [ -x \"$b\" ]; then exec \"$b\" serve; fi",
        "echo \"\(Self.missing) $(uname -s) $(uname -m) ${v:-none}\"",
        "mkdir -p \"$d\" && [ -O \"$d\" ] && chmod 700 \"$d\" || "
          + "{ echo \"\(Self.useless) $d cannot be made, or is another user's\"; exit 1; }",
        "trap 'rm -f \"$t\"' 0",
        "head -c \(copy.size) >\"$t\"",
        "s=$(sha256sum <\"$t\") && [ \"${s%% *}\" = \(copy.digest) ] && chmod 700 \"$t\" || "
          + "{ echo \"\(Self.useless) the copy in $d is not whole\"; exit 1; }",
        "w=$(\"$t\" serve --protocol 2>&1 </dev/null) && [ \"$w\" = \(version) ] || "
          + "{ echo \"\(Self.useless) $w\"; exit 1; }",
        "mv \"$t\" \"$b\" && trap - 0 && exec \"$b\" serve",
      ]
    } else {
      lines.append("echo \"\(Self.missing) $(uname -s) $(uname -m) ${v:-none}\"")
    }
    return Array((lines + ["exit 1", "}", ""]).joined(separator: "\n").utf8)
  }
}

/// What the shell on the other machine has answered.
enum BootstrapAnswer: Equatable {
  /// `lockstep serve` has greeted; what follows are frames.
  case greeted(rest: [UInt8])
  /// There is no `lockstep` of the protocol: the kernel and the machine there, and the protocol that a
  /// `lockstep` there speaks.
  case missing(kernel: String, machine: String, version: String)
  /// The copy does not work there; why, in words.
  case useless(String)
}

/// Reads what comes before the first frame.
struct BootstrapReader {
  private var greeting = GreetingReader()
  private var told = 0

  /// What came that nobody asked for.
  var banner: [UInt8] { greeting.banner }

  /// Takes in bytes.
  ///
  /// - Returns: the answer, once there is one.
  /// - Throws: that too much came that is no answer.
  mutating func add(_ bytes: [UInt8]) throws(WireFailure) -> BootstrapAnswer? {
    if let rest = try greeting.add(bytes) { return .greeted(rest: Array(rest)) }
    while let end = banner[told...].firstIndex(of: UInt8(ascii: "\n")) {
      let line = String(decoding: banner[told..<end], as: UTF8.self)
      told = end + 1
      let words = line.split(separator: " ", maxSplits: 3).map(String.init)
      if words.first == Bootstrap.missing, words.count >= 3 {
        return .missing(
          kernel: words[1],
          machine: words[2],
          version: words.count > 3 ? words[3] : "none"
        )
      }
      if words.first == Bootstrap.useless {
        return .useless(String(line.dropFirst(Bootstrap.useless.count + 1)))
      }
    }
    return nil
  }
}
