import CLinux
import Glibc
import System
import Words

/// Why a file could not be executed, judging by the file itself.
///
/// A script is started by execve(2) directly: what a shell would tolerate is a failure here, as in
/// BOSH.
package struct ExecutableFault: Hashable {
  /// As the end of a sentence that begins with the path.
  package var what: String
  /// What to do about it.
  package var help: String

  /// Looks for what execve(2) would refuse.
  ///
  /// - Parameters:
  ///   - path: of the file, links followed.
  ///   - folder: an open folder for a relative path.
  /// - Returns: nil if nothing was found.
  package static func find(_ path: String, in folder: Int32 = AT_FDCWD) -> ExecutableFault? {
    guard let status = FileStatus(path, in: folder, follow: true) else {
      return errno == ENOENT
        ? ExecutableFault(what: "does not exist", help: "put it there") : nil
    }
    if status.isFolder {
      return ExecutableFault(what: "is a folder", help: "put an executable file in its place")
    }
    if !status.isRegular {
      return ExecutableFault(
        what: "is \(status.kindWords)",
        help: "put an executable file in its place"
      )
    }
    if faccessat(folder, path, X_OK, 0) != 0, errno == EACCES {
      let hasBit = status.mode & 0o111 != 0
      return ExecutableFault(
        what: hasBit ? "may not be executed" : "is not executable",
        help: hasBit
          ? "run as its owner or root, and not from a file system mounted noexec"
          : "chmod 0750 it"
      )
    }
    // The kernel reads 256 bytes. A file that cannot be read may still be executed.
    guard let head = try? firstBytes(of: path, in: folder, limit: 256) else { return nil }
    return find(inHead: head, folder)
  }

  /// Looks for what execve(2) would refuse in a file's first bytes.
  ///
  /// - Parameters:
  ///   - head: as many as there are, at most 256.
  ///   - folder: an open folder for a relative interpreter.
  /// - Returns: nil if nothing was found.
  package static func find(inHead head: [UInt8], _ folder: Int32) -> ExecutableFault? {
    if let fault = findInShape(head) { return fault }
    guard let interpreter = interpreter(inHead: head) else { return nil }
    return findInInterpreter(interpreter, folder)
  }

  /// Finds what is wrong with the first bytes of a file, whatever else is on the machine.
  ///
  /// - Parameter head: the first bytes, or all of them.
  /// - Returns: nil if nothing was found.
  package static func findInShape(_ head: [UInt8]) -> ExecutableFault? {
    let begin = "begin it with a line such as #!/bin/bash"
    if head.isEmpty { return ExecutableFault(what: "is empty", help: begin) }
    if head.starts(with: [0x7F, 0x45, 0x4C, 0x46]) { return nil }
    if head.starts(with: [0xEF, 0xBB, 0xBF]) || head.starts(with: [0xFF, 0xFE]) {
      return ExecutableFault(
        what: "begins with a byte order mark",
        help: "save it as UTF-8 without one, so that #! are its first two bytes"
      )
    }
    guard head.starts(with: "#!".utf8) else {
      let blanks = head.prefix { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
      if !blanks.isEmpty, head.dropFirst(blanks.count).starts(with: "#!".utf8) {
        return ExecutableFault(
          what: "has blanks or empty lines before its shebang",
          help: "make #! its first two bytes"
        )
      }
      return ExecutableFault(what: "has no shebang", help: "no shell is put in front: \(begin)")
    }
    let line = head.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
    if line.last == UInt8(ascii: "\r") {
      return ExecutableFault(
        what: "has a shebang line that ends in CR LF",
        help: "save it with LF line ends, as dos2unix does"
      )
    }
    if interpreter(inHead: head)?.isEmpty == true {
      return ExecutableFault(
        what: "has a shebang without an interpreter",
        help: "name one, as in #!/bin/bash"
      )
    }
    return nil
  }

  /// Looks for a program that env(1) is asked to find in the search path of scripts and will not.
  ///
  /// For execve(2) nothing is wrong with that; the script fails all the same, with exit status 127.
  ///
  /// - Parameter head: as many bytes as there are, at most 256.
  /// - Returns: nil if env is not asked, or asked for more than a name.
  package static func findBehindEnv(inHead head: [UInt8]) -> ExecutableFault? {
    guard let interpreter = interpreter(inHead: head), interpreter.hasSuffix("/env"),
      let end = head.firstIndex(of: UInt8(ascii: "\n"))
    else { return nil }
    let rest = String(decoding: head[2..<end], as: UTF8.self).split { $0 == " " || $0 == "\t" }
    // Everything after the interpreter is one argument.
    let name = rest.dropFirst().joined(separator: " ")
    if name.isEmpty || name.hasPrefix("-") || name.contains("=") || name.contains("/") {
      return nil
    }
    for folder in ProgramSearch.searchPath.split(separator: ":")
    where access("\(folder)/\(name)", X_OK) == 0 { return nil }
    return ExecutableFault(
      what: "asks env for \(quoted(name)), which is not in \(ProgramSearch.searchPath)",
      help: rest.count > 2
        ? "env takes all of it as one name: write the path of the interpreter, or use env -S"
        : "install it there, or write its full path in the first line"
    )
  }

  /// What a shebang names; nil if there is none, as in a binary.
  private static func interpreter(inHead head: [UInt8]) -> String? {
    guard head.starts(with: "#!".utf8) else { return nil }
    let line = head.dropFirst(2).prefix { $0 != UInt8(ascii: "\n") }
    let rest = line.drop { $0 == 0x20 || $0 == 0x09 }
    return String(decoding: rest.prefix { $0 != 0x20 && $0 != 0x09 && $0 != 0 }, as: UTF8.self)
  }

  private static func findInInterpreter(_ path: String, _ folder: Int32) -> ExecutableFault? {
    guard let status = FileStatus(path, in: folder, follow: true) else {
      return ExecutableFault(
        what: "asks for the interpreter \(quoted(path)), which does not exist",
        help: "install it or correct the first line"
      )
    }
    if !status.isRegular || faccessat(folder, path, X_OK, 0) != 0 {
      return ExecutableFault(
        what: "asks for the interpreter \(quoted(path)), which cannot be executed",
        help: "correct the first line"
      )
    }
    return nil
  }
}

extension SpawnFailure {

  /// One line for people: what could not be started, why, and what to do.
  package func words(_ path: String, in folder: Int32) -> String {
    if let fault = ExecutableFault.find(path, in: folder) {
      return "\(path) \(fault.what); \(fault.help)"
    }
    switch number {
    case ENOEXEC:
      return "\(path) is not a program for this machine; begin it with a line such as #!/bin/bash"
    case ENOENT:
      return "\(path) asks for a loader or interpreter that does not exist; install it"
    case E2BIG:
      return "\(path) cannot be started: its arguments and environment together are too long"
    case EAGAIN:
      return "\(path) cannot be started: no more processes are allowed; see ulimit -u and pids.max"
    default:
      return "\(path) cannot be started: \(SystemError.words(number))"
    }
  }
}
