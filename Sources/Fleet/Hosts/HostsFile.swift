package import PlanLanguage

/// Which host each instance is on: what a hosts file and the options beside it say.
package struct HostsFile: Sendable {
  /// A file with more bytes is refused.
  package static let mostBytes = 16 << 20

  /// The lines, those of the options first.
  package private(set) var hosts: [Host] = []
  /// What is wrong, in the order of the text.
  package private(set) var diagnostics: [Diagnostic] = []
  /// The file, and each option as a file of its own.
  package private(set) var sources: [SourceFile] = []

  /// The command for lines that name none.
  let via: CarrierCommand?
  /// The instances that BOSH knows but that have no address, and where they are named.
  private(set) var withoutAddress: [InstancePattern: Location] = [:]
  /// Whether the file comes from BOSH, and so may be about more than a plan.
  private(set) var isFromBosh = false

  /// Reads a hosts file and options that name single hosts, such as `web/0=ssh://root@10.0.16.5`.
  ///
  /// An option counts in place of the file's line about the same instances.
  ///
  /// - Parameters:
  ///   - file: the hosts file, if there is one: lines, or the JSON of `bosh instances` or `bosh vms`.
  ///     Options get the file numbers after its own.
  ///   - options: the options.
  ///   - via: the command that connects to hosts whose line names none.
  package init(_ file: SourceFile?, options: [String] = [], via: CarrierCommand? = nil) {
    self.via = via
    for (index, option) in options.enumerated() {
      let id = FileID((file?.id.index ?? -1) + 1 + index)
      let source = SourceFile(id: id, name: "--vm", text: option)
      sources.append(source)
      var reader = HostLines(source, via: via)
      reader.readOption()
      take(reader.hosts, reader.diagnostics)
    }
    guard let file else { return }
    sources.insert(file, at: 0)
    let named = Set(hosts.map(\.pattern))
    var found: [Host]
    if let mistake = HostsText.mistake(in: file) {
      diagnostics.append(mistake)
      return
    } else if HostsText.isJSON(file.bytes) {
      isFromBosh = true
      let table = BoshTable(file)
      (found, withoutAddress) = (table.hosts, table.withoutAddress)
      diagnostics += table.diagnostics
    } else {
      var reader = HostLines(file, via: via)
      reader.readLines()
      found = reader.hosts
      diagnostics += reader.diagnostics
    }
    found.removeAll { named.contains($0.pattern) }
    hosts += found
  }

  /// Whether an option names a host on another machine, and not the folder of a VM on this one.
  package static func isHost(option: String) -> Bool {
    let value = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    return value.last?.hasPrefix("ssh://") == true
  }

  /// Whether no run can use these hosts.
  package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

  private mutating func take(_ found: [Host], _ wrong: [Diagnostic]) {
    diagnostics += wrong
    for host in found {
      if let other = hosts.first(where: { $0.pattern == host.pattern }) {
        diagnostics.append(HostLines.duplicate(host.pattern, at: host.location, other.location))
      } else {
        hosts.append(host)
      }
    }
  }
}

/// The first look at a hosts file.
enum HostsText {
  /// The byte order mark that some editors write at the start of a file.
  private static let mark: [UInt8] = [0xEF, 0xBB, 0xBF]

  /// Where the text begins.
  static func start(_ bytes: [UInt8]) -> Int { bytes.starts(with: mark) ? mark.count : 0 }

  /// Why a file cannot be a hosts file at all; nil if it can.
  static func mistake(in file: SourceFile) -> Diagnostic? {
    let bytes = file.bytes
    if bytes.count > HostsFile.mostBytes {
      return Diagnostic(
        .hostsTooLarge,
        at: Location(file.id, Span(0, 0)),
        "the hosts file has \(bytes.count) bytes, and \(HostsFile.mostBytes) are the most"
      )
    }
    let check = bytes.withUnsafeBufferPointer { TextCheck($0) }
    if let invalid = check.firstInvalid {
      return Diagnostic(
        .hostsNotText,
        at: Location(file.id, Span(UInt32(invalid), UInt32(invalid + 1))),
        "the hosts file is not UTF-8 text"
      )
    }
    if let zero = check.firstZero {
      return Diagnostic(
        .hostsNotText,
        at: Location(file.id, Span(UInt32(zero), UInt32(zero + 1))),
        "the hosts file contains a zero byte, so it is not text"
      )
    }
    return nil
  }

  /// Whether a text can only be JSON.
  static func isJSON(_ bytes: [UInt8]) -> Bool {
    let first = bytes[start(bytes)...].first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
  }
}
