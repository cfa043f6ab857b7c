/// Reads the `check process` statements of a monit control file.
///
/// What only monit itself can act upon (`if … then …`, `alert`, `every`, other kinds of checks, `set`)
/// is read over, whatever it says. Keywords are the same in upper and lower case, and monit's noise
/// words (`with`, `is`, `and`, …) are where it allows them: nearly anywhere.
struct ControlFileParser {
  private var lexer: ControlFileLexer
  private var token = ControlFileToken.end
  private var line = 1
  private var processes: [MonitoredProcess] = []
  /// The process that statements now belong to; nil inside of another kind of check.
  private var current: MonitoredProcess?

  /// Reads all of a file.
  ///
  /// - Parameter bytes: its contents.
  /// - Returns: every process in the order of the file, of whatever group.
  /// - Throws: what is wrong, at the first place.
  static func parse(_ bytes: [UInt8]) throws(ControlFileError) -> [MonitoredProcess] {
    var parser = ControlFileParser(lexer: ControlFileLexer(bytes))
    try parser.run()
    return parser.processes
  }

  private init(lexer: ControlFileLexer) { self.lexer = lexer }

  // MARK: Tokens

  private mutating func advance() throws(ControlFileError) {
    token = try lexer.next()
    line = lexer.line
  }

  /// The token as a keyword: lower case; nil where it is no bare word.
  private var keyword: String? {
    if case .word(let word) = token { word.lowercased() } else { nil }
  }

  private static let noise: Set<String> = [
    "is", "as", "are", "for", "on", "only", "with", "within", "without", "program", "programs",
    "and", "has", "using", "use", "the", "sum", "than", "usage", "was", "times", "but", "of",
    "does",
  ]

  private mutating func skipNoise() throws(ControlFileError) {
    while token == .symbol(UInt8(ascii: "=")) || keyword.map(Self.noise.contains) == true {
      try advance()
    }
  }

  /// The text of a word or a quoted text, taken.
  private mutating func takeText(_ meaning: String) throws(ControlFileError) -> String {
    switch token {
    case .word(let text), .quoted(let text, _):
      try advance()
      return text
    case .symbol, .braces, .end:
      throw ControlFileError(line: line, what: "has no \(meaning)")
    }
  }

  // MARK: Statements

  private mutating func run() throws(ControlFileError) {
    try advance()
    while token != .end {
      switch keyword {
      case "check":
        try advance()
        try check()
      case "set", "include":
        finish()
        try skipToCheck()
      case "start", "stop", "restart":
        let word = keyword
        try advance()
        try program(word ?? "")
      case "if":
        try condition()
      case "group":
        try advance()
        let name = try takeText("name behind 'group'")
        current?.groups.append(name)
      case "depend", "depends":
        try advance()
        try dependencies()
      case "mode", "onreboot":
        // The word behind it may be one that otherwise begins a statement.
        try advance()
        try skipNoise()
        try advance()
      default: try advance()
      }
    }
    finish()
  }

  private mutating func finish() {
    if let current { processes.append(current) }
    current = nil
  }

  private mutating func skipToCheck() throws(ControlFileError) {
    repeat {
      try advance()
    } while token != .end && keyword != "check" && keyword != "set"
      && keyword != "include"
  }

  private static let otherChecks: Set<String> = [
    "device", "filesystem", "file", "directory", "host", "system", "fifo", "status", "program",
    "network",
  ]

  private mutating func check() throws(ControlFileError) {
    finish()
    if let keyword, Self.otherChecks.contains(keyword) { return try advance() }
    if keyword == "process" { try advance() }
    let start = line
    let name = try takeText("name behind 'check process'")
    if processes.contains(where: { $0.name == name }) {
      throw ControlFileError(line: start, what: "has a second check of the process \(quoted(name))")
    }
    try skipNoise()
    switch keyword {
    case "pidfile", "path":
      try advance()
      let path = try takeText("path behind 'pidfile'")
      current = MonitoredProcess(name: name, identity: .pidFile(path), line: start)
    case "match", "matching":
      try advance()
      let pattern = try takeText("pattern behind 'matching'")
      current = MonitoredProcess(name: name, identity: .matching(pattern), line: start)
    default:
      throw ControlFileError(
        line: start,
        what: "has a check of the process \(quoted(name)) without 'with pidfile PATH'"
      )
    }
  }

