import PlanLanguage
import Words

/// Reads the lines of a hosts file, or one option.
struct HostLines {
  private let source: SourceFile
  private let via: CarrierCommand?
  private(set) var hosts: [Host] = []
  private(set) var diagnostics: [Diagnostic] = []
  private var places: [InstancePattern: Location] = [:]
  private var owners: [String: [ResolvedHost.Identity: ResolvedHost]] = [:]

  init(_ source: SourceFile, via: CarrierCommand?) {
    (self.source, self.via) = (source, via)
  }

  /// Reads all lines.
  mutating func readLines() {
    let bytes = source.bytes
    var start = HostsText.start(bytes)
    var hasLines = false
    while start < bytes.count, diagnostics.count < Diagnostic.limit {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      let hasReturn = end > start && bytes[end - 1] == 0x0D
      do throws(HostWords.Mistake) {
        let words = try HostWords.words(bytes, start..<(hasReturn ? end - 1 : end))
        hasLines = hasLines || !words.isEmpty
        read(words)
      } catch {
        hasLines = true
        report(.malformedHostLine, error.span, error.message, note: error.note)
      }
      start = end + 1
    }
    if !hasLines {
      report(
        .emptyHosts,
        Span(0, 0),
        "the hosts file names no host",
        note: "a line is an instance and its host, such as: web/0  root@10.0.16.5"
      )
    }
  }

  /// Reads `web/0=ssh://root@10.0.16.5:22/var/vcap`; without `=` it is about all instances.
  mutating func readOption() {
    let bytes = source.bytes
    let equals = bytes.firstIndex(of: UInt8(ascii: "="))
    let start = equals.map { $0 + 1 } ?? 0
    let value = HostWord(
      text: String(decoding: bytes[start...], as: UTF8.self),
      span: Span(UInt32(start), UInt32(bytes.count)),
      isPlain: true
    )
    var name = HostWord(text: "*", span: value.span, isPlain: false)
    if let equals {
      name.text = String(decoding: bytes[..<equals], as: UTF8.self)
      name.span = Span(0, UInt32(equals))
    }
    guard let pattern = pattern(name), let host = host(value, nil) else { return }
    add(host, pattern, name, value, root: host.root, via: nil)
    // An option without a name is for plans of one VM.
    if equals != nil, let host = hosts.last { checkIsOneHostEach(host) }
  }

  private mutating func report(
    _ code: DiagnosticCode,
    _ span: Span,
    _ message: String,
    note: String? = nil,
    fixIt: Diagnostic.FixIt? = nil
  ) {
    diagnostics.append(
      Diagnostic(
        code,
        at: Location(source.id, span),
        message,
        notes: note.map { [Diagnostic.Note($0)] } ?? [],
        fixIt: fixIt
      )
    )
  }

  private mutating func report(_ mistake: HostMistake, in word: HostWord) {
    let span = word.span(of: mistake.range)
    report(
      mistake.code,
      span,
      mistake.message,
      note: mistake.note,
      fixIt: mistake.replacement.map {
        Diagnostic.FixIt("write '\($0)'", replacing: span, with: $0)
      }
    )
  }

  private mutating func read(_ words: [HostWord]) {
    guard let first = words.first else { return }
    let pattern = pattern(first)
    if pattern == nil { return }
    guard words.count > 1, !isSetting(words[1]) else {
      report(
        .malformedHostLine,
        Span(first.span.end, first.span.end),
        "no host is given for \(quoted(first.text))",
        note: "the host comes after the instance, such as: \(first.text)  root@10.0.16.5"
      )
      return
    }
    var settings = HostSettings()
    let mistakes = diagnostics.count
    for word in words.dropFirst(2) {
      do throws(HostMistake) {
        try settings.read(word)
      } catch {
        report(error, in: word)
      }
    }
    guard let host = host(words[1], settings.via ?? via), let pattern else { return }
    if let path = host.root, settings.root != nil {
      report(
        .malformedHostLine,
        words[1].span,
        "the folder is given twice, with 'vm=' and in the URL as \(quoted(path))"
      )
    }
    add(host, pattern, first, words[1], root: settings.root ?? host.root, via: settings.via)
    if diagnostics.count == mistakes, let host = hosts.last { checkIsOneHostEach(host) }
  }

  private func isSetting(_ word: HostWord) -> Bool {
    guard let length = word.keyLength else { return false }
    return HostSettings.Key(rawValue: String(word.text.utf8.prefix(length)) ?? "") != nil
  }

  private mutating func pattern(_ word: HostWord) -> InstancePattern? {
    if let pattern = InstancePattern(word.text) { return pattern }
    let isHost =
      word.text.contains("@") || IPAddress.isV4(word.text) || word.text.contains("://")
    report(
      .malformedHostLine,
      word.span,
      "\(quoted(word.text)) is not an instance",
      note: isHost
        ? "a line begins with the instance, and the host comes after it, such as: web/0  \(word.text)"
        : "write one instance such as web/0, or web/* or * for all that have no line of their own"
    )
    return nil
  }

