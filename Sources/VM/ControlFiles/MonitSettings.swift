import CLinux
import Glibc
import PlanLanguage
package import System
import Words

/// Where a monit answers and how to ask it, according to its control file.
package struct MonitSettings: Hashable, Sendable {
  package var endpoint: Endpoint
  /// Name and password for HTTP's Basic scheme; nil if the control file asks for none.
  package var credentials: Credentials?
  /// Names of what else it watches outside the files of release jobs, in lower case.
  package var services: Set<String> = []
  /// Names of all that it watches, in lower case, those in the files of release jobs included.
  package var checks: Set<String> = []
  /// How long after its start it begins to listen.
  package var startDelay = Duration.zero
  /// The file with its process number; nil if its control file does not name one.
  package var pidFile: String?
  /// What its control file includes, as whole paths.
  package var includes: [String] = []

  /// A user of monit's HTTP interface.
  package struct Credentials: Hashable, Sendable {
    package var user: String
    package var password: String
  }

  /// The settings of a control file and of the files that it includes.
  ///
  /// - Parameter path: of the control file.
  /// - Returns: where and how to reach monit.
  /// - Throws: one line for people that begins with a path.
  package static func read(_ path: String) throws(PlainFailure) -> MonitSettings {
    var reader = MonitSettingsReader()
    try reader.read(path, depth: 0)
    return try reader.settings(path)
  }
}

/// Collects the statement `set httpd` over the files of one monit.
private struct MonitSettingsReader {
  private var port: UInt16?
  /// An invalid port.
  private var badPort: String?
  private var address: String?
  private var socketFile: String?
  private var usesEncryption = false
  private var credentials: [(MonitSettings.Credentials, isReadOnly: Bool)] = []
  private var opaqueUsers = false
  private var services: Set<String> = []
  private var checks: Set<String> = []
  private var startDelay = Duration.zero
  private var pidFile: String?
  private var includes: [String] = []

  /// Control files are small; a log that is included by mistake is not.
  private static let largest = 1 << 20

  mutating func read(_ path: String, depth: Int) throws(PlainFailure) {
    if depth > 8 {
      throw PlainFailure(path: path, separator: ": ", "control files include each other too deeply")
    }
    let tokens = try Self.tokens(path)
    var index = 0
    while index < tokens.count {
      if Self.isWord(tokens[index], "set"), index + 1 < tokens.count,
        Self.isWord(tokens[index + 1], "httpd")
      {
        index += 2
        try httpd(tokens, &index)
      } else if Self.isWord(tokens[index], "set"), index + 2 < tokens.count,
        let value = Self.text(tokens[index + 2])
      {
        if Self.isWord(tokens[index + 1], "pidfile") { pidFile = value }
        if Self.isWord(tokens[index + 1], "daemon") { takeStartDelay(tokens, index + 3) }
        index += 2
      } else if Self.isWord(tokens[index], "include"), index + 1 < tokens.count,
        let pattern = Self.text(tokens[index + 1])
      {
        index += 2
        includes.append(Self.whole(pattern, beside: path))
        for file in Self.expand(pattern, beside: path) { try read(file, depth: depth + 1) }
      } else if Self.isWord(tokens[index], "check"), index + 2 < tokens.count {
        if let name = Self.name(tokens, index + 1) {
          checks.insert(name)
          // The files of release jobs are judged by what they are now.
          if !isOfReleaseJobs(path) { services.insert(name) }
        }
        index += 1
      } else {
        index += 1
      }
    }
  }

  func settings(_ path: String) throws(PlainFailure) -> MonitSettings {
    if usesEncryption {
      throw PlainFailure(
        path: path,
        separator: ": ",
        "its httpd speaks only TLS, which is not supported; use ctl"
      )
    }
    if let badPort {
      throw PlainFailure(
        path: path,
        separator: ": ",
        "its httpd has the port \(quoted(badPort)), which is not a port number"
      )
    }
    if port == nil, socketFile == nil {
      throw PlainFailure(
        path: path,
        separator: ": ",
        "has no 'set httpd port N'; monit cannot be asked without it"
      )
    }
    let user = credentials.first { !$0.isReadOnly }?.0
    if user == nil, !credentials.isEmpty || opaqueUsers {
      throw PlainFailure(
        path: path,
        separator: ": ",
        "no user with write access has a plain-text password; add 'allow USER:PASSWORD'"
      )
    }
    // A monit that listens everywhere is asked from here.
    let host = address.map { $0 == "0.0.0.0" || $0 == "*" ? "127.0.0.1" : $0 } ?? "127.0.0.1"
    return MonitSettings(
      endpoint: port.map { Endpoint(host: host, port: $0) }
        ?? Endpoint(socketFile: socketFile ?? ""),
      credentials: user,
      services: services,
      checks: checks,
      startDelay: startDelay,
      pidFile: pidFile,
      includes: includes
    )
  }

  /// `[with] start delay SECONDS` after `set daemon`.
  private mutating func takeStartDelay(_ tokens: [SettingsToken], _ start: Int) {
    let words = tokens[start...].prefix(4).map { Self.text($0)?.lowercased() ?? "" }
    let rest = words.first == "with" ? words.dropFirst() : words[...]
    guard rest.prefix(2) == ["start", "delay"], let seconds = rest.dropFirst(2).first,
      let number = Int64(seconds), (1...86400).contains(number)
    else { return }
    startDelay = .seconds(number)
  }

