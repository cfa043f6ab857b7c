import Glibc
import PlanLanguage
import Words

/// Reads a monit control file as monit 5.2.5 does when it loads it, and refuses what that refuses.
///
/// In addition it accepts a pid file with a relative path, which starts in the VM's folder, and
/// `restart program`, `onreboot` and `every "…"` of later versions; the result lists them. It
/// refuses what monit understands in a way that nobody means: a program without quotes that is not
/// a path, bare words after one in quotes, quotes without an end, and a timeout of 0.
struct ControlFileParser {
  private let lines: ControlFileLines
  /// Names of checks, in lower case.
  private var names: Set<String> = []
  private let tokens: [ControlFileToken]
  /// Why there are no more tokens.
  private let failure: ControlFileError?
  private var index = 0
  private var file = ControlFile()
  /// The process that statements now belong to; nil inside of another kind of check.
  private var current: MonitoredProcess?
  /// How the last statement explains a mistake that follows it.
  private var hint: String?

  /// Reads all of a file.
  ///
  /// - Parameter bytes: its contents.
  /// - Returns: what it declares, in any group.
  /// - Throws: what is wrong, at the first place.
  static func parse(_ bytes: [UInt8]) throws(ControlFileError) -> ControlFile {
    var parser = ControlFileParser(bytes)
    try parser.run()
    return parser.file
  }

  private init(_ bytes: [UInt8]) {
    lines = ControlFileLines(bytes)
    (tokens, failure) = ControlFileLexer.tokens(bytes)
  }

  // MARK: Tokens

  private var token: ControlFileToken { tokens[index] }

  private var keyword: String? {
    if case .keyword(let word) = token.terminal { word } else { nil }
  }

  private func place(_ index: Int) -> ControlFilePlace {
    lines.place(tokens[index].offset)
  }

  private func error(at index: Int, _ what: String) -> ControlFileError {
    // What could not be read comes first, as it may be what is missing here.
    if tokens[index].terminal == .end, let failure { return failure }
    return ControlFileError(place: place(index), what: what)
  }

  /// An error about a token; says what could be there instead.
  private func unexpected(
    at index: Int,
    _ expected: [ControlFileTerminal]
  ) -> ControlFileError {
    let token = tokens[index]
    let found = token.terminal == .end ? "ends" : "has \(quoted(token.text))"
    let words = expected.map(\.words)
    let near = nearMiss(token.text, among: expected.compactMap(\.word))
    if token.terminal == .string, let near {
      return error(at: index, "\(found), which monit does not know; write \(quoted(near))")
    }
    if words.isEmpty || words.count > 4 {
      return error(at: index, "\(found) where monit wants something else")
    }
    let list =
      words.count == 1
      ? words[0] : "\(words.dropLast().joined(separator: ", ")) or \(words[words.count - 1])"
    return error(at: index, "\(found) where monit wants \(list)")
  }

  private mutating func take(_ wanted: ControlFileTerminal...) throws(ControlFileError)
    -> ControlFileToken
  {
    guard wanted.contains(token.terminal) else { throw unexpected(at: index, wanted) }
    let found = token
    if index < tokens.count - 1 { index += 1 }
    return found
  }

  // MARK: Statements

  private mutating func run() throws(ControlFileError) {
    while token.terminal != .end {
      let word = keyword ?? ""
      if word.hasPrefix("check ") {
        try check(String(word.dropFirst(6)))
      } else if word == "set" {
        try take(rule: "set")
      } else {
        throw unknownStatement(["check process", "set", "include"])
      }
    }
    if let failure { throw failure }
  }

  private func unknownStatement(_ words: [String]) -> ControlFileError {
    if let hint { return error(at: index, "has \(quoted(token.text)): \(hint)") }
    let near =
      token.terminal == .string
      ? nearMiss(token.text, among: words.flatMap { $0.split(separator: " ").map(String.init) })
      : nil
    let help = near.map { "; write \(quoted($0))" } ?? ""
    return error(
      at: index,
      "has \(quoted(token.text)), which does not begin a monit statement\(help)"
    )
  }

  /// Takes a statement that has nothing that is used here.
  @discardableResult
  private mutating func take(
    rule: String
  ) throws(ControlFileError) -> StatementGrammar.Reach {
    var reach = StatementGrammar.Reach()
    guard let end = ControlFileGrammar.rules.match(rule, tokens, from: index, &reach) else {
      throw unexpected(at: reach.furthest, reach.expected)
    }
    for (name, range) in reach.found { try checkNumbers(name, range) }
    index = end
    hint = nil
    return reach
  }