  private mutating func dependencies() throws(ControlFileError) {
    if keyword == "on" { try advance() }
    while true {
      let name = try takeText("name behind 'depends on'")
      current?.dependencies.append(name)
      if token != .symbol(UInt8(ascii: ",")) { return }
      try advance()
    }
  }

  private mutating func program(_ word: String) throws(ControlFileError) {
    let start = line
    if keyword == "program" { try advance() }
    if token == .symbol(UInt8(ascii: "=")) { try advance() }
    var arguments: [String] = []
    if case .quoted(let text, UInt8(ascii: "\"")) = token {
      arguments = try Self.split(text, line: line)
      try advance()
    } else {
      while let argument = bareArgument {
        arguments.append(argument)
        try advance()
      }
    }
    if arguments.isEmpty {
      throw ControlFileError(line: start, what: "has a '\(word) program' without a program")
    }
    var program = ControlProgram(
      arguments: arguments,
      user: nil,
      group: nil,
      timeout: ControlProgram.standardTimeout
    )
    try options(&program)
    switch word {
    case "start": current?.start = program
    case "stop": current?.stop = program
    default: break
    }
  }

  /// An argument of a program that is written without double quotes.
  private var bareArgument: String? {
    switch token {
    case .quoted(let text, _): text
    case .word(let text) where !Self.endsArguments(text.lowercased()): text
    default: nil
    }
  }

  private static func endsArguments(_ word: String) -> Bool {
    switch word {
    case "as", "with", "uid", "gid", "timeout", "and", "check", "start", "stop", "restart", "if",
      "group", "depend", "depends", "mode", "every", "alert", "noalert", "onreboot", "set",
      "include":
      true
    default: false
    }
  }

  private mutating func options(_ program: inout ControlProgram) throws(ControlFileError) {
    while true {
      switch keyword {
      case "as", "with", "and", "using": try advance()
      case "uid":
        try advance()
        program.user = try takeText("user behind 'uid'")
      case "gid":
        try advance()
        program.group = try takeText("group behind 'gid'")
      case "timeout":
        try advance()
        let place = line
        let text = try takeText("number behind 'timeout'")
        guard let number = Int64(text), (1...1_000_000).contains(number) else {
          throw ControlFileError(line: place, what: "has a timeout of \(quoted(text))")
        }
        if keyword == "minute" || keyword == "minutes" {
          try advance()
          program.timeout = .seconds(number * 60)
        } else {
          if keyword == "second" || keyword == "seconds" { try advance() }
          program.timeout = .seconds(number)
        }
      default: return
      }
    }
  }

  /// Reads over `if … then ACTION [else [if … then] ACTION]`: its actions have the names of
  /// statements.
  private mutating func condition() throws(ControlFileError) {
    while token != .end, keyword != "then" { try advance() }
    try action()
    while keyword == "else" {
      try advance()
      if keyword == "if" { while token != .end, keyword != "then" { try advance() } }
      if keyword == "then" { try action() } else { try takeAction() }
    }
  }

  private mutating func action() throws(ControlFileError) {
    // Over `then`.
    try advance()
    try takeAction()
  }

  private mutating func takeAction() throws(ControlFileError) {
    let isProgram = keyword == "exec" || keyword == "execute"
    try advance()
    if isProgram, case .quoted = token { try advance() }
  }

  /// Splits a program's text as monit does: at blanks, except in single quotes; nothing is escaped,
  /// and no shell looks at it.
  private static func split(_ text: String, line: Int) throws(ControlFileError) -> [String] {
    var arguments: [String] = []
    var rest = text.utf8[...]
    while let first = rest.first {
      switch first {
      case 0x20, 0x09, 0x0A, 0x0D: rest = rest.dropFirst()
      case UInt8(ascii: "'"):
        rest = rest.dropFirst()
        guard let end = rest.firstIndex(of: first) else {
          throw ControlFileError(line: line, what: "has a quote without an end")
        }
        arguments.append(String(decoding: rest[..<end], as: UTF8.self))
        rest = rest[rest.index(after: end)...]
      default:
        let end = rest.firstIndex { [0x20, 0x09, 0x0A, 0x0D].contains($0) } ?? rest.endIndex
        arguments.append(String(decoding: rest[..<end], as: UTF8.self))
        rest = rest[end...]
      }
    }
    return arguments
  }
}