  /// An address, with the colons of IPv6 without quotes.
  private static func address(_ tokens: [SettingsToken], _ index: inout Int) -> String? {
    var address = ""
    var isBehindWord = false
    while index < tokens.count {
      if tokens[index] == .symbol(UInt8(ascii: ":")) {
        address += ":"
        isBehindWord = false
      } else if let text = text(tokens[index]), !isBehindWord,
        address.isEmpty || text.allSatisfy({ $0.isHexDigit || $0 == "." })
      {
        address += text
        isBehindWord = true
      } else {
        break
      }
      index += 1
    }
    return address.isEmpty ? nil : address
  }

  /// Whether a file belongs to a release job, as the agent or someone else makes monit load it.
  private func isOfReleaseJobs(_ path: String) -> Bool {
    let folders = path.split(separator: "/").dropLast()
    return folders.contains("jobs") || folders.suffix(2) == ["monit", "job"]
  }

  /// The name in a `check`, in lower case; nil if it has none.
  private static func name(_ tokens: [SettingsToken], _ index: Int) -> String? {
    guard index + 1 < tokens.count, let first = text(tokens[index]),
      let second = text(tokens[index + 1])
    else { return nil }
    // Without a kind it is a process.
    return (kinds.contains(first.lowercased()) ? second : first).lowercased()
  }

  private static let kinds: Set<String> = [
    "process", "device", "filesystem", "file", "directory", "host", "system", "fifo", "status",
    "program", "network",
  ]

  // MARK: Statement

  private static let nextStatements: Set<String> = ["set", "check", "include"]

  private mutating func httpd(
    _ tokens: [SettingsToken],
    _ index: inout Int
  ) throws(PlainFailure) {
    while index < tokens.count {
      guard case .word(let text) = tokens[index] else {
        index += 1
        continue
      }
      let word = text.lowercased()
      if Self.nextStatements.contains(word) { return }
      index += 1
      switch word {
      case "port":
        let text = Self.text(tokens, index)
        port = text.flatMap(UInt16.init).flatMap { $0 == 0 ? nil : $0 }
        badPort = port == nil ? text : nil
        index += 1
      case "address": address = Self.address(tokens, &index)
      case "unix", "unixsocket":
        socketFile = Self.text(tokens, index)
        index += 1
      case "ssl", "pemfile": usesEncryption = true
      case "disable":
        if Self.isWord(tokens[min(index, tokens.count - 1)], "ssl") { index += 1 }
      case "allow": try allow(tokens, &index)
      default: break
      }
    }
  }

  /// `allow USER:PASSWORD [readonly]`, `allow cleartext FILE [USERS]`, `allow md5 FILE`,
  /// `allow @GROUP`, `allow HOST`.
  private mutating func allow(
    _ tokens: [SettingsToken],
    _ index: inout Int
  ) throws(PlainFailure) {
    guard index < tokens.count else { return }
    if tokens[index] == .symbol(UInt8(ascii: "@")) {
      opaqueUsers = true
      index += 2
      return
    }
    guard let first = Self.text(tokens[index]) else { return }
    index += 1
    switch first.lowercased() {
    case "cleartext":
      guard let file = Self.text(tokens, index) else { return }
      index += 1
      try addUsers(file)
    case "md5", "crypt":
      opaqueUsers = true
      index += 1
    default:
      guard index + 1 < tokens.count, tokens[index] == .symbol(UInt8(ascii: ":")),
        let password = Self.text(tokens[index + 1])
      else { return }
      index += 2
      let isReadOnly =
        index < tokens.count
        && (Self.isWord(tokens[index], "readonly") || Self.isWord(tokens[index], "read-only"))
      credentials.append((.init(user: first, password: password), isReadOnly))
    }
  }

  /// A file of lines `USER:PASSWORD`.
  private mutating func addUsers(_ path: String) throws(PlainFailure) {
    let bytes = try Self.contents(path)
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let text = String(decoding: line, as: UTF8.self)
      guard let colon = text.firstIndex(of: ":"), !text.hasPrefix("#") else { continue }
      var password = text[text.index(after: colon)...]
      while password.last?.isWhitespace == true { password.removeLast() }
      var user = text[..<colon]
      while user.first?.isWhitespace == true { user.removeFirst() }
      credentials.append((.init(user: String(user), password: String(password)), false))
    }
  }

  // MARK: Files and tokens

  private static func contents(_ path: String) throws(PlainFailure) -> [UInt8] {
    do {
      return try firstBytes(of: path, limit: largest)
    } catch {
      throw PlainFailure(path: path, separator: ": ", "\(SystemError.words(error.number))")
    }
  }

  private static func tokens(_ path: String) throws(PlainFailure) -> [SettingsToken] {
    var lexer = SettingsLexer(try contents(path))
    var tokens: [SettingsToken] = []
    do {
      while true {
        let token = try lexer.next()
        if token == .end { return tokens }
        tokens.append(token)
      }
    } catch {
      throw PlainFailure(path: path, line: "\(error.line)", separator: ": ", error.what)
    }
  }

  private static func isWord(_ token: SettingsToken, _ word: String) -> Bool {
    if case .word(let text) = token { text.lowercased() == word } else { false }
  }

  private static func text(_ token: SettingsToken) -> String? {
    switch token {
    case .word(let text), .quoted(let text, _): text
    case .symbol, .braces, .end: nil
    }
  }

  private static func text(_ tokens: [SettingsToken], _ index: Int) -> String? {
    index < tokens.count ? text(tokens[index]) : nil
  }

  private static func whole(_ pattern: String, beside path: String) -> String {
    guard !pattern.hasPrefix("/"), let slash = path.lastIndex(of: "/") else { return pattern }
    return String(path[...slash]) + pattern
  }

  /// The files that `include` means, in glob(3)'s order.
  private static func expand(_ pattern: String, beside path: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(whole(pattern, beside: path), 0, nil, &found) == 0 else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { index in
      found.gl_pathv[index].map { String(cString: $0) }
    }
  }
}