  /// What monit says about numbers that it understands.
  private func checkNumbers(_ rule: String, _ range: Range<Int>) throws(ControlFileError) {
    let numbers = range.filter { tokens[$0].terminal == .number }.prefix(2)
    let values = numbers.map { Int(tokens[$0].text) ?? Int.max }
    guard let first = values.first, let last = values.last else { return }
    switch rule {
    case "rate" where !(1...64).contains(last):
      throw error(at: range.lowerBound, "has \(last) cycles; monit takes 1 to 64")
    case "rate" where first < 1 || first > last:
      throw error(
        at: range.lowerBound,
        "has \(first) times within \(last) cycles; write 1 to \(last)"
      )
    case "action-rate" where first < 1 || first > last:
      throw error(
        at: range.lowerBound,
        "has \(first) restarts within \(last) cycles; write 1 to \(last)"
      )
    case "every" where first < 2:
      throw error(at: range.lowerBound, "has 'every \(first) cycles'; write 2 or more")
    default: return
    }
  }

  private mutating func check(_ kind: String) throws(ControlFileError) {
    hint = nil
    index += 1
    let nameIndex = index
    let name = try take(.serviceName).text
    if name.hasPrefix("/") {
      throw error(at: nameIndex, "has the name \(quoted(name)), which begins with '/'")
    }
    if !names.insert(name.lowercased()).inserted {
      throw error(at: nameIndex, "has a second check with the name \(quoted(name))")
    }
    file.services.append(ControlFile.Service(name: name, place: place(nameIndex)))
    switch kind {
    case "process": current = try process(name, place(nameIndex).line)
    case "host":
      _ = try take(.keyword("address"))
      _ = try take(.string)
    case "system": break
    default:
      _ = try take(.keyword("path"))
      _ = try take(.path)
    }
    var isTested = kind != "host"
    while let found = try option(kind) {
      if found.contains(where: { $0 == "connection" || $0 == "ping" }) { isTested = true }
    }
    if let current { file.processes.append(current) }
    current = nil
    if !isTested {
      throw error(at: nameIndex, "has a check of the host \(quoted(name)) without a port or ping")
    }
  }

  private mutating func process(
    _ name: String,
    _ line: Int
  ) throws(ControlFileError) -> MonitoredProcess {
    let kind = try take(.keyword("pidfile"), .keyword("path"), .keyword("match"))
    let textIndex = index
    let text = try take(.path, .string).text
    if kind.terminal == .keyword("match") {
      var expression = regex_t()
      if regcomp(&expression, text, REG_EXTENDED | REG_NOSUB) != 0 {
        throw error(at: textIndex, "has \(quoted(text)), which is not a regular expression")
      }
      regfree(&expression)
      return MonitoredProcess(name: name, identity: .matching(text), line: line)
    }
    if tokens[textIndex].terminal == .string {
      let what = "has the relative path \(quoted(text)); monit takes only absolute paths"
      file.relativePidFiles.append(ControlFileError(place: place(textIndex), what: what))
    }
    return MonitoredProcess(name: name, identity: .pidFile(text), line: line)
  }

  private static let options = [
    "start", "stop", "restart", "group", "depends on", "if", "alert", "noalert", "every", "mode",
    "onreboot", "timeout", "check process", "set",
  ]

  /// Takes a statement of a check; nil if another check begins.
  ///
  /// - Returns: the rules that it is made of.
  private mutating func option(_ kind: String) throws(ControlFileError) -> [String]? {
    let word = keyword ?? ""
    if token.terminal == .end || word.hasPrefix("check ") || word == "set" { return nil }
    switch word {
    case "start", "stop", "restart":
      if kind == "status" { throw unknownStatement(Self.options) }
      try program(word)
    case "group":
      index += 1
      let name = try take(.groupName).text
      current?.groups.append(name)
      hint = nil
    case "depends": try dependencies()
    case "every" where tokens[index + 1].terminal == .string:
      addLater("has 'every' with a time")
      index += 2
    case "not" where tokens[index + 1].terminal == .keyword("every"):
      addLater("has 'not every'")
      index += 2
      _ = try take(.string)
    case "if", "alert", "noalert", "every", "mode", "ignore":
      return try take(rule: kind).found.map(\.rule)
    default:
      guard token.terminal == .string, token.text.lowercased() == "onreboot" else {
        throw unknownStatement(Self.options)
      }
      addLater("has 'onreboot'")
      index += 1
      let how = index
      _ = try take(.string, .keyword("start"))
      guard ["start", "nostart", "laststate"].contains(tokens[how].text.lowercased()) else {
        throw error(
          at: how,
          "has \(quoted(tokens[how].text)) where monit wants 'start', 'nostart' or 'laststate'"
        )
      }
      hint = nil
    }
    return []
  }