  private mutating func host(_ word: HostWord, _ via: CarrierCommand?) -> HostAddress? {
    do throws(HostMistake) {
      return try HostAddress(word.text, hasCarrier: via != nil)
    } catch {
      report(error, in: word)
      return nil
    }
  }

  private mutating func add(
    _ address: HostAddress,
    _ pattern: InstancePattern,
    _ name: HostWord,
    _ place: HostWord,
    root: String?,
    via: CarrierCommand?
  ) {
    let location = Location(source.id, name.span)
    if let other = places[pattern] {
      diagnostics.append(Self.duplicate(pattern, at: location, other))
      return
    }
    places[pattern] = location
    let host = Host(
      pattern: pattern,
      user: address.user,
      address: address.name,
      port: address.port,
      root: root,
      via: via,
      boshName: nil,
      location: location,
      addressLocation: Location(source.id, place.span)
    )
    hosts.append(host)
  }

  /// A line about several instances has to name several hosts, and no host is two instances'.
  private mutating func checkIsOneHostEach(_ host: Host) {
    if case .instance(let job, let index) = host.pattern {
      let resolved = ResolvedHost(host, deploymentJob: job, index: index, via)
      if let other = owners[job, default: [:]].updateValue(resolved, forKey: resolved.identity) {
        diagnostics.append(.sharedHost(resolved, other))
      }
      return
    }
    let found = (try? PlaceholderText(host.address).placeholders) ?? []
    let all = found.union((host.via ?? via)?.placeholders ?? [])
    if all.isDisjoint(with: [.instance, .index]) {
      report(
        .sharedHost,
        host.addressLocation.span,
        "'\(host.pattern)' is about several instances, and \(quoted(host.address)) is one host",
        note:
          "write {index} in the name of the host, such as web-{index}.example.org, or a line for "
          + "each instance"
      )
    }
  }

  /// Two lines about the same instances.
  static func duplicate(
    _ pattern: InstancePattern,
    at location: Location,
    _ other: Location
  ) -> Diagnostic {
    Diagnostic(
      .duplicateHost,
      at: location,
      "a second host for '\(pattern)'",
      notes: [Diagnostic.Note("the first one is here", at: other)]
    )
  }
}

/// What follows the host on a line.
struct HostSettings {
  enum Key: String, CaseIterable { case vm, via }

  private(set) var root: String?
  private(set) var via: CarrierCommand?
  private var seen: Set<String> = []

  /// Takes in one word.
  mutating func read(_ word: HostWord) throws(HostMistake) {
    let whole = 0..<word.text.utf8.count
    guard let length = word.keyLength else {
      throw HostMistake(
        code: .malformedHostLine,
        range: whole,
        message: "\(quoted(word.text)) is not a setting",
        note:
          "after the host there can be vm=FOLDER and via=COMMAND; put a value with blanks in quotes"
      )
    }
    let name = String(word.text.utf8.prefix(length)) ?? ""
    let value = String(word.text.utf8.dropFirst(length + 1)) ?? ""
    guard let key = Key(rawValue: name) else { throw Self.unknown(name, length) }
    if !seen.insert(name).inserted {
      throw HostMistake(
        code: .malformedHostLine,
        range: whole,
        message: "a second '\(name)' on the line"
      )
    }
    switch key {
    case .vm:
      if !value.hasPrefix("/") {
        throw HostMistake(
          code: .malformedHostLine,
          range: whole,
          message: value.isEmpty
            ? "no folder after 'vm='" : "the VM's folder \(quoted(value)) does not begin with '/'"
        )
      }
      root = value
    case .via:
      do throws(CarrierCommand.Mistake) {
        via = try CarrierCommand(value)
      } catch {
        let offset = length + 1
        throw HostMistake(
          code: .malformedHostLine,
          range: (offset + error.range.lowerBound)..<(offset + error.range.upperBound),
          message: value.isEmpty ? "no command after 'via='" : error.message,
          replacement: word.isPlain ? error.meant : nil
        )
      }
    }
  }

  private static func unknown(_ name: String, _ length: Int) -> HostMistake {
    let meant = nearMiss(name, among: Key.allCases.map(\.rawValue))
    let note: String
    switch name.lowercased() {
    case "user": note = "the user is written before the host: root@10.0.16.5"
    case "port": note = "the port is written after the host: 10.0.16.5:22"
    case "root", "folder", "path": note = "the VM's folder is written vm=FOLDER"
    default: note = "there are vm=FOLDER and via=COMMAND"
    }
    return HostMistake(
      code: .unknownHostSetting,
      range: 0..<length,
      message: "there is no setting \(quoted(name))",
      note: meant == nil ? note : nil,
      replacement: meant
    )
  }
}
