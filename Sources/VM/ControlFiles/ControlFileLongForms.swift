/// Tokens of monit that are longer than a word, and texts with a special form.
extension ControlFileLexer {
  /// A token of monit that is longer than a word, or a text with a special form.
  mutating func longForm(_ start: Int, _ wordEnd: Int) -> Bool {
    let word = text(start, wordEnd).lowercased()
    if let (keyword, end) = programOpening(start) {
      position = end
      state = .arguments
      add(.keyword(keyword), keyword, at: start, isQuoted: true)
      return true
    }
    switch word {
    case "depend", "depends":
      let blanks = run(wordEnd, Self.isSpaceOrTab)
      if blanks == wordEnd { return false }
      position = has("on", at: blanks) ? run(blanks + 2, Self.isSpaceOrTab) : blanks
      state = .dependencies
      add(.keyword("depends"), word, at: start)
      return true
    case "check": return check(start, wordEnd)
    case "group":
      let blanks = run(wordEnd, Self.isSpaceOrTab)
      if blanks == wordEnd { return false }
      position = blanks
      state = .groupName
      add(.keyword("group"), word, at: start)
      return true
    case "include":
      position = wordEnd
      state = .include
      return true
    default: break
    }
    return mailField(start) || url(start, wordEnd) || mailAddress(start, wordEnd)
      || load(start, word)
  }

  /// `start program = "` and similar, in the forms that are one token: `=` must be followed by a
  /// blank.
  private func programOpening(_ start: Int) -> (keyword: String, end: Int)? {
    let keyword: String
    var end: Int
    if has("start", at: start) {
      (keyword, end) = ("start", start + 5)
    } else if has("stop", at: start) {
      (keyword, end) = ("stop", start + 4)
    } else if has("restart", at: start) {
      (keyword, end) = ("restart", start + 7)
    } else if has("execute", at: start) {
      (keyword, end) = ("exec", start + 7)
    } else if has("exec", at: start) {
      (keyword, end) = ("exec", start + 4)
    } else {
      return nil
    }
    end = run(end, Self.isBlank)
    if keyword != "exec" {
      if has("program", at: end) { end = run(end + 7, Self.isBlank) }
      if byte(end) == UInt8(ascii: "="), Self.isBlank(byte(end + 1)) {
        end = run(end + 1, Self.isBlank)
      }
    }
    return byte(end) == UInt8(ascii: "\"") ? (keyword, end + 1) : nil
  }

  private static let kinds: [(StaticString, String)] = [
    ("device", "filesystem"), ("filesystem", "filesystem"), ("file", "file"),
    ("directory", "directory"), ("host", "host"), ("system", "system"), ("fifo", "fifo"),
    ("status", "status"),
  ]

  /// `check KIND`; without a kind it is a process.
  private mutating func check(_ start: Int, _ wordEnd: Int) -> Bool {
    let blanks = run(wordEnd, Self.isSpaceOrTab)
    if blanks == wordEnd { return false }
    position = blanks
    var kind = "process"
    if has("process", at: blanks), Self.isSpaceOrTab(byte(blanks + 7)) { position = blanks + 8 }
    for (word, name) in Self.kinds
    where has(word, at: blanks) && blanks + word.utf8CodeUnitCount > position {
      position = blanks + word.utf8CodeUnitCount
      kind = name
    }
    state = .serviceName
    add(.keyword("check \(kind)"), "check \(kind)", at: start)
    return true
  }

  private mutating func mailField(_ start: Int) -> Bool {
    let end: Int
    if has("subject:", at: start) {
      end = run(start) { $0 != UInt8(ascii: "}") && $0 != UInt8(ascii: "\n") }
    } else if has("message:", at: start) {
      end = run(start) { $0 != UInt8(ascii: "}") }
    } else if has("from:", at: start) || has("reply-to:", at: start) {
      let colon = run(start) { $0 != UInt8(ascii: ":") }
      let address = run(colon + 1, Self.isSpaceOrTab)
      guard let found = addressEnd(address) else { return false }
      end = found
    } else {
      return false
    }
    position = end
    add(.mailField, text(start, end), at: start)
    return true
  }

  private mutating func url(_ start: Int, _ wordEnd: Int) -> Bool {
    let scheme = text(start, wordEnd).lowercased()
    guard scheme == "http" || scheme == "https", has("://", at: wordEnd) else { return false }
    let end = run(wordEnd + 3) { !Self.isBlank($0) && $0 != UInt8(ascii: "\n") }
    position = end
    add(.url, text(start, end), at: start)
    return true
  }

  private mutating func mailAddress(_ start: Int, _ wordEnd: Int) -> Bool {
    guard let end = addressEnd(start) else { return false }
    position = end
    add(.mailAddress, text(start, end), at: start)
    return true
  }

  private func addressEnd(_ start: Int) -> Int? {
    let name = run(start, Self.isInWord)
    guard name > start, byte(name) == UInt8(ascii: "@") else { return nil }
    let end = run(name + 1, Self.isInWord)
    return end > name + 1 ? end : nil
  }

  /// `loadavg (5min)` and `cpu usage (user)`, which have no other meaning.
  private mutating func load(_ start: Int, _ word: String) -> Bool {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 }
    var end = start
    if word == "loadavg" {
      end += 7
    } else if word == "cpu" || (word.hasPrefix("cpuusage")) {
      end = run(start + 3, isSpace)
      while has("usage", at: end) { end += 5 }
    } else {
      return false
    }
    end = run(end, isSpace)
    guard byte(end) == UInt8(ascii: "("), let close = bytes[end...].firstIndex(of: 0x29) else {
      return false
    }
    let inside = text(end + 1, close).lowercased().split(separator: " ").joined(separator: " ")
    guard let keyword = Self.loads[word == "loadavg" ? word : "cpu"]?[inside] else { return false }
    position = close + 1
    add(.keyword(keyword), text(start, close + 1), at: start)
    return true
  }

  private static let loads: [String: [String: String]] = {
    var averages: [String: String] = [:]
    for minutes in ["1", "5", "15"] {
      for unit in ["", "m", "min", " m", " min"] { averages[minutes + unit] = "loadavg" }
    }
    var shares = ["": "cpu share"]
    for word in ["us", "usr", "user", "sy", "sys", "system", "wa", "wait"] {
      shares[word] = "cpu share"
    }
    return ["loadavg": averages, "cpu": shares]
  }()
}