  private mutating func addLater(_ what: String) {
    let what = "\(what), which monit 5.2.5 does not know"
    file.laterStatements.append(ControlFileError(place: place(index), what: what))
  }

  private mutating func dependencies() throws(ControlFileError) {
    index += 1
    hint = nil
    repeat {
      let place = place(index)
      let name = try take(.serviceName).text
      file.services[file.services.count - 1].dependencies.append(
        ControlFile.Dependency(name: name, place: place)
      )
      current?.dependencies.append(name)
    } while token.terminal == .serviceName
  }

  // MARK: Programs

  private mutating func program(_ word: String) throws(ControlFileError) {
    if word == "restart" { addLater("has 'restart program'") }
    index += 1
    let first = index
    var arguments: [String] = []
    while isArgument(behind: first) {
      arguments.append(token.text)
      index += 1
    }
    guard let name = arguments.first, arguments.count < Self.mostArguments else {
      throw error(
        at: arguments.isEmpty && keyword != "equal" && token.terminal != .end ? first - 1 : first,
        arguments.isEmpty
          ? "has no program in double quotes after \(quoted(word)); write "
            + "\(word) program = \"/path argument …\""
          : "has a program with \(arguments.count) words; monit takes less than \(Self.mostArguments)"
      )
    }
    if !tokens[first].isQuoted, !name.hasPrefix("/") {
      throw error(
        at: first,
        name.hasSuffix("=")
          ? "has \(quoted(name)), which monit reads as the program; put a blank after the '='"
          : "has the program \(quoted(name)) without double quotes"
      )
    }
    var program = ControlProgram(
      arguments: arguments,
      user: nil,
      group: nil,
      timeout: ControlProgram.standardTimeout
    )
    hint =
      arguments.last?.hasSuffix("\\") == true
      ? "a backslash does not escape a double quote here; use single quotes"
      : nil
    while keyword == "uid" || keyword == "gid" {
      let isUser = keyword == "uid"
      index += 1
      let name = try take(.string, .number).text
      if isUser { program.user = name } else { program.group = name }
    }
    if keyword == "timeout" {
      index += 1
      let place = index
      let text = try take(.number).text
      _ = try take(.keyword("second"))
      guard let number = Int64(text), (1...1_000_000).contains(number) else {
        throw error(at: place, "has a timeout of \(text) seconds")
      }
      program.timeout = .seconds(number)
      hint =
        keyword == "uid" || keyword == "gid"
        ? "'as uid' and 'as gid' come before 'with timeout'" : nil
    }
    switch word {
    case "start": current?.start = program
    case "stop": current?.stop = program
    default: break
    }
  }

  /// Whether the token is one more word of a program.
  ///
  /// Monit also takes bare words after the closing quote, such as a misspelt clause.
  private func isArgument(behind first: Int) -> Bool {
    guard token.terminal == .string || token.terminal == .path else { return false }
    if token.isQuoted || index == first { return true }
    return !tokens[first].isQuoted && token.text.lowercased() != "onreboot"
  }

  /// A program with this many words, including its own path, is refused.
  private static let mostArguments = 64
}

extension ControlFileTerminal {
  /// For people.
  fileprivate var words: String {
    switch self {
    case .keyword: quoted(word ?? "")
    case .symbol(let byte): "'\(Character(Unicode.Scalar(byte)))'"
    case .string: "a text"
    case .path: "a path from '/' on"
    case .number: "a number"
    case .real: "a number with a point"
    case .mailAddress: "a mail address"
    case .mailField: "a line of a mail's format"
    case .url: "a URL"
    case .serviceName, .groupName: "a name"
    case .end: "the end"
    }
  }

  /// The usual spelling of the word; nil if it is not one of monit's words.
  fileprivate var word: String? {
    guard case .keyword(let word) = self else { return nil }
    switch word {
    case "second", "minute", "hour", "day", "cycle": return "\(word)s"
    case "proto": return "protocol"
    case "match": return "matching"
    case "greater": return ">"
    case "less": return "<"
    case "equal": return "="
    case "notequal": return "!="
    case "percent": return "%"
    case "cpu share": return "cpu (user)"
    default: return word
    }
  }
}
