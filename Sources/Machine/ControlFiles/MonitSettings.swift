import CLinux
import Glibc

/// Where a monit answers and how it is asked, as its control file says it.
struct MonitSettings: Hashable, Sendable {
  var endpoint: Endpoint
  /// Name and password for HTTP's Basic scheme; nil where the control file asks for none.
  var credentials: Credentials?

  /// A user of monit's HTTP interface.
  struct Credentials: Hashable, Sendable {
    var user: String
    var password: String
  }

  /// The settings of a control file and of the files that it includes.
  ///
  /// - Parameter path: of the control file.
  /// - Returns: where and how to ask.
  /// - Throws: one line for people that begins with a path.
  static func read(_ path: String) throws(PlainFailure) -> MonitSettings {
    var reader = MonitSettingsReader()
    try reader.read(path, depth: 0)
    return try reader.settings(path)
  }
}

/// Collects the statement `set httpd` over the files of one monit.
private struct MonitSettingsReader {
  private var port: UInt16?
  /// A port that is none.
  private var badPort: String?
  private var address: String?
  private var usesSocket = false
  private var usesEncryption = false
  private var credentials: [(MonitSettings.Credentials, isReadOnly: Bool)] = []
  private var opaqueUsers = false

  /// Control files are small; a log that is included by mistake is not.
  private static let largest = 1 << 20

  mutating func read(_ path: String, depth: Int) throws(PlainFailure) {
    if depth > 8 {
      throw PlainFailure(words: "\(path): control files include each other too deeply")
    }
    let tokens = try Self.tokens(path)
    var index = 0
    while index < tokens.count {
      if Self.isWord(tokens[index], "set"), index + 1 < tokens.count,
        Self.isWord(tokens[index + 1], "httpd")
      {
        index += 2
        try httpd(tokens, &index)
      } else if Self.isWord(tokens[index], "include"), index + 1 < tokens.count,
        let pattern = Self.text(tokens[index + 1])
      {
        index += 2
        for file in Self.expand(pattern, beside: path) { try read(file, depth: depth + 1) }
      } else {
        index += 1
      }
    }
  }

  func settings(_ path: String) throws(PlainFailure) -> MonitSettings {
    if usesEncryption {
      throw PlainFailure(
        words: "\(path): its httpd speaks TLS only, which is not understood; use ctl"
      )
    }
    if let badPort {
      throw PlainFailure(words: "\(path): its httpd has the port \(quoted(badPort)), which is none")
    }
    guard let port else {
      throw PlainFailure(
        words: usesSocket
          ? "\(path): its httpd listens on a socket file only; add a 'port' to 'set httpd'"
          : "\(path): has no 'set httpd port N', without which monit cannot be asked"
      )
    }
    let user = credentials.first { !$0.isReadOnly }?.0
    if user == nil, !credentials.isEmpty || opaqueUsers {
      throw PlainFailure(
        words: "\(path): no user that may act has a clear password; add 'allow USER:PASSWORD'"
      )
    }
    // A monit that listens everywhere is asked from here.
    let host = address.map { $0 == "0.0.0.0" || $0 == "*" ? "127.0.0.1" : $0 } ?? "127.0.0.1"
    return MonitSettings(endpoint: Endpoint(host: host, port: port), credentials: user)
  }

  // MARK: Statement

  private static let nextStatements: Set<String> = ["set", "check", "include"]

  private mutating func httpd(
    _ tokens: [ControlFileToken],
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
      case "address":
        address = Self.text(tokens, index)
        index += 1
      case "unixsocket": usesSocket = true
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
    _ tokens: [ControlFileToken],
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
      throw PlainFailure(words: "\(path): \(SystemError.words(error.number))")
    }
  }

  private static func tokens(_ path: String) throws(PlainFailure) -> [ControlFileToken] {
    var lexer = ControlFileLexer(try contents(path))
    var tokens: [ControlFileToken] = []
    do {
      while true {
        let token = try lexer.next()
        if token == .end { return tokens }
        tokens.append(token)
      }
    } catch {
      throw PlainFailure(words: "\(path):\(error.line): \(error.what)")
    }
  }

  private static func isWord(_ token: ControlFileToken, _ word: String) -> Bool {
    if case .word(let text) = token { text.lowercased() == word } else { false }
  }

  private static func text(_ token: ControlFileToken) -> String? {
    switch token {
    case .word(let text), .quoted(let text, _): text
    case .symbol, .braces, .end: nil
    }
  }

  private static func text(_ tokens: [ControlFileToken], _ index: Int) -> String? {
    index < tokens.count ? text(tokens[index]) : nil
  }

  /// The files that `include` means, in glob(3)'s order.
  private static func expand(_ pattern: String, beside path: String) -> [String] {
    var full = pattern
    if !pattern.hasPrefix("/"), let slash = path.lastIndex(of: "/") {
      full = String(path[...slash]) + pattern
    }
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(full, 0, nil, &found) == 0 else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { index in
      found.gl_pathv[index].map { String(cString: $0) }
    }
  }
}
