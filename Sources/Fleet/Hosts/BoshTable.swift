import PlanLanguage
import Words

/// Reads what `bosh instances --json` and `bosh vms --json` print.
///
/// The document holds `Tables`, each with `Rows`, whose values are texts. Instances are named by
/// identifiers such as `web/8c3f…`. Their indices are there only with `--details`. Without them the
/// instances of a deployment job are numbered in the order of the rows, which gives a warning.
struct BoshTable {
  private let source: SourceFile
  private(set) var hosts: [Host] = []
  private(set) var withoutAddress: [InstancePattern: Location] = [:]
  private(set) var diagnostics: [Diagnostic] = []

  /// A row about a VM.
  private struct Row {
    var name: String
    var deploymentJob: String
    var index: String?
    var address: String?
    var location: Location
  }

  /// From where on the next row's name is searched in the text.
  private var searched: Int

  init(_ source: SourceFile) {
    self.source = source
    searched = HostsText.start(source.bytes)
    do throws(JSONFailure) {
      let document = try JSONReader.read(Array(source.bytes[searched...]))
      guard let tables = document.field("Tables")?.elements else {
        reportNoTable(document)
        return
      }
      var rows: [Row] = []
      for table in tables {
        for row in table.field("Rows")?.elements ?? [] {
          if let row = self.row(row) { rows.append(row) }
        }
      }
      if rows.isEmpty, diagnostics.isEmpty {
        report("the tables have no row about an instance", at: Span(0, 1))
      }
      take(rows)
    } catch {
      report("the hosts file is not JSON: it \(error.what)", at: place(error))
    }
  }

  private mutating func report(_ message: String, at span: Span) {
    diagnostics.append(
      Diagnostic(
        .unusableBoshTable,
        at: Location(source.id, span),
        message,
        notes: [
          Diagnostic.Note(
            "a file that begins with '{' is read as the output of 'bosh instances --json'"
          )
        ]
      )
    )
  }

  /// The CLI prints its failures as lines, in place of tables.
  private mutating func reportNoTable(_ document: JSONValue) {
    let lines = (document.field("Lines")?.elements ?? []).compactMap(\.text)
    guard let line = lines.last(where: { !$0.hasPrefix("Exit code") }) else {
      return report("this JSON has no 'Tables', as the BOSH CLI prints them", at: Span(0, 1))
    }
    report("the BOSH CLI printed no table; its last line is \(quoted(line))", at: Span(0, 1))
  }

  private func place(_ failure: JSONFailure) -> Span {
    var line = 1
    var start = searched
    while line < failure.line, let end = source.bytes[start...].firstIndex(of: 0x0A) {
      start = end + 1
      line += 1
    }
    let offset = min(start + failure.column - 1, source.bytes.count)
    return Span(UInt32(offset), UInt32(min(offset + 1, source.bytes.count)))
  }

  /// Reads a row; nil if it is about a process or about nothing.
  private mutating func row(_ value: JSONValue) -> Row? {
    guard let name = value.field("instance")?.text, let slash = name.firstIndex(of: "/") else {
      return nil
    }
    // With --ps there are rows for the processes as well.
    if let process = value.field("process")?.text, !process.isEmpty, process != "-" { return nil }
    let job = String(name[..<slash])
    let id = String(name[name.index(after: slash)...])
    guard case .instance? = InstancePattern("\(job)/0"),
      case .instance? = InstancePattern("x/\(id)")
    else { return nil }
    let given = value.field("index")?.text
    let isNumber = !id.isEmpty && id.utf8.allSatisfy { (0x30...0x39).contains($0) }
    let index = given.flatMap { UInt32($0) }.map { "\($0)" } ?? (isNumber ? id : nil)
    // All addresses are in one text, a line each.
    let addresses = value.field("ips")?.text?.split { $0 == "\n" || $0 == "," || $0 == " " } ?? []
    let address = addresses.first { IPAddress.isV4($0) || IPAddress.isV6($0) }
    return Row(
      name: name,
      deploymentJob: job,
      index: index,
      address: address.map(String.init),
      location: Location(source.id, find(name))
    )
  }

  /// Where a row's name is in the text; rows come in the order of the text.
  private mutating func find(_ name: String) -> Span {
    let wanted = Array("\"\(name)\"".utf8)
    guard let found = source.bytes[searched...].firstRange(of: wanted) else {
      return Span(UInt32(searched), UInt32(searched))
    }
    searched = found.upperBound
    return Span(UInt32(found.lowerBound + 1), UInt32(found.upperBound - 1))
  }

  private mutating func take(_ rows: [Row]) {
    var counts: [String: Int] = [:]
    var places: [InstancePattern: Location] = [:]
    var byOrder: [Row] = []
    // Indices that are given are not given again to others.
    let isNumbered = rows.allSatisfy { $0.index != nil }
    for row in rows {
      let number = counts[row.deploymentJob, default: 0]
      counts[row.deploymentJob] = number + 1
      let index = isNumbered ? row.index ?? "\(number)" : "\(number)"
      if !isNumbered { byOrder.append(row) }
      let pattern = InstancePattern.instance(deploymentJob: row.deploymentJob, index: index)
      if let other = places[pattern] {
        var duplicate = HostLines.duplicate(pattern, at: row.location, other)
        duplicate.notes.append(
          Diagnostic.Note("name one deployment: bosh -d DEPLOYMENT instances --details --json")
        )
        if diagnostics.count < Diagnostic.limit { diagnostics.append(duplicate) }
        continue
      }
      places[pattern] = row.location
      guard let address = row.address else {
        withoutAddress[pattern] = row.location
        continue
      }
      hosts.append(
        Host(
          pattern: pattern,
          address: address,
          boshName: row.name,
          location: row.location,
          addressLocation: row.location
        )
      )
    }
    // One instance alone is the first in every order.
    if let first = byOrder.first(where: { counts[$0.deploymentJob, default: 0] > 1 }) {
      diagnostics.append(
        Diagnostic(
          .hostsByOrder,
          at: first.location,
          "the rows have no index, so instances are numbered in the order of the rows",
          notes: [
            Diagnostic.Note(
              "'\(first.name)' is \(first.deploymentJob)/0 here, and may have another index in BOSH"
            ),
            Diagnostic.Note("bosh instances --details --json prints the indices"),
          ]
        )
      )
    }
  }
}

extension JSONValue {
  /// The value of a field; nil if this is no object or has no such field.
  fileprivate func field(_ name: String) -> JSONValue? {
    guard case .object(let object) = self else { return nil }
    return object.all.first { $0.name == name }?.value
  }

  /// The elements of a list; nil if this is none.
  fileprivate var elements: [JSONValue]? {
    guard case .array(let elements) = self else { return nil }
    return elements
  }

  /// A text, or a number as it is written; nil for anything else.
  fileprivate var text: String? {
    switch self {
    case .string(let text): text
    case .number(let digits): digits
    default: nil
    }
  }
}
